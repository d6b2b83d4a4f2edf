"""Gateways that a changed topology has no more: emptied before they go, since their queues go with them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Inventory, Node
from redlab.probes import gateway_queue
from redlab.waiting import until

DRAIN_SECONDS = 60
UNDER_WAY_SECONDS = 1.0
"""What a load balancer had begun to send when it was told is answered by then: it waits 0.6 s for an answer."""
_API = "socat -t 2 -T 2 - UNIX-CONNECT:/run/haproxy/admin.sock"
_BACKEND = "collectors"
"""The backend whose checks count for users as well (nodes/templates/haproxy.cfg.j2)."""


@contextmanager
def drained(inventory: Inventory, gateways: Collection[Node]) -> Iterator[None]:
    """Have nobody send to these gateways any more, and wait until what they accepted is in the database.

    Raises RedlabError when that does not come about; then, and when what is done meanwhile fails, everything is as it
    was before.
    """
    try:
        for gateway in gateways:
            _set(inventory, gateway, "maint")
        told_at = time.monotonic()
        for gateway in gateways:
            _wait(gateway, told_at)
        yield
    except BaseException:
        for gateway in gateways:
            _set(inventory, gateway, "ready")
        raise


def _wait(gateway: Node, told_at: float) -> None:
    left = 0

    def empty() -> bool:
        nonlocal left
        try:
            left = int(gateway_queue.state(gateway)["pending_events"])
        except RedlabError as error:
            raise RedlabError(
                f"{gateway.name} is to be removed, and whether acknowledged events wait in its queue cannot be asked "
                f"({error}). Nothing was changed. Start it (`docker start {gateway.container}`), then the same command "
                "again"
            ) from None
        return left == 0 and time.monotonic() - told_at >= UNDER_WAY_SECONDS

    if not until(empty, DRAIN_SECONDS, 0.2):
        raise RedlabError(
            f"{gateway.name} is to be removed, but {left} acknowledged events wait in its queue, and nobody has taken "
            f"them within {DRAIN_SECONDS} s. Nothing was changed. They are taken while the services are active on a "
            "data processing server whose database accepts writes (`redlab inspect`)"
        )


def _set(inventory: Inventory, gateway: Node, state: str) -> None:
    """Have the load balancers of its site use a gateway (``ready``), or not (``maint``)."""
    for balancer in inventory.of_site(gateway.site, "loadBalancer"):
        order = f"set server {_BACKEND}/{gateway.name} state {state}"
        try:
            said = engine.execute(balancer, ["bash", "-c", f"echo '{order}' | {_API}"]).strip()
        except RedlabError:  # it is stopped: nobody sends by way of it, and it is made anew without the gateway
            continue
        if said and state == "maint":
            raise RedlabError(f"{balancer.name}: {order}: {said}")
