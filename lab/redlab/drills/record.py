"""What a drill has seen and done: the raw record from which its result is computed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import Scenario
from redlab.measure.exchange import ExchangeRecord
from redlab.measure.history import History
from redlab.measure.loss import KindRecord
from redlab.measure.others import Item, OtherData
from redlab.measure.part import Part
from redlab.measure.primaries import LeaseTerm
from redlab.measure.replication import Lag
from redlab.measure.stall import Stall
from redlab.measure.stored_event import StoredEvent

STEADY_SECONDS = 2.0
"""How long everything must have succeeded before a fault."""


@dataclass
class Record:
    """Filled in as the drill goes on; instants are seconds of CLOCK_MONOTONIC, None: it did not come to that.

    ``part``: what was hit is to those who are served, where a scenario's element may be anything.
    ``work_began_at``: when planned work began that nobody may notice before ``fault_at``, its switchover.
    ``held``: what waited in the gateways when other collectors' data began to be watched, at ``watched_since``.
    ``stuck``: what waits in the gateways at the final read and should not.
    ``images``: the id of the image that each node ran when the drill began.
    """

    drill_id: str
    started_at: str
    scenario: Scenario
    load: LoadSettings
    target: str = ""
    part: Part | None = None
    replication_lag: Lag | None = None
    work_began_at: float | None = None
    fault_at: float | None = None
    evidence: str = ""
    down_gateways: tuple[str, ...] = ()
    epoch_before: int = 0
    detected_at: float | None = None
    decided_at: float | None = None
    rerouted_at: float | None = None
    heal_at: float | None = None
    healed_at: float | None = None
    redundancy_restored_at: float | None = None
    load_stopped_at: float | None = None
    read_at: float | None = None
    history: History | None = None
    events: list[StoredEvent] = field(default_factory=list)
    others: list[KindRecord] = field(default_factory=list)
    terms: list[LeaseTerm] = field(default_factory=list)
    abort_reasons: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    held: frozenset[Item] = frozenset()
    watched_since: float = 0.0
    other_data: OtherData | None = None
    stuck: tuple[str, ...] = ()
    exchange: ExchangeRecord | None = None
    disk_stalls: list[Stall] = field(default_factory=list)
    software: dict[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
