from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from redlab import engine
from redlab.control import global_load_balancer
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory

GLB1 = SimpleNamespace(name="glb1")
SHOWN = {
    "activeSite": "dc2",
    "declared": "dc1",
    "automatic": False,
    "sites": {"dc1": {"up": False}, "dc2": {"up": True}},
}


def inventory(balancer: Any = SimpleNamespace(node="glb1")) -> Inventory:  # noqa: B008
    made = SimpleNamespace(
        lab="dha",
        pattern="x",
        global_load_balancer=balancer,
        data_centers=("dc1", "dc2"),
        active_active=False,
        node={"glb1": GLB1}.__getitem__,
    )
    return cast("Inventory", made)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[list[str]]]:
    """Have the container answer this; returns the commands it is given."""

    def answer(document: Any) -> list[list[str]]:
        commands: list[list[str]] = []

        def read_json(node: Any, command: list[str]) -> Any:
            assert node is GLB1
            commands.append(command)
            return document

        monkeypatch.setattr(engine, "read_json", read_json)
        return commands

    return answer


def test_what_it_does(answers: Callable[[Any], list[list[str]]]) -> None:
    commands = answers(SHOWN)
    routing = global_load_balancer.routing(inventory())
    assert (routing.active_site, routing.declared, routing.automatic) == ("dc2", "dc1", False)
    assert routing.up == {"dc1": False, "dc2": True}
    assert global_load_balancer.active_site(inventory()) == "dc2"
    assert commands == [["active-site", "show"]] * 2


def test_a_switch(answers: Callable[[Any], list[list[str]]]) -> None:
    commands = answers(SHOWN)
    assert global_load_balancer.set_active_site(inventory(), "dc2").active_site == "dc2"
    assert commands == [["active-site", "set", "dc2"]]


def test_a_site_that_is_not_there_is_refused_with_those_that_are(answers: Callable[[Any], list[list[str]]]) -> None:
    commands = answers(SHOWN)
    with pytest.raises(RedlabError, match=r"no site 'witness'.*there are: dc1, dc2"):
        global_load_balancer.set_active_site(inventory(), "witness")
    assert commands == []


def test_nothing_declared_yet(answers: Callable[[Any], list[list[str]]]) -> None:
    answers({**SHOWN, "activeSite": None, "declared": None})
    with pytest.raises(RedlabError, match="nothing has been declared"):
        global_load_balancer.active_site(inventory())


def test_a_lab_without_one() -> None:
    with pytest.raises(RedlabError, match="has no global load balancer"):
        global_load_balancer.active_site(inventory(None))


@pytest.mark.parametrize(("active", "told"), [("dc2", []), (None, [["declare-site", "dc1", "manual"]])])
def test_one_that_lost_its_volume_is_told_what_the_topology_declares(
    monkeypatch: pytest.MonkeyPatch, active: str | None, told: list[list[str]]
) -> None:
    said, commands = {**SHOWN, "activeSite": active}, []

    def execute(_: Any, command: list[str]) -> str:
        commands.append(command)
        said["activeSite"] = "dc1"
        return ""

    monkeypatch.setattr(engine, "read_json", lambda *_: said)
    monkeypatch.setattr(engine, "execute", execute)
    balancer = SimpleNamespace(node="glb1", active_site="dc1", automatic=False)
    assert global_load_balancer.declare_again(inventory(balancer)) is bool(told)
    assert commands == told


def test_a_lab_without_one_declares_nothing() -> None:
    assert not global_load_balancer.declare_again(inventory(None))
