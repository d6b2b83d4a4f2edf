from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from typer.testing import CliRunner

from redlab import engine
from redlab.commands import link as commands
from redlab.control import router
from redlab.errors import RedlabError
from redlab.faults import journal, residue
from redlab.model.inventory import Inventory
from redlab.probes import published

if TYPE_CHECKING:
    from collections.abc import Callable

WAN1 = SimpleNamespace(name="wan1")
DECLARED = {
    "roundTripMilliseconds": 2.0,
    "jitterMilliseconds": 0.0,
    "lossPercent": 0.0,
    "bandwidthMegabitsPerSecond": 0,
}


def described(sites: list[str], **more: Any) -> dict[str, Any]:
    return {
        "name": "-".join(sites),
        "sites": sites,
        "declared": DECLARED,
        "current": DECLARED,
        "cuts": [],
        "forwarded": [{"from": sites[0], "to": sites[1], "bytes": 2_500_000, "packets": 7}],
        **more,
    }


HALF_CUT = [{"from": "dc1", "to": "dc2", "remainingSeconds": 12.3}]
SLOW = {**DECLARED, "roundTripMilliseconds": 40.0}


class Lab:
    """A lab of two sites and a witness whose router answers with ``links``, and remembers what it was told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.links = [described(["dc1", "dc2"]), described(["dc1", "witness"])]
        self.told: list[list[str]] = []
        self.refusals = 0
        monkeypatch.setattr(engine, "execute", self._execute)
        monkeypatch.setattr(engine, "read_json", self._execute)

    def _execute(self, node: Any, command: list[str]) -> dict[str, Any]:
        assert node is WAN1
        if self.refusals:
            self.refusals -= 1
            raise RedlabError("the router does not answer")
        if command != ["link", "show"]:
            self.told.append(command)
        return {"emulation": "tun", "links": self.links}

    def inventory(self, routers: tuple[Any, ...] = (WAN1,)) -> Inventory:
        links = tuple(SimpleNamespace(name=each["name"], sites=tuple(each["sites"])) for each in self.links)
        made = SimpleNamespace(
            lab="dha", pattern="x", replicated=False, links=links, of_role={"wanRouter": routers}.__getitem__
        )
        return cast("Inventory", made)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(monkeypatch)


def test_what_the_router_says_is_read(lab: Lab) -> None:
    lab.links[0] |= {"current": SLOW, "cuts": HALF_CUT}
    state = router.state(lab.inventory())
    first, second = state.links
    assert (state.emulation, first.sites) == ("tun", ("dc1", "dc2"))
    assert (first.declared.round_trip_milliseconds, first.current.round_trip_milliseconds) == (2.0, 40.0)
    assert first.cuts == (router.Cut("dc1", "dc2", 12.3),)
    assert first.forwarded == (router.Traffic("dc1", "dc2", 2_500_000, 7),)
    assert first.differences == "dc1 to dc2 cut, changed"
    assert second.differences == ""


def test_changes_are_told_to_the_router(lab: Lab) -> None:
    inventory = lab.inventory()
    router.change(inventory, "dc1-dc2", {"round_trip_milliseconds": 40.0, "loss_percent": 0.5}, seconds=3)
    router.cut(inventory, "dc1-dc2", 60)
    router.cut(inventory, "dc1-dc2", 2.5, "dc2")
    router.restore(inventory, "dc1-dc2")
    router.restore(inventory)
    change = ["--round-trip-milliseconds", "40", "--loss-percent", "0.5", "--seconds", "3"]
    assert lab.told == [
        ["link", "set", "dc1-dc2", *change],
        ["link", "cut", "dc1-dc2", "--seconds", "60"],
        ["link", "cut", "dc1-dc2", "--from", "dc2", "--seconds", "2.5"],
        ["link", "restore", "dc1-dc2"],
        ["link", "restore", "--all"],
    ]


def test_what_makes_no_sense_never_gets_to_the_router(lab: Lab) -> None:
    inventory = lab.inventory()
    steps: tuple[tuple[Callable[[], None], str], ...] = (
        (lambda: router.cut(inventory, "dc9", 5), r"no link 'dc9'.*there are: dc1-dc2, dc1-witness"),
        (lambda: router.restore(inventory, "dc9"), "no link 'dc9'"),
        (lambda: router.change(inventory, "dc9", {"loss_percent": 1}), "no link 'dc9'"),
        (lambda: router.change(inventory, "dc1-dc2", {}), "at least one of: --round-trip-milliseconds, "),
        (lambda: router.cut(inventory, "dc1-dc2", 5, "witness"), "its ends are: dc1, dc2"),
        (lambda: router.cut(inventory, "dc1-dc2", 601), "up to 600 s"),
        (lambda: router.cut(inventory, "dc1-dc2", 0), "up to 600 s"),
    )
    for step, message in steps:
        with pytest.raises(RedlabError, match=message):
            step()
    assert lab.told == []


def test_restoring_links_says_what_was_wrong_and_leaves_well_alone(lab: Lab) -> None:
    assert router.restore_links(lab.inventory()) == []
    assert lab.told == []
    lab.links[0] |= {"cuts": HALF_CUT}
    lab.links[1] |= {"current": SLOW}
    assert router.restore_links(lab.inventory()) == [
        "link dc1-dc2: dc1 to dc2 cut, reverted",
        "link dc1-witness: changed, reverted",
    ]
    assert lab.told == [["link", "restore", "--all"]]


def test_a_lab_of_one_site_has_no_links(lab: Lab) -> None:
    assert router.restore_links(lab.inventory(routers=())) == []
    with pytest.raises(RedlabError, match="has no links between sites"):
        router.state(lab.inventory(routers=()))


def test_healing_restores_links_of_a_router_that_is_only_just_starting(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "entries", lambda lab: [])
    monkeypatch.setattr(journal, "remembered_automation", lambda lab: None)
    monkeypatch.setattr(engine, "containers", lambda inventory: {})
    monkeypatch.setattr(residue, "all_ready", lambda inventory: True)
    lab.links[0] |= {"cuts": HALF_CUT}
    lab.refusals = 2
    monkeypatch.setattr(published, "unanswered", lambda _: [])
    healed = residue.heal(cast("Any", SimpleNamespace(inventory=lab.inventory())))
    assert healed == ["link dc1-dc2: dc1 to dc2 cut, reverted"]
    assert lab.told == [["link", "restore", "--all"]]


@pytest.fixture
def run(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Any:
    for opening in ("open_lab", "open_settled"):
        monkeypatch.setattr(commands, opening, lambda stack: SimpleNamespace(inventory=lab.inventory()))
    return lambda *arguments: CliRunner(env={"COLUMNS": "200"}).invoke(commands.links, [*arguments])


def test_the_command_prints_the_links_after_what_it_did(lab: Lab, run: Any) -> None:
    lab.links[0] |= {"cuts": HALF_CUT}
    done = run("cut", "dha", "dc1-dc2", "--from", "dc1", "--format", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["links"][0]["cuts"] == HALF_CUT
    assert lab.told == [["link", "cut", "dc1-dc2", "--from", "dc1", "--seconds", "60"]]
    lab.links[0] |= {"current": SLOW}
    shown = run("show", "dha").stdout
    assert "dc1 to dc2, 12" in shown
    assert "40 (declared 2)" in shown
    assert "no limit" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("cut", "dha", "dc1-dc2", "--seconds", "601"),
        ("cut", "dha", "dc1-dc2", "--seconds", "0"),
        ("set", "dha", "dc1-dc2", "--loss-percent", "101"),
        ("set", "dha", "dc1-dc2", "--jitter-milliseconds", "-1"),
        ("cut", "dha"),
    ],
)
def test_bad_usage_ends_with_2(lab: Lab, run: Any, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
    assert lab.told == []


@pytest.mark.parametrize("arguments", [(), ("dc1-dc2", "--all")])
def test_restore_wants_one_link_or_all(lab: Lab, run: Any, arguments: tuple[str, ...]) -> None:
    done = run("restore", "dha", *arguments)
    assert isinstance(done.exception, RedlabError)
    assert "the links: dc1-dc2, dc1-witness" in str(done.exception)
    assert lab.told == []
