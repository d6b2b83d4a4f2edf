"""A gateway that is to go, or to be made anew, is emptied first, and nobody keeps to it; or nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redlab import engine
from redlab.control import gateway_removal
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import gateway_queue
from tests.support.unit.inventories import inventory_of_text

TOPOLOGY = "pattern: HighAvailability\nsites: {dc1: {gateways: {count: 3}}}\n"
STATES = """1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight
3 collectors 1 gw1 10.0.1.11 2 0 1
3 collectors 3 gw3 10.0.1.13 {operation} {administration} 1
5 users 3 gw3 10.0.1.13 {operation} {administration} 1
"""


class Lab:
    """Says how many events wait in gw3, one number for each time it is asked, and notes what HAProxy is told."""

    def __init__(self, waiting: list[int | None]) -> None:
        self.waiting = waiting
        self.told: list[str] = []
        self.comes_back = True
        self.knows_it = True

    def state(self, gateway: Node) -> dict[str, int]:
        left = self.waiting.pop(0) if len(self.waiting) > 1 else self.waiting[0]
        if left is None:
            raise RedlabError("container redlab-ha-gw3 is not running")
        return {"pending_events": left}

    def execute(self, node: Node, command: list[str]) -> str:
        order = command[2].split("'")[1]
        if order.startswith("show"):
            used = self.comes_back and bool(self.told) and self.told[-1].endswith("ready")
            return STATES.format(operation=2 if used else 0, administration=0 if used else 1)
        self.told.append(f"{node.name}: {order}")
        if node.name == "lb2":
            raise RedlabError("lb2 is stopped")
        return "\n" if self.knows_it else "No such server.\n"


@pytest.fixture
def lab(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    made = Lab(request.param)
    monkeypatch.setattr(gateway_removal, "DRAIN_SECONDS", 0)
    monkeypatch.setattr(gateway_removal, "USED_SECONDS", 0)
    monkeypatch.setattr(gateway_removal, "UNDER_WAY_SECONDS", 0)
    monkeypatch.setattr(gateway_queue, "state", made.state)
    monkeypatch.setattr(engine, "execute", made.execute)
    return made


def orders(state: str) -> list[str]:
    return [f"{balancer}: set server collectors/gw3 state {state}" for balancer in ("lb1", "lb2")]


EMPTIED = [
    *orders("drain"),
    *(f"{lb}: clear table {table} data.server_id eq 3" for lb in ("lb1", "lb2") for table in ("collectors", "users")),
    *orders("maint"),
]
"""It gets no new clients, those that kept to it choose others, then it gets nothing at all."""


def gateway(inventory: Inventory) -> Node:
    return inventory.node("gw3")


@pytest.mark.parametrize("lab", [[0]], indirect=True)
def test_nobody_sends_to_it_while_it_is_removed(lab: Lab) -> None:
    inventory = inventory_of_text(TOPOLOGY)
    with gateway_removal.drained(inventory, [gateway(inventory)]):
        assert lab.told == EMPTIED
    assert lab.told == EMPTIED


@pytest.mark.parametrize("lab", [[0]], indirect=True)
def test_one_that_comes_back_is_used_again(lab: Lab) -> None:
    inventory = inventory_of_text(TOPOLOGY)
    with gateway_removal.drained(inventory, [gateway(inventory)], come_back=True):
        assert lab.told == EMPTIED
        assert not gateway_removal.in_use(inventory, gateway(inventory))
    assert lab.told == [*EMPTIED, *orders("ready")]


@pytest.mark.parametrize("lab", [[0]], indirect=True)
def test_one_that_the_load_balancers_leave_out_is_an_error(lab: Lab) -> None:
    inventory = inventory_of_text(TOPOLOGY)
    lab.comes_back = False
    with (
        pytest.raises(RedlabError, match="gw3: the load balancers do not send to it"),
        gateway_removal.drained(inventory, [gateway(inventory)], come_back=True),
    ):
        pass


@pytest.mark.parametrize("lab", [[7]], indirect=True)
def test_acknowledged_events_that_nobody_takes_stop_the_removal(lab: Lab) -> None:
    inventory = inventory_of_text(TOPOLOGY)
    with (
        pytest.raises(RedlabError, match="gw3 is to go, but 7 acknowledged events wait in its queue"),
        gateway_removal.drained(inventory, [gateway(inventory)]),
    ):
        raise AssertionError("it was removed")
    assert lab.told == [*EMPTIED, *orders("ready")]


@pytest.mark.parametrize("lab", [[None]], indirect=True)
def test_a_gateway_that_cannot_be_asked_is_not_removed(lab: Lab) -> None:
    inventory = inventory_of_text(TOPOLOGY)
    with (
        pytest.raises(RedlabError, match=r"cannot be asked \(.*not running\).*docker start redlab-.*gw3"),
        gateway_removal.drained(inventory, [gateway(inventory)]),
    ):
        raise AssertionError("it was removed")
    assert lab.told == [*EMPTIED, *orders("ready")]


@pytest.mark.parametrize("lab", [[0]], indirect=True)
def test_an_up_that_fails_leaves_the_gateway_in_use(lab: Lab) -> None:
    inventory = inventory_of_text(TOPOLOGY)
    with pytest.raises(RedlabError, match="pulumi up ended"), gateway_removal.drained(inventory, [gateway(inventory)]):
        raise RedlabError("pulumi up ended with 255")
    assert lab.told == [*EMPTIED, *orders("ready")]


@pytest.mark.parametrize("lab", [[0]], indirect=True)
def test_a_load_balancer_that_a_killed_up_has_made_without_it_stops_nothing(lab: Lab) -> None:
    inventory = inventory_of_text(TOPOLOGY)
    lab.knows_it = False
    with gateway_removal.drained(inventory, [gateway(inventory)]):
        assert lab.told == EMPTIED
