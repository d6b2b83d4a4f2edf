"""Who is nearest to which site, and what only a wide-area load balancer has."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from redundancy.addressing import AddressPlan
from redundancy.rules.problem import Problem
from redundancy.topology import Topology
from redundancy.traits import patterns

_CLIENTS = "globalLoadBalancer.clients"


def only_at_a_wide_area_load_balancer(topology: Topology) -> Iterator[Problem]:
    """Only where every site serves users can one be nearer than another, and only there are interfaces shared."""
    balancer = topology.global_load_balancer
    if balancer is None or topology.traits.active_active:
        return
    others = " and ".join(patterns("active_active"))
    why = f"{topology.pattern} has one active site and no wide-area load balancer; {others} has"
    for key, given in (("clients", bool(balancer.clients)), ("ownAddresses", balancer.own_addresses)):
        if given:
            yield Problem(f"globalLoadBalancer.{key}", "given", "nothing", why)


def known_clients(topology: Topology) -> Iterator[Problem]:
    """A client is a collector of this lab or a network of those that clients have, and nearest to one site there is."""
    balancer, sites = topology.global_load_balancer, [site.name for site in topology.sites]
    if balancer is None or not topology.traits.active_active:
        return
    access = _access(topology)
    collectors = [node.name for node in topology.collectors.nodes]
    nearest: dict[str, str] = {}
    for site, clients in balancer.clients.items():
        if site not in sites:
            yield Problem(f"{_CLIENTS}.{site}", site, ", ".join(sites), "a client is nearest to a site with gateways")
        for client in clients:
            path = f"{_CLIENTS}.{site}"
            if client in collectors:
                network = client
            elif (found := _network(client)) is None:
                yield Problem(path, client, f"{', '.join(collectors)}, or a network", "nobody else is a client")
                continue
            else:
                network = str(found)
                if access is not None and not found.subnet_of(access):
                    why = f"clients have addresses of {access}, the first /24 of addressPool"
                    yield Problem(path, client, f"a network within {access}", why)
            if nearest.setdefault(network, site) != site:
                why = f"it is nearest to {nearest[network]} already"
                yield Problem(path, client, "each client once", why)


def _access(topology: Topology) -> IPv4Network | None:
    try:
        return AddressPlan(topology).access.network
    except ValueError:  # a pool that is none, which has a rule
        return None


def _network(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text)
    except ValueError:
        return None
