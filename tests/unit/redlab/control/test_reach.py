"""The proof that sites reach each other while a lab comes up."""

from __future__ import annotations

from typing import Any, cast

import pytest

from redlab.control.reach import PATIENCE_SECONDS, EngineProbe, Reach, SitesApartError
from redlab.engine.model import Answer
from redlab.model.inventory import Node
from tests.support.fake_engine import FakeEngine
from tests.support.unit.inventories import inventory_of

LAB = inventory_of("distributed-ha")
ALL = {node.name for node in LAB.nodes}
GATEWAY = LAB.node("dc1-gw1")


class Probe:
    """Nodes that run, pairs of sites that are apart, links that somebody has cut."""

    def __init__(self) -> None:
        self.nodes = set(ALL)
        self.apart: set[str] = set()
        self.cut: set[str] = set()
        self.tried: list[tuple[str, str]] = []
        self.can_try = True

    def running(self) -> set[str]:
        return self.nodes

    def connects(self, source: Node, address: str) -> bool | None:
        source, target = (source, next(node for node in LAB.nodes if address in node.addresses.values()))
        self.tried.append((source.site, target.site))
        return f"{source.site}-{target.site}" not in self.apart if self.can_try else None

    def changed_links(self) -> set[str]:
        return self.cut


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reach(probe: Probe, clock: Clock) -> Reach:
    return Reach(LAB, cast("Any", probe), clock)


def test_every_link_is_tried_once(probe: Probe, reach: Reach) -> None:
    reach.look()
    assert reach.proven
    assert probe.tried == [("dc1", "dc2"), ("dc1", "witness"), ("dc2", "witness")]
    reach.look()
    assert len(probe.tried) == 3


def test_nothing_is_tried_before_the_router_and_a_node_of_each_site_run(
    probe: Probe, reach: Reach, clock: Clock
) -> None:
    probe.nodes = ALL - {"wan1"}
    reach.look()
    assert probe.tried == []
    probe.nodes = {"wan1", "dc1-gw1", "dc2-gw1"}
    clock.now = 10 * PATIENCE_SECONDS
    reach.look()
    assert probe.tried == [("dc1", "dc2")]
    assert not reach.proven


def test_sites_that_stay_apart_are_named_with_what_was_tried(probe: Probe, reach: Reach, clock: Clock) -> None:
    probe.apart = {"dc1-dc2"}
    reach.look()
    clock.now = PATIENCE_SECONDS
    reach.look()
    clock.now += 1
    with pytest.raises(SitesApartError, match=r"dc1 and dc2 do not reach each other: dc1-\w+ got no answer from dc2-"):
        reach.look()


def test_a_link_that_somebody_has_cut_is_no_fault(probe: Probe, reach: Reach, clock: Clock) -> None:
    probe.apart, probe.cut = {"dc1-dc2"}, {"dc1-dc2"}
    reach.look()
    clock.now = PATIENCE_SECONDS + 1
    reach.look()
    assert reach.proven


def test_a_container_that_cannot_try_proves_nothing_and_holds_nothing_up(probe: Probe, reach: Reach) -> None:
    probe.can_try = False
    reach.look()
    assert reach.proven


def test_a_lab_of_one_site_has_nothing_to_prove() -> None:
    assert Reach(inventory_of("ha"), cast("Any", None)).proven


@pytest.mark.parametrize(
    ("code", "said", "answer"),
    [
        (0, b"accepted\n", True),
        (0, b"bash: connect: Connection refused\nbash: line 1: /dev/tcp/10.0.0.1/9: Connection refused\n", True),
        (0, b"", False),  # `timeout` ended it
        (0, b"bash: connect: No route to host\n", False),
        (0, b"timeout: failed to run command 'bash': No such file or directory\nsh: 1: timeout: not found\n", None),
        (127, b'exec: "sh": executable file not found in $PATH', None),
    ],
)
def test_an_answer_is_acceptance_or_refusal(
    monkeypatch: pytest.MonkeyPatch, code: int, said: bytes, answer: bool | None
) -> None:
    def run(name: str, command: list[str]) -> Answer:
        assert (name, "/dev/tcp/10.0.0.1/9" in command[-1]) == (GATEWAY.container, True)
        return Answer(code, said, b"")

    monkeypatch.setattr(FakeEngine().used(monkeypatch), "run", run)
    assert EngineProbe(LAB).connects(GATEWAY, "10.0.0.1") is answer


def test_a_node_that_ended_meanwhile_cannot_try(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeEngine().used(monkeypatch)
    assert EngineProbe(LAB).connects(GATEWAY, "10.0.0.1") is None


def test_a_node_without_its_address_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEngine.of_lab(LAB).used(monkeypatch)
    assert EngineProbe(LAB).running() == ALL
    fake.change(GATEWAY.container, addresses={})
    fake.kill(LAB.node("dc2-gw1").container)
    assert EngineProbe(LAB).running() == ALL - {"dc1-gw1", "dc2-gw1"}
