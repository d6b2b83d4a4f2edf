"""A synthetic drill whose answers can be worked out by hand.

Ten collects and ten users' requests a second from 95 s to 110 s, each answered after 0.01 s. At 100 s dps1 dies: users
get errors until 102 s, events are accepted all along and committed from 102.05 s by dps2. Healing is from 106 to 107 s.
So the recovery times are: collection 0.01 s, user 2.01 s, processing 2.05 s.
"""

from __future__ import annotations

from typing import Any

from redlab.measure.history import History, Kind, Operation, Outcome
from redlab.measure.measured import Objectives
from redlab.measure.others import OtherData
from redlab.measure.phases import Timeline
from redlab.measure.primaries import LeaseTerm
from redlab.measure.record import DrillRecord
from redlab.measure.result import Fault, LagSample, Load
from redlab.measure.stored_event import StoredEvent
from redlab.predict import derivations
from redlab.predict.scenario import predict
from redlab.predict.timers import Timers

COLLECTOR = "drill-1"
FAULT_AT = 100.0
TIMERS = Timers(
    lease_seconds=1.5,
    renew_seconds=0.5,
    standby_poll_seconds=0.2,
    service_start_seconds=0.0,
    gateway_poll_seconds=0.2,
    check_interval_seconds=0.25,
    check_timeout_seconds=0.25,
    check_fall=2,
    vrrp_advert_seconds=0.1,
    track_interval_seconds=1.0,
    client_timeout_seconds=2.0,
    connect_timeout_seconds=0.3,
    load_interval_seconds=0.1,
    load_balancers=2,
)


def operation(
    n: int, scheduled: float, outcome: Outcome = "ok", *, kind: Kind = "user", latency: float = 0.01
) -> Operation:
    """Return an operation that was sent when it was due; a collect of one event, with sequence number n + 1."""
    collect = kind == "collect"
    return Operation(
        kind=kind,
        n=n,
        events=1 if collect else 0,
        scheduled=scheduled,
        sent=scheduled,
        completed=scheduled + latency,
        outcome=outcome,
        status=200 if outcome == "ok" else None,
        node="gw1",
        detail="",
        collector_id=COLLECTOR,
        first_seq=n + 1 if collect else 0,
    )


def series(outcomes: str, *, start: float = FAULT_AT, interval: float = 0.25) -> list[Operation]:
    """Return users' operations at regular times: `.` ok, `x` fail, `?` unknown."""
    names: dict[str, Outcome] = {".": "ok", "x": "fail", "?": "unknown"}
    return [operation(n, start + n * interval, names[sign]) for n, sign in enumerate(outcomes)]


def stored(seq: int, accepted_at: float, processed_at: float, *, dps: str = "dps1", epoch: int = 1) -> StoredEvent:
    """Return a row of the final read."""
    return StoredEvent(COLLECTOR, seq, "gw1", accepted_at, processed_at, dps, epoch)


def record(**changes: Any) -> DrillRecord:
    """Return the drill described above; `changes` replace whole fields."""
    times = [(n, 95 + n / 10) for n in range(150)]
    collects = [operation(n, at, kind="collect") for n, at in times]
    users = [operation(n, at, "fail" if 100 <= at < 102 else "ok") for n, at in times]
    before = [stored(n + 1, at + 0.005, at + 0.05) for n, at in times if at < 100]
    after = [stored(n + 1, at + 0.005, max(at + 0.05, 102.05), dps="dps2", epoch=2) for n, at in times if at >= 100]
    fields: dict[str, Any] = {
        "drill_id": COLLECTOR,
        "started_at": "2026-01-02T03:04:05+00:00",
        "stack": "ha",
        "pattern": "HighAvailability",
        "objectives": Objectives(rto_seconds=10, rpo_events=0),
        "prediction": predict("dps-crash", derivations.dps_lost, TIMERS),
        "load": Load(10, 10, 1, 15, 0.3, 2.0),
        "fault": Fault("crash", "dps1", landed=True, evidence="exit code 137", injected_at=FAULT_AT),
        "timeline": Timeline(
            FAULT_AT,
            detected_at=101.5,
            fenced_at=101.6,
            promoted_at=101.8,
            load_started_at=95.0,
            load_ended_at=109.9,
            heal_at=106.0,
            healed_at=107.0,
            redundancy_restored_at=108.0,
        ),
        "histories": (History(COLLECTOR, tuple(collects + users), 0),),
        "expected_loads": 1,
        "events": tuple(before + after),
        "lease_terms": (
            LeaseTerm(1, "dps1", "first", 10.0, 10.1),
            LeaseTerm(2, "dps2", "lease expired", 101.6, 101.8),
        ),
        "read_at": 120.0,
        "steady_seconds": 3.0,
        "lag": (LagSample(101.0, "gw1", 10, 1.0), LagSample(103.0, "gw1", 0, 0.0)),
        "software": {"redlab": "0.1.0"},
        "images": {"gw1": "sha256:1a", "gw2": "sha256:1a", "dps1": "sha256:2b"},
        "other_data": OtherData(2, 15, 0, ()),
    }
    return DrillRecord(**{**fields, **changes})
