"""A node's cut: what is written down of its connections, and that they are made again exactly as they were."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from redlab.engine import Container
from redlab.engine.model import Endpoint
from redlab.errors import RedlabError
from redlab.faults import endpoints, healing, journal, node_fault
from redlab.stack import checkout
from redlab.stack.records import record
from tests.support.fake_engine import FakeEngine, running
from tests.support.unit.inventories import inventory_of

NODE = inventory_of("ha").node("lb1")
NAME = NODE.container
HERE = (Endpoint("dc1", "10.0.1.41", aliases=("0123456789ab", "lb1")), Endpoint("access", "10.0.0.41"))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    monkeypatch.setattr(checkout, "RUN", tmp_path)
    monkeypatch.setattr("subprocess.Popen", lambda *arguments, **options: None)
    role = {"io.redundancy-lab.role": "gateway"}
    return FakeEngine([running(NAME, labels=role, endpoints=HERE)]).used(monkeypatch)


def cut(fake: FakeEngine) -> journal.Entry:
    (fault,) = node_fault.inject("ha", "cut", [NODE], 60)
    assert fault.evidence == "engine: redlab-ha-lb1 running, connected to no network"
    fake.done.clear()
    return fault.entry


def test_a_cut_and_its_heal_leave_no_trace(fake: FakeEngine) -> None:
    cut(fake)
    assert fake.container(NAME).endpoints == ()
    (entry,) = journal.entries("ha")
    healing.heal(entry)
    assert fake.container(NAME).endpoints == HERE
    assert fake.done == [f"connect {NAME} dc1", f"connect {NAME} access"], "to that of the published ports first"
    assert journal.entries("ha") == []


def test_a_journal_of_an_older_version_is_read() -> None:
    written = {**dataclasses.asdict(Endpoint("dc1", "10.0.1.41")), "mac_address": "02:42:0a:00:01:29"}
    assert record(written, Endpoint, "fault.json") == Endpoint("dc1", "10.0.1.41")


def test_what_is_taken_away_is_written_down_before(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_: Container) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(node_fault.KINDS, "cut", dataclasses.replace(node_fault.KINDS["cut"], prepare=killed))
    with pytest.raises(KeyboardInterrupt):
        cut(fake)
    (entry,) = journal.entries("ha")
    assert entry.endpoints == HERE


def test_a_cut_that_did_not_land_has_no_evidence(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "disconnect", lambda name, network: None)
    (fault,) = node_fault.inject("ha", "cut", [NODE], 60)
    assert fault.evidence == ""


def test_a_load_balancer_is_started_with_its_new_interfaces(fake: FakeEngine) -> None:
    fake.change(NAME, labels={"io.redundancy-lab.role": "loadBalancer"})
    healing.heal(cut(fake))
    connected = [f"connect {NAME} dc1", f"connect {NAME} access"]
    assert fake.done == [f"stop {NAME} within 5 s", *connected, f"start {NAME}"]


def test_one_that_ended_without_a_network_is_started_when_it_has_one(fake: FakeEngine) -> None:
    entry = cut(fake)
    fake.change(NAME, status="restarting")
    healing.heal(entry)
    assert fake.done[-1] == f"start {NAME}"


def test_a_heal_that_is_refused_stays_in_the_journal(fake: FakeEngine) -> None:
    entry = cut(fake)
    fake.refusals[f"connect {NAME} access"] = ["Address already in use"]
    with pytest.raises(RedlabError, match="redlab-ha-lb1 cannot be connected to access again: Address already in use"):
        healing.heal(entry)
    assert journal.entries("ha") == [entry]
    fake.done.clear()
    healing.heal(entry)
    assert fake.done == [f"connect {NAME} access"], "what was done already is left alone"


def test_without_a_journal_the_inventory_says_where_a_node_belongs(fake: FakeEngine) -> None:
    wanted = endpoints.declared(inventory_of("ha"), NODE)
    assert [one.network for one in wanted] == ["redlab-ha-access", "redlab-ha-site-dc1"]
    assert wanted[0].ipv4_address == NODE.addresses["access"]
    assert not endpoints.restore(NAME, HERE)
    fake.change(NAME, endpoints=HERE[1:])
    assert endpoints.restore(NAME, HERE)
    assert fake.done == [f"connect {NAME} dc1"]


def test_a_connection_with_another_address_is_made_anew(fake: FakeEngine) -> None:
    assert endpoints.restore(NAME, (Endpoint("dc1", "10.0.1.99"),))
    assert fake.done == [f"disconnect {NAME} dc1", f"connect {NAME} dc1"]
