"""What the gateways have accepted and no DPS has taken yet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from redlab.errors import RedlabError
from redlab.measure.others import Item
from redlab.model.inventory import Inventory, Node
from redlab.probes import http
from redundancy.roles import Role

STUCK_SECONDS = 5.0
"""Longer than this no event waits in a lab that is well; of one that does nobody knows whether it will be stored."""
_MANY = 1_000_000
Answer = TypeVar("Answer")


def pending_events(inventory: Inventory) -> int:
    """Return the number of events waiting in all gateways. Raises RedlabError when a gateway does not answer."""
    return sum(queue["pending_events"] for queue in _each(inventory, state))


def waiting(inventory: Inventory, seconds: float = STUCK_SECONDS) -> tuple[str, ...]:
    """Say of each gateway in which an event has waited for so long how many wait, and for how long the oldest.

    Later ones may always be waiting. Raises RedlabError when a gateway does not answer.
    """
    return tuple(filter(None, (said(*one, seconds) for one in _named(inventory, _each(inventory, state)))))


def known(inventory: Inventory) -> dict[str, dict[str, Any] | None]:
    """Return what each gateway says of its queue (:func:`state`), by name; None where it does not answer."""
    return dict(_named(inventory, _each(inventory, _state_if_known)))


def said(name: str, queue: dict[str, Any] | None, seconds: float = STUCK_SECONDS) -> str:
    """Say of a gateway's queue that its oldest event has waited for so long; '' where none has."""
    if queue is None or queue["pending_events"] == 0 or queue["oldest_age_seconds"] < seconds:
        return ""
    return f"{name}: {queue['pending_events']} events wait, the oldest for {queue['oldest_age_seconds']:.1f} s"


def state(gateway: Node) -> dict[str, Any]:
    """Return what a gateway says of its queue (docs/contract/gateway.md). Raises RedlabError without an answer."""
    found: dict[str, Any] = http.get(gateway, gateway.role.row.status_port, "/v1/queue")
    return found


def held(inventory: Inventory) -> frozenset[Item]:
    """Return what waits in the gateways, up to what each of them hands out at a time; it goes on waiting.

    Raises RedlabError when a gateway does not answer.
    """
    return frozenset().union(*_each(inventory, _held))


def _held(gateway: Node) -> frozenset[Item]:
    asked = {"max_events": _MANY, "wait_seconds": 0}
    return items_of(http.post(gateway, gateway.role.row.status_port, "/v1/pull", asked) or [])


def items_of(batches: list[Any]) -> frozenset[Item]:
    """Return what is in batches as gateways hand them out (docs/contract/gateway.md)."""
    return frozenset(
        Item.of(item.get("kind", "event"), batch["request"]["collector"], item["seq"])
        for batch in batches
        for item in batch["request"]["events"]
    )


def _state_if_known(gateway: Node) -> dict[str, Any] | None:
    try:
        return state(gateway)
    except RedlabError:
        return None


def _named(inventory: Inventory, answers: list[Answer]) -> list[tuple[str, Answer]]:
    return [(node.name, one) for node, one in zip(inventory.of_role(Role.GATEWAY), answers, strict=True)]


def _each(inventory: Inventory, ask: Callable[[Node], Answer]) -> list[Answer]:
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(ask, inventory.of_role(Role.GATEWAY)))
