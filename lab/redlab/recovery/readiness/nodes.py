"""Points of readiness that several patterns share: healthy nodes, spare servers and gateways, virtual IPs held once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from redlab.control import global_load_balancer
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import disk as volume
from redlab.probes import gateway_queue, http, virtual_ip
from redlab.probes.node_state import node_states
from redlab.recovery.readiness.finding import Finding
from redundancy.roles import Role

MINIMUM_FREE_FRACTION = 0.1


def wellness(inventory: Inventory) -> Finding:
    """Whether every node is healthy."""
    unwell = [f"{state.name} {state.state}" for state in node_states(inventory) if not state.ready]
    return Finding("nodes", not unwell, ", ".join(unwell) or "all are well", "all well")


def servers(nodes: Sequence[Node], where: str = "") -> Finding:
    """Whether exactly one data processing server is active, and at least one other stands by if there are several."""
    states = _each(nodes, lambda node: str(http.get(node, node.role.row.status_port, "/v1/status")["state"]))
    active, spare = (sum(state == wanted for state in states.values()) for wanted in ("active", "standby"))
    needed = 1 if len(nodes) > 1 else 0
    return Finding(
        f"data processing servers{where}",
        active == 1 and spare >= needed,
        _listed(states),
        "one that is active" + (", one that stands by" if needed else ""),
    )


def gateways(inventory: Inventory, site: str, least: int) -> Finding:
    """Whether at least ``least`` gateways of a site serve. One is a spare where no other site can step in."""
    states = _each(inventory.of_site(site, Role.GATEWAY), _serves)
    serving = sum(state == _SERVES for state in states.values())
    return Finding(
        f"gateways of {site}",
        serving >= least,
        _listed(states),
        f"at least {least} that serve{', so that one may fail' if least > 1 else ''}",
    )


def queues(inventory: Inventory) -> Finding:
    """Whether the collectors' data is processed, and is not stuck in the gateways."""
    seconds = gateway_queue.STUCK_SECONDS
    states = _each(inventory.of_role(Role.GATEWAY), _queue)
    well = set(states.values()) <= {_FLOWS}
    return Finding("queues of the gateways", well, _listed(states), f"no event waits for {seconds:g} s")


def virtual_ips(inventory: Inventory, site: str) -> Iterator[Finding]:
    """Whether each virtual IP of a site is held by exactly one of its load balancers."""
    held = virtual_ip.held(inventory, site)
    for what, address in virtual_ip.addresses(inventory, site).items():
        holders = [name for name, own in held.items() if address in own]
        yield Finding(
            f"virtual IP of {site} for {what}",
            len(holders) == 1,
            f"{address} is held by {', '.join(holders) or 'nobody'}",
            "held once",
        )


def disk(node: Node) -> Finding:
    """Whether the volume of a database server has enough free space."""
    allowed = f"at least {MINIMUM_FREE_FRACTION:.0%} free"
    try:
        size, free = volume.room(node)
    except RedlabError as error:
        return Finding(f"disk of {node.name}", False, str(error), allowed)
    return Finding(
        f"disk of {node.name}",
        free >= MINIMUM_FREE_FRACTION * size,
        f"{free / size:.0%} of {size / 2**30:.0f} GiB free",
        allowed,
    )


def sites(inventory: Inventory) -> Finding:
    """Whether the global load balancer finds every site up."""
    name, allowed = "global load balancer", "every site is up"
    try:
        routing = global_load_balancer.routing(inventory)
    except RedlabError as error:
        return Finding(name, False, str(error), allowed)
    states = ", ".join(f"{site} is {'up' if up else 'down'}" for site, up in sorted(routing.up.items()))
    return Finding(name, all(routing.up.values()), f"{states}; users go to {routing.active_site}", allowed)


_SERVES = "serves"
_FLOWS = "flows"


def _queue(node: Node) -> str:
    return gateway_queue.said("", gateway_queue.state(node)).removeprefix(": ") or _FLOWS


def _serves(node: Node) -> str:
    http.get(node, node.role.row.status_port, "/readyz")
    return _SERVES


def _each(nodes: Sequence[Node], ask: Callable[[Node], str]) -> dict[str, str]:
    """Return the answer of each node by its name, or the reason why it does not answer."""

    def answer(node: Node) -> str:
        try:
            return ask(node)
        except RedlabError as error:
            return f"does not ({error})"

    with ThreadPoolExecutor(max_workers=4) as pool:
        return {node.name: said for node, said in zip(nodes, pool.map(answer, nodes), strict=True)}


def _listed(states: dict[str, str]) -> str:
    return ", ".join(f"{name} {state}" for name, state in states.items()) or "none"
