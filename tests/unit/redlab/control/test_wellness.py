"""What `up` waits for, and what it says of what does not become well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redlab.control import wellness
from redlab.control.lab import Laboratory
from redlab.control.management import Management, Services
from redlab.errors import RedlabError
from redlab.probes import database, http, topology
from redlab.probes.topology import Integration
from tests.support.unit.inventories import inventory_of

ACTIVE = Services("dps1", "dps1", "active", 1, 1.0)
FAILING = Integration("central-ucmdb1", "dc1", "ucmdb1", "population", (), 0, "failing", "read-only")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    """A lab of twin instances in which all is well; nothing is waited for longer than a moment."""
    monkeypatch.setattr(Management, "reachable_services", lambda _: ACTIVE)
    monkeypatch.setattr(database, "standby", lambda inventory: inventory.of_role("database")[-1])
    monkeypatch.setattr(topology, "integrations", lambda _: [replace(FAILING, state="current", reason="")])
    monkeypatch.setattr(http, "get", lambda *_: {"ucmdb": "answers"})
    monkeypatch.setattr(wellness, "SERVICES_SECONDS", 0)
    monkeypatch.setattr(wellness, "REST_SECONDS", 0)
    return Laboratory(inventory_of("business-continuity"), Management([], "token"))


@pytest.mark.parametrize(
    ("stack", "waits_for"),
    [
        ("ha", ["the services"]),
        ("distributed-ha", ["the services", "the standby database"]),
        ("dr", ["the services", "the standby database"]),
        ("dr-ucmdb", ["the services", "the standby database", "the integrations"]),
        ("business-continuity", ["the services", "the integrations"]),
    ],
)
def test_each_pattern_waits_for_what_it_has(stack: str, waits_for: list[str]) -> None:
    found = list(wellness.parts(Laboratory(inventory_of(stack), Management([], "token"))))
    assert [part.name for part in found] == waits_for
    assert [part.name for part in found if part.vital] == ["the services"]


def test_when_all_is_well_nothing_is_said_of_it(lab: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    wellness.await_all(lab)
    assert "not well" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ((topology, "integrations", lambda _: [FAILING]), "the integrations: dc1 to ucmdb1 failing (read-only)"),
        ((http, "get", lambda *_: {"ucmdb": "does not answer"}), "central-sm1: the UCMDB does not answer"),
    ],
)
def test_what_the_lab_serves_without_is_told(
    lab: Laboratory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    probe: tuple[object, str, object],
    said: str,
) -> None:
    monkeypatch.setattr(*probe)
    wellness.await_all(lab)
    assert said in " ".join(capsys.readouterr().err.split())


def test_services_that_do_not_start_are_an_error(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Management, "reachable_services", lambda _: replace(ACTIVE, state="starting"))
    with pytest.raises(RedlabError, match="the services: starting, assigned to dps1; starting, assigned to dps1"):
        wellness.await_all(lab)
