"""The global load balancer of a lab: the site its clients go to.

Its command `active-site` is described in docs/contract/global-load-balancer.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.waiting import until
from redundancy.topology import EVERY_SITE

FOLLOWS_SECONDS = 5


@dataclass(frozen=True)
class Routing:
    """Where clients go: the active site, the one that the topology declared, and which sites answer.

    With ``automatic`` the active site is preferred, and another one serves while it is down.
    """

    active_site: str
    declared: str
    automatic: bool
    up: Mapping[str, bool]


def routing(inventory: Inventory) -> Routing:
    """Return what the global load balancer does. Raises RedlabError when there is none, or it does not answer."""
    return _parsed(engine.read_json(_node(inventory), ["active-site", "show"]))


def active_site(inventory: Inventory) -> str:
    """Return the site that clients go to. Raises RedlabError when there is none, or no global load balancer."""
    return routing(inventory).active_site


def set_active_site(inventory: Inventory, site: str) -> Routing:
    """Send new requests to ``site`` from now on; those in flight are finished where they are.

    With twin instances it may also be one of :data:`EVERY_SITE`.
    Raises RedlabError that lists the sites when there is none of that name.
    """
    node = _node(inventory)
    allowed = [*inventory.data_centers, *(EVERY_SITE if inventory.active_active else ())]
    if site not in allowed:
        raise RedlabError(
            f"no site {site!r} in lab {inventory.lab} that serves clients; there are: {', '.join(allowed)}"
        )
    return _parsed(engine.read_json(node, ["active-site", "set", site]))


def set_automatic(inventory: Inventory, automatic: bool) -> None:
    """Have it choose another site by itself while the active one is down, or not; until something is declared anew.

    Raises RedlabError when it does not follow.
    """
    declared = routing(inventory).declared
    engine.execute(_node(inventory), ["declare-site", declared, "automatic" if automatic else "manual"])
    if not until(lambda: routing(inventory).automatic == automatic, FOLLOWS_SECONDS):
        raise RedlabError(f"the global load balancer did not follow within {FOLLOWS_SECONDS} s")


def declare_again(inventory: Inventory) -> bool:
    """Tell a global load balancer that has lost its volume what the topology declares; returns whether it had."""
    balancer = inventory.global_load_balancer
    if balancer is None or engine.read_json(_node(inventory), ["active-site", "show"])["activeSite"] is not None:
        return False
    mode = "automatic" if balancer.automatic else "manual"
    engine.execute(_node(inventory), ["declare-site", balancer.active_site, mode])
    if not until(lambda: engine.read_json(_node(inventory), ["active-site", "show"])["activeSite"], FOLLOWS_SECONDS):
        raise RedlabError(f"the global load balancer did not follow within {FOLLOWS_SECONDS} s")
    return True


def _node(inventory: Inventory) -> Node:
    balancer = inventory.global_load_balancer
    if balancer is None:
        raise RedlabError(f"lab {inventory.lab} ({inventory.pattern}) has no global load balancer")
    return inventory.node(balancer.node)


def _parsed(document: dict[str, Any]) -> Routing:
    if document["activeSite"] is None:
        raise RedlabError("the global load balancer has no active site yet: nothing has been declared; run `up` again")
    return Routing(
        document["activeSite"],
        document["declared"],
        document["automatic"],
        {name: site["up"] for name, site in document["sites"].items()},
    )
