"""Who has which address: a plan computed from the topology alone, so that all containers can start at once. Pure.

A lab's pool is a /20: its first /24 is the access network, the next ones are the sites in the order of their names.
Fixed host numbers keep an address the same whatever else the topology holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from redundancy.naming import ACCESS_NETWORK
from redundancy.topology import Node, Topology

CANDIDATE_POOLS = tuple(IPv4Network("10.192.0.0/12").subnets(new_prefix=20))
"""The pools a lab may be given by default: 256 networks in a range that few home and office networks use."""

# Ports that nobody hands out by chance: below the kernel's ephemeral range, which begins at 32768.
FIRST_PUBLISHED_PORT = 21000
PORTS_PER_LAB = 16

_COLLECTOR_VIRTUAL_IP, _USER_VIRTUAL_IP = 10, 11
_FIRST_HOST_NUMBER = {"gateway": 11, "dataProcessingServer": 21, "database": 31, "loadBalancer": 41, "collector": 51}
_DEAD_END = 254


def default_pool(lab: str) -> str:
    """Return the pool that a lab of this name uses when nobody chose one; the same in every run."""
    digest = hashlib.sha256(lab.encode()).digest()
    return str(CANDIDATE_POOLS[digest[0]])


@dataclass(frozen=True)
class Subnet:
    """One network: the engine's own address in it (``host``) and the dead end that nodes get as default route.

    Nothing answers at the dead end, so that no packet for elsewhere leaves the network (docs/adr/0001).
    """

    network: IPv4Network

    @property
    def host(self) -> str:
        """Address reserved for the engine's bridge."""
        return str(self.network[1])

    @property
    def dead_end(self) -> str:
        """Address of the default route: no machine has it."""
        return str(self.network[_DEAD_END])

    def address(self, node: Node) -> str:
        """Address of a node that has a leg here."""
        return str(self.network[_FIRST_HOST_NUMBER[node.role] + node.ordinal - 1])


class AddressPlan:
    """Addresses and published ports of a lab."""

    def __init__(self, topology: Topology) -> None:
        pool = IPv4Network(topology.address_pool)
        self.pool = pool
        subnets = pool.subnets(new_prefix=24)
        names = (ACCESS_NETWORK, *(site.name for site in topology.sites))
        self.subnets: Mapping[str, Subnet] = {name: Subnet(next(subnets)) for name in names}
        self._topology = topology

    @property
    def access(self) -> Subnet:
        """The network of clients and of the load balancers' front sides."""
        return self.subnets[ACCESS_NETWORK]

    @property
    def collector_virtual_ip(self) -> str:
        """Where collectors send to."""
        return str(self.access.network[_COLLECTOR_VIRTUAL_IP])

    @property
    def user_virtual_ip(self) -> str:
        """Where users go to."""
        return str(self.access.network[_USER_VIRTUAL_IP])

    def addresses(self, node: Node) -> dict[str, str]:
        """Return the node's address in each network it has a leg in, by the network's short name."""
        if node.role == "collector":
            return {ACCESS_NETWORK: self.access.address(node)}
        site = next(site.name for site in self._topology.sites if node in site.nodes)
        networks = (ACCESS_NETWORK, site) if node.role == "loadBalancer" else (site,)
        return {name: self.subnets[name].address(node) for name in networks}

    def published_port(self, load_balancer: Node, kind: str) -> int:
        """Port on 127.0.0.1 of a load balancer's front side; ``kind`` is ``collectors`` or ``users``."""
        index = (int(IPv4Address(self.pool.network_address)) - int(CANDIDATE_POOLS[0].network_address)) >> 12
        offset = {"collectors": 0, "users": 1}[kind]
        return FIRST_PUBLISHED_PORT + index % 256 * PORTS_PER_LAB + 2 * (load_balancer.ordinal - 1) + offset
