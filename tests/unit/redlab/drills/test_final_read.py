"""What the final read of a drill writes down, of one instance and of twins: without an engine."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Self

import pytest

from redlab.drills import final_read, storm, twin_read
from redlab.drills.final_read import FinalRead
from redlab.drills.load_settings import LoadSettings
from redlab.drills.record import Record
from redlab.drills.scenarios import find
from redlab.drills.storm import Storm
from redlab.drills.twin_read import TwinRead, Watched
from redlab.measure.history import History
from redlab.measure.others import Item
from redlab.measure.primaries import LeaseTerm
from redlab.probes import exchange, gateway_queue, log_instants, other_data
from redlab.probes.clock import Clock
from tests.support.unit.inventories import inventory_of
from tests.support.unit.samples import operation, stored

TERM = LeaseTerm(2, "dps2", "lease expired", 101.6, 101.8)
HELD = frozenset({Item("event", "other", 1)})


@pytest.fixture(autouse=True)
def databases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each database holds one event of whatever collector it is asked for, committed the sooner the later its name."""

    def rows(server: Any, _: Clock, collector: str) -> list[Any]:
        return [replace(stored(1, 100.0, 110.0 - int(server.site[-1])), collector=collector)]

    for module in (final_read, twin_read):
        monkeypatch.setattr(module, "stored_events", rows)
        monkeypatch.setattr(module, "stored_kinds", lambda *_: ["kinds"])
        monkeypatch.setattr(module, "lease_terms", lambda *_: [TERM])
    monkeypatch.setattr(final_read, "holder", lambda inventory: inventory.of_role("database")[0])
    monkeypatch.setattr(gateway_queue, "waiting", lambda *_: ())
    monkeypatch.setattr(other_data, "acknowledged", lambda *_: frozenset({Item("event", "other", 2)}))
    monkeypatch.setattr(other_data, "accounted", lambda *_: HELD)
    monkeypatch.setattr(log_instants, "gateway_given_up", lambda *_: 101.0)
    monkeypatch.setattr(log_instants, "virtual_ip_taken", lambda *_: 102.0)
    monkeypatch.setattr(exchange, "open_events", lambda *_: 0)
    monkeypatch.setattr(exchange, "sent_bytes", lambda _: 5000)
    monkeypatch.setattr(exchange, "actions", lambda _, role, __: [role])
    monkeypatch.setattr(exchange, "shared_records", lambda server, _: [server.name])


def record_of(stack: str, scenario: str) -> Record:
    record = Record("drill-1", "", find(scenario, inventory_of(stack).pattern), LoadSettings())
    record.fault_at, record.target, record.held = 100.0, "gw1", HELD
    record.history = History("drill-1", (), 0)
    return record


@pytest.mark.parametrize(
    ("scenario", "detected_at", "rerouted_at"),
    [("gateway-crash", 101.0, None), ("load-balancer-crash", None, 102.0), ("database-crash", None, None)],
)
def test_what_one_instance_holds_and_what_its_load_balancers_logged(
    scenario: str, detected_at: float | None, rerouted_at: float | None
) -> None:
    record = record_of("ha", scenario)
    FinalRead(inventory_of("ha"), record, Clock.now(), print).run()
    assert [(event.collector, event.processed_at) for event in record.events] == [("drill-1", 109.0)]
    assert (record.lease_terms, record.others) == ([TERM], ["kinds"])
    assert (record.detected_at, record.rerouted_at) == (detected_at, rerouted_at)
    assert record.other_data is not None
    assert (record.other_data.held, record.other_data.acknowledged, record.other_data.lost) == (1, 1, 1)
    assert record.read_at is not None


def test_what_both_twins_hold_and_the_desk_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Burst:
        ended = True

        def __init__(self, *_: Any) -> None: ...

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def history(self) -> History:
            return History("drill-1-storm", (operation(0, 100.0, kind="collect"),), 0)

    monkeypatch.setattr(storm, "Load", Burst)
    lab, record = inventory_of("business-continuity"), record_of("business-continuity", "site-loss-manual")
    record.load_stopped_at = 120.0
    failed = operation(0, 100.0, "fail", kind="collect")
    histories = {"dc1": History("a", (failed,), 0), "dc2": History("b", (operation(1, 100.0, kind="collect"),), 0)}
    bursts = Storm("drill-1", ExitStack())
    assert not bursts.began
    assert bursts.run([lab.of_role("collector")[0]], 1000, LoadSettings()).startswith("1 events were acknowledged")
    watched = Watched(histories, lab.of_site("dc1"), bursts, 4, 3, 2000)
    TwinRead(lab, record, Clock.now(), print, lambda: watched).run()
    found = record.exchange
    assert found is not None
    assert [(one.site, one.failed_operations, one.spared) for one in found.instances] == [
        ("dc1", 1, False),
        ("dc2", 0, True),
    ]
    assert [len(one.events) for one in found.instances] == [2, 2], "those of the load, and those of the storm"
    assert (found.incidents, found.runs) == (("serviceManager",), ("operationsOrchestration",))
    assert (found.sessions, found.ended_sessions, found.moved, found.link_bytes) == (4, 3, True, 3000)
    assert found.acknowledged == {("drill-1", 1)}
    # Each once, as the instance holds it that committed it first.
    assert {event.processed_at for event in record.events} == {108.0}
    assert (len(record.events), len(record.others), record.breaches) == (2, 2, ())


def test_what_still_waits_for_its_exchange_is_a_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(final_read, "DRAIN_SECONDS", 0.01)
    monkeypatch.setattr(exchange, "open_events", lambda *_: 7)
    record = record_of("business-continuity", "wan-cut")
    watched = Watched({}, (), Storm("drill-1", ExitStack()), 0, 0, 0)
    TwinRead(inventory_of("business-continuity"), record, Clock.now(), print, lambda: watched).run()
    assert record.breaches == ("7 events still wait for their exchange, or for what is done upon them",)
