"""A gateway that is to go is refused while it holds what was acknowledged, or may still be given some."""

from __future__ import annotations

from typing import Any, cast

import pytest

from redundancy import leaving
from redundancy.leaving import Leaving
from redundancy.naming import LABEL_PREFIX
from redundancy.sites import leaving_gateways
from tests.support.unit.described import described

HA = "HighAvailability"
STATES = """1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight
3 collectors 1 gw1 10.0.1.11 2 0 1
3 collectors 3 gw3 10.0.1.13 {operation} {administration} 1
"""


@pytest.mark.parametrize(
    ("operation", "administration", "expected"),
    [
        pytest.param(2, 0, False, id="in use"),
        pytest.param(0, 0, False, id="down by its check: it comes back by itself"),
        pytest.param(2, 8, False, id="drained: who keeps to it is sent on"),
        pytest.param(0, 1, True, id="taken out"),
    ],
)
def test_a_load_balancer_sends_nothing_to_what_is_in_maintenance(
    operation: int, administration: int, expected: bool
) -> None:
    assert leaving.taken_out(STATES.format(operation=operation, administration=administration), "gw3") is expected


def test_a_load_balancer_that_does_not_know_a_gateway_sends_it_nothing() -> None:
    assert leaving.taken_out(STATES.format(operation=2, administration=0), "gw2")


@pytest.mark.parametrize(
    ("gateway", "said"),
    [
        (Leaving("gw3", 17, ("lb1",)), "gw3 is in the topology no more, and 17 acknowledged events wait in its queue"),
        (Leaving("gw3", 0, ("lb1", "lb2")), "lb1, lb2 may still send to it"),
        (Leaving("gw3", None), "whether acknowledged events wait in its queue cannot be asked"),
    ],
)
def test_what_would_be_lost_is_named(gateway: Leaving, said: str) -> None:
    (problem,) = leaving.problems("x", [gateway])
    assert said in problem
    assert "`./redlab up x`" in problem


def test_an_empty_gateway_that_nobody_sends_to_may_go() -> None:
    assert list(leaving.problems("x", [Leaving("gw3", 0)])) == []


class Engine:
    """An engine with three gateways and two load balancers; lb2 is stopped. Notes whom it was asked to run what in."""

    def __init__(self, waiting: int | None, administration: int) -> None:
        self._waiting = waiting
        self._states = STATES.format(operation=2, administration=administration)
        self.gone: set[str] = set()

    def volumes(self, _filters: dict[str, Any]) -> dict[str, Any]:
        return {"Volumes": [{"Labels": self._labels(name, "gateway")} for name in ("gw1", "gw2", "gw3")]}

    def containers(self, *, all: bool, filters: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: A002
        roles = {"gw1": "gateway", "gw2": "gateway", "gw3": "gateway", "lb1": "loadBalancer", "lb2": "loadBalancer"}
        return [
            {"Id": name, "Labels": self._labels(name, role)} for name, role in roles.items() if name not in self.gone
        ]

    def exec_create(self, container: str, command: list[str], *, stderr: bool) -> dict[str, str]:
        if container == "lb2":
            raise OSError("it does not run")
        return {"Id": container}

    def exec_start(self, begun: str) -> bytes:
        if begun == "lb1":
            return self._states.encode()
        if self._waiting is None:
            return b"HTTP/1.0 503 Service Unavailable\r\n\r\n"
        return b'HTTP/1.0 200 OK\r\n\r\n{"pending_events": %d}' % self._waiting

    def _labels(self, name: str, role: str) -> dict[str, str]:
        return {f"{LABEL_PREFIX}{key}": value for key, value in {"node": name, "role": role, "site": "dc1"}.items()}


def looked(engine: Engine) -> list[Leaving]:
    return list(leaving_gateways.look(cast("Any", engine), described(HA), "owner"))


def test_the_gateway_that_is_to_go_is_asked_and_so_are_the_load_balancers_of_its_site() -> None:
    assert looked(Engine(17, administration=0)) == [Leaving("gw3", 17, ("lb1",))]
    assert looked(Engine(0, administration=1)) == [Leaving("gw3", 0)]


def test_a_gateway_that_does_not_answer_is_not_taken_to_be_empty() -> None:
    assert looked(Engine(None, administration=1)) == [Leaving("gw3", None)]


def test_a_queue_whose_gateway_is_gone_is_not_taken_to_be_empty() -> None:
    engine = Engine(0, administration=1)
    engine.gone.add("gw3")
    assert looked(engine) == [Leaving("gw3", None)]
