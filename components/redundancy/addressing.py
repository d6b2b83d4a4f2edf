"""Who has which address: a plan computed from the topology alone, so that all containers can start at once. Pure.

A lab's pool is a /20: its first /24 is the access network, the next ones are the sites in the order of their names,
then the third place (the witness's, or the UCMDB's).
Fixed host numbers keep an address the same whatever else the topology holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from redundancy.naming import ACCESS_NETWORK
from redundancy.roles import USER_INTERFACES, Role
from redundancy.topology import Node, Topology

CANDIDATE_POOLS = tuple(
    pool
    for network in ("10.192.0.0/12", "172.16.0.0/12", "192.168.0.0/16")
    for pool in IPv4Network(network).subnets(new_prefix=20)
)
"""The pools a lab may be given, the best ones first: a range that few home and office networks use, then the others."""
DEFAULT_POOLS = 256
"""So many of them, the first ones, are given by the lab's name."""

# Ports that nobody hands out by chance: below the kernel's ephemeral range, which begins at 32768.
FIRST_PUBLISHED_PORT = 21000
PORTS_PER_LAB = 16
PORT_BLOCKS = (32768 - FIRST_PUBLISHED_PORT) // PORTS_PER_LAB

LOAD_BALANCERS_PER_SITE = 2
_FIRST_TLS_PORT = 12
"""Behind two ports of each load balancer of two sites, and four of the global one."""
COLLECTORS_PER_SITE = 4

_COLLECTOR_VIRTUAL_IP, _USER_VIRTUAL_IP = 10, 11
_FIRST_OWN_ADDRESS = 6
"""Of the user interfaces, in their order: between the wide-area load balancer's own address and the virtual IPs."""
_DEFAULT_ROUTE = 254
_PUBLISHED = {"collectors": 0, "users": 1} | {role: role.row.interface.published for role in Role if role.row.interface}
"""Which of its published ports a load balancer has for what: it has two in a site, four before the sites."""


def default_pool(lab: str) -> str:
    """Return the pool that a lab of this name uses when nobody chose one; the same in every run."""
    digest = hashlib.sha256(lab.encode()).digest()
    return str(CANDIDATE_POOLS[digest[0] % DEFAULT_POOLS])


def published_ports(pool: IPv4Network) -> range:
    """Return the ports that are published by a lab with this pool: no two pools of the candidates share one."""
    if pool in _NUMBER_OF_CANDIDATE:
        block = _NUMBER_OF_CANDIDATE[pool]
    else:
        # There are more private pools than blocks of ports: what anybody chooses shares the rest.
        block = len(CANDIDATE_POOLS) + (int(pool.network_address) >> 12) % (PORT_BLOCKS - len(CANDIDATE_POOLS))
    first = FIRST_PUBLISHED_PORT + block * PORTS_PER_LAB
    return range(first, first + PORTS_PER_LAB)


_NUMBER_OF_CANDIDATE = {pool: number for number, pool in enumerate(CANDIDATE_POOLS)}


def bridge_options(*, access: bool) -> dict[str, str]:
    """Return what the engine is told of the bridge of the access network, or of a site's."""
    chosen = {
        # An address of ours outside the machine would be of no use, and masquerading would give packets the machine's.
        "com.docker.network.bridge.enable_ip_masquerade": "false",
    }
    if not access:
        # The machine itself has no leg in a site. In the access network it needs one: published ports go through it.
        chosen["com.docker.network.bridge.inhibit_ipv4"] = "true"
        # Engines since 28 drop what the router forwards to a network in their default mode, `nat`. Those before 27 do
        # not know the option. The mode `nat-unprotected` would do too, but 27 refuses it.
        chosen["com.docker.network.bridge.gateway_mode_ipv4"] = "routed"
    return chosen


@dataclass(frozen=True)
class Subnet:
    """One network: the engine's own address in it (``host``) and the address that nodes get as default route.

    The router between the sites adds that address to its own. Where there is none, nothing answers there: a dead end.
    Either way no packet for elsewhere leaves the machine (docs/adr/0001).
    """

    network: IPv4Network

    @property
    def host(self) -> str:
        """Address reserved for the engine's bridge."""
        return str(self.network[1])

    @property
    def default_route(self) -> str:
        """Address of the default route: the router's, or nobody's."""
        return str(self.network[_DEFAULT_ROUTE])

    def address(self, node: Node, offset: int = 0) -> str:
        """Address of a node that has a leg here; nodes of several sites in one network differ by ``offset``."""
        return str(self.network[node.role.row.first_host_number + offset + node.ordinal - 1])


@dataclass(frozen=True)
class EntryPoint:
    """Where clients go: the address for collectors and the one for users."""

    collectors: str
    users: str


class AddressPlan:
    """Addresses and published ports of a lab."""

    def __init__(self, topology: Topology) -> None:
        pool = IPv4Network(topology.address_pool)
        self.pool = pool
        subnets = pool.subnets(new_prefix=24)
        names = (ACCESS_NETWORK, *(place for place, _ in topology.places))
        self.subnets: Mapping[str, Subnet] = {name: Subnet(next(subnets)) for name in names}
        self._topology = topology
        self._site_of = {node: place for place, nodes in topology.places for node in nodes}
        self._site_number = {site.name: number for number, site in enumerate(topology.sites)}

    @property
    def access(self) -> Subnet:
        """The network of clients and of the load balancers' front sides."""
        return self.subnets[ACCESS_NETWORK]

    def site_number(self, site: str) -> int:
        """Number of a site, from 0, in the order of their names."""
        return self._site_number[site]

    def virtual_ips(self, site: str) -> EntryPoint:
        """The addresses that a load balancer of the site holds at any time."""
        offset = 2 * self._site_number[site]
        network = self.access.network
        return EntryPoint(str(network[_COLLECTOR_VIRTUAL_IP + offset]), str(network[_USER_VIRTUAL_IP + offset]))

    @property
    def entry(self) -> EntryPoint:
        """Where clients go: the global load balancer, or the virtual IPs of the one site."""
        balancer = self._topology.global_load_balancer
        if balancer is None:
            return self.virtual_ips(self._topology.sites[0].name)
        address = self.access.address(balancer.node)
        return EntryPoint(address, self.interfaces["users"][ACCESS_NETWORK] if self.interfaces else address)

    @property
    def interfaces(self) -> dict[str, dict[str, str]]:
        """Where each user interface of twin instances is reached, by network; empty where there are none.

        Clients come by the access network, the instances' integrations by the third place.
        """
        balancer, ucmdb = self._topology.global_load_balancer, self._topology.ucmdb
        if balancer is None or ucmdb is None or not self._topology.service_desk:
            return {}
        networks, node = (ACCESS_NETWORK, ucmdb.name), balancer.node
        found = {}
        for number, kind in enumerate(USER_INTERFACES):
            own = {network: str(self.subnets[network].network[_FIRST_OWN_ADDRESS + number]) for network in networks}
            found[kind] = own if balancer.own_addresses else self.addresses(node)
        # The instances do not integrate with their own users' pages.
        return {**found, "users": {ACCESS_NETWORK: found["users"][ACCESS_NETWORK]}}

    def integration_url(self, node: Node) -> str:
        """Return where integrations find a node that twin instances share: at its interface in the third place."""
        address = self.interfaces[node.role][self.site_of(node)]
        return f"{self._topology.encryption.scheme}://{address}:{USER_INTERFACES[node.role]}"

    @property
    def nearest(self) -> tuple[tuple[str, str], ...]:
        """The networks of clients with the site that is nearest to them, the more specific ones later.

        Each twin collector is nearest to its own site, unless the topology says otherwise.
        """
        twins = {
            self._network(node.name): site.name
            for node in self._topology.collectors.nodes
            if (site := self._topology.twin_site(node))
        }
        balancer = self._topology.global_load_balancer
        named = balancer.clients.items() if balancer else ()
        found = twins | {self._network(client): site for site, clients in named for client in clients}
        ordered = sorted(found, key=lambda network: (network.prefixlen, network))
        return tuple((str(network), found[network]) for network in ordered)

    def _network(self, client: str) -> IPv4Network:
        """The network that a client of a site stands for: a collector's own address, or what is written."""
        collector = next((node for node in self._topology.collectors.nodes if node.name == client), None)
        return IPv4Network(self.addresses(collector)[ACCESS_NETWORK] if collector else client)

    def site_of(self, node: Node) -> str:
        """The place that a node stands in; the access network for those that stand in none."""
        return self._site_of.get(node, ACCESS_NETWORK)

    def addresses(self, node: Node) -> dict[str, str]:
        """Return the node's address in each network it has a leg in, by the network's short name."""
        if node.role is Role.WAN_ROUTER:
            return {place: self.subnets[place].address(node) for place, _ in self._topology.places}
        site = self.site_of(node)
        if node.role is Role.COLLECTOR and (twin := self._topology.twin_site(node)):
            return {site: self.access.address(node, COLLECTORS_PER_SITE * self._site_number[twin.name])}
        if node in self._topology.untwinned:
            return {site: self.access.address(node, COLLECTORS_PER_SITE * len(self._site_number))}
        if node.role is Role.GLOBAL_LOAD_BALANCER and self._topology.service_desk and self._topology.ucmdb:
            # It leads to the user interfaces that both instances share.
            place = self._topology.ucmdb.name
            return {site: self.access.address(node), place: self.subnets[place].address(node)}
        if node.role is not Role.LOAD_BALANCER:
            return {site: self.subnets[site].address(node)}
        return {
            ACCESS_NETWORK: self.access.address(node, LOAD_BALANCERS_PER_SITE * self._site_number[site]),
            site: self.subnets[site].address(node),
        }

    def published_port(self, node: Node, kind: str) -> int:
        """Port on 127.0.0.1 of a (global) load balancer's front side.

        ``kind`` is ``collectors`` or ``users``, in a site also ``usersTls``. With twin instances, whose collectors go
        to their own site, the global one has the other user interfaces instead of ``collectors``.
        """
        local = 2 * LOAD_BALANCERS_PER_SITE  # the load balancers of two sites, then the global one
        if node.role is Role.LOAD_BALANCER:
            local = LOAD_BALANCERS_PER_SITE * self._site_number[self.site_of(node)]
            if kind == "usersTls":
                return published_ports(self.pool)[_FIRST_TLS_PORT + local + node.ordinal - 1]
        return published_ports(self.pool)[2 * (local + node.ordinal - 1) + _PUBLISHED[kind]]
