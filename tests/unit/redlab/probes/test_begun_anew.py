"""A database that lost its volume comes back empty: `inspect` says so, and where there is more of it."""

from __future__ import annotations

import pytest

from redlab import engine
from redlab.engine import Container
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import begun_anew
from tests.support.fake_engine import running
from tests.support.unit.inventories import inventory_of

MADE = 1_700_000_000.0


class Lab:
    """When things of a lab were made, in seconds after its first container; the databases of dc2 are as they were."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, begun: float, container: float) -> None:
        self._begun, self._container = begun, container
        monkeypatch.setattr(engine, "execute", self._execute)
        monkeypatch.setattr(engine, "containers", lambda _: self._containers())

    def _execute(self, node: Node, command: list[str]) -> str:
        assert command[0] == "psql"
        return f"{MADE + (25 if node.site == 'dc2' else self._begun):.0f}\n"

    def _containers(self) -> dict[str, Container]:
        own = MADE + self._container
        made = {"dc1-gw1": MADE, "dc1-db1": own, "db1": own, "dc2-db1": MADE + 20}
        return {name: running(name, made_at=at) for name, at in made.items()}


@pytest.mark.parametrize(
    ("begun", "container", "said"),
    [
        pytest.param(25, 20, False, id="as it was made"),
        pytest.param(25, 9000, False, id="its container was made anew"),
        pytest.param(200, 20, True, id="its volume was erased"),
        pytest.param(1500, 1495, True, id="its volume was removed, and its container"),
    ],
)
def test_what_a_database_does_not_hold_is_said(
    monkeypatch: pytest.MonkeyPatch, begun: float, container: float, said: bool
) -> None:
    Lab(monkeypatch, begun, container)
    found = begun_anew.said(inventory_of("business-continuity"))
    assert list(found) == (["dc1-db1"] if said else [])
    if said:
        assert "it holds nothing that was stored before" in found["dc1-db1"]
        assert "The instance in dc2 has the events" in found["dc1-db1"]
        assert "`redlab drift business-continuity --apply dc2:dc1`" in found["dc1-db1"]


def test_a_single_server_has_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    Lab(monkeypatch, 1500, 20)
    assert begun_anew.said(inventory_of("ha"))["db1"].endswith("and there is no copy")


@pytest.mark.parametrize("stack", ["dr", "dr-ucmdb", "distributed-ha"])
def test_one_with_a_standby_is_filled_from_there(monkeypatch: pytest.MonkeyPatch, stack: str) -> None:
    Lab(monkeypatch, 1500, 20)
    assert begun_anew.databases(inventory_of(stack)) == {}


def test_one_that_does_not_answer_is_said_nothing_of(monkeypatch: pytest.MonkeyPatch) -> None:
    Lab(monkeypatch, 1500, 20)

    def fails(*_: object) -> str:
        raise RedlabError("it is stopped")

    monkeypatch.setattr(engine, "execute", fails)
    assert begun_anew.databases(inventory_of("ha")) == {}
