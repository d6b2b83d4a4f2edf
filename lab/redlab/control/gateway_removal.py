"""Gateways that a changed topology has no more, or that are made anew: emptied first, and nobody sends to them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import gateway_queue
from redlab.waiting import until, while_moving
from redundancy.leaving import BACKEND, SHOW_SERVERS, servers
from redundancy.roles import Role

DRAIN_SECONDS = 60
UNDER_WAY_SECONDS = 1.0
"""What a load balancer had begun to send when it was told is answered by then: it waits 0.6 s for an answer."""
USED_SECONDS = 30
_API = "socat -t 2 -T 2 - UNIX-CONNECT:/run/haproxy/admin.sock"
_UNKNOWN = "No such server."
"""HAProxy's answer to an order about a server that its configuration does not have."""
_BALANCER = Role.LOAD_BALANCER


@contextmanager
def drained(inventory: Inventory, gateways: Collection[Node], *, come_back: bool = False) -> Iterator[None]:
    """Have nobody send to these gateways any more, and wait until what they accepted is in the database.

    ``come_back``: they are used again afterwards. Raises RedlabError when something of it does not come about; then,
    and when what is done meanwhile fails, everything is as it was before.
    """
    try:
        for gateway in gateways:
            _set(inventory, gateway, "drain")
        _await_the_last_answer(inventory, gateways)
        told_at = time.monotonic()
        for gateway in gateways:
            _set(inventory, gateway, "maint")
            _wait(gateway, told_at)
        yield
        if come_back:
            for gateway in gateways:
                _set(inventory, gateway, "ready")
            _await_use(inventory, gateways)
    except BaseException:
        for gateway in gateways:
            _set(inventory, gateway, "ready")
        raise


def in_use(inventory: Inventory, gateway: Node) -> bool:
    """Whether every load balancer of its site that answers sends requests to a gateway."""
    said = [_ask(balancer, SHOW_SERVERS) for balancer in inventory.of_site(gateway.site, _BALANCER)]
    return all(serves(answer, gateway.name) for answer in said if answer)


def serves(answer: str, gateway: str) -> bool:
    """Whether HAProxy's `show servers state` has a server that runs (2) and was not taken out by hand. Pure."""
    return any(fields[5:7] == ["2", "0"] for fields in servers(answer, gateway))


def numbers(answer: str, gateway: str) -> dict[str, str]:
    """Return HAProxy's numbers of a server by its backend, whose table of clients has the same name. Pure."""
    return {fields[1]: fields[2] for fields in servers(answer, gateway)}


def _await_the_last_answer(inventory: Inventory, gateways: Collection[Node]) -> None:
    """Wait until requests under way are answered, and make clients that kept to these gateways choose others."""
    end = time.monotonic() + UNDER_WAY_SECONDS

    def over() -> bool:
        # A request under way may once more record to which gateway its client keeps.
        for gateway in gateways:
            for balancer in inventory.of_site(gateway.site, _BALANCER):
                for table, number in numbers(_ask(balancer, "show servers state"), gateway.name).items():
                    _ask(balancer, f"clear table {table} data.server_id eq {number}")
        return time.monotonic() >= end

    until(over, UNDER_WAY_SECONDS, 0.2)


def _await_use(inventory: Inventory, gateways: Collection[Node]) -> None:
    if not until(lambda: all(in_use(inventory, gateway) for gateway in gateways), USED_SECONDS, 0.1):
        names = ", ".join(gateway.name for gateway in gateways)
        raise RedlabError(f"{names}: the load balancers do not send to it {USED_SECONDS} s after it was made anew")


def _wait(gateway: Node, told_at: float) -> None:
    left = 0

    def empty() -> bool:
        nonlocal left
        try:
            left = int(gateway_queue.state(gateway)["pending_events"])
        except RedlabError as error:
            raise RedlabError(
                f"{gateway.name} is to go, and whether acknowledged events wait in its queue cannot be asked "
                f"({error}). Nothing was changed. Start it (`docker start {gateway.container}`), then the same command "
                "again; where its container is gone, `redlab up` with it in the topology brings it back with its queue"
            ) from None
        return left == 0 and time.monotonic() - told_at >= UNDER_WAY_SECONDS

    if not while_moving(empty, lambda: left, DRAIN_SECONDS, 0.2):
        raise RedlabError(
            f"{gateway.name} is to go, but {left} acknowledged events wait in its queue, and nobody has taken any for "
            f"{DRAIN_SECONDS} s. Nothing was changed. They are taken while the services are active on a "
            "data processing server whose database accepts writes (`redlab inspect`)"
        )


def _set(inventory: Inventory, gateway: Node, state: str) -> None:
    """Have the load balancers of its site use a gateway (``ready``), send only who keeps to it (``drain``), or not."""
    for balancer in inventory.of_site(gateway.site, _BALANCER):
        order = f"set server {BACKEND}/{gateway.name} state {state}"
        said = _ask(balancer, order)
        # One that was made anew without it, by an `up` that was killed then, sends nothing to it.
        if said and state != "ready" and said != _UNKNOWN:
            raise RedlabError(f"{balancer.name}: {order}: {said}")


def _ask(balancer: Node, order: str) -> str:
    """Return HAProxy's answer to an order; '' where HAProxy is stopped: no client uses it then."""
    try:
        return engine.execute(balancer, ["bash", "-c", f"echo '{order}' | {_API}"]).strip()
    except RedlabError:
        return ""
