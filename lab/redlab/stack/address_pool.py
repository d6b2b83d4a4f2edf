"""Choosing an address pool that nothing on the machine uses, and refusing one that something does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from ipaddress import IPv4Network
from pathlib import Path

from redlab import engine
from redlab.errors import RedlabError
from redundancy import claims, ports
from redundancy.addressing import CANDIDATE_POOLS, default_pool, published_ports
from redundancy.claims import Claims, Seen

_DEFAULT_ROUTE_PREFIX = 1
"""A VPN that takes everything has two routes for a half each (0.0.0.0/1, 128.0.0.0/1): the default route, once more."""
_PROGRAM = "another program of this machine"


def in_use(wanted: Iterable[int]) -> frozenset[int]:
    """Return which ports are taken by programs; none where the engine, and so the lab, is on another machine."""
    return ports.in_use(wanted) if engine.of().is_here() else frozenset()


def choose(lab: str, others: Collection[Claims], listening: Callable[[Iterable[int]], frozenset[int]] = in_use) -> str:
    """Return a pool that is free, and whose ports are; the lab's default one if it is.

    ``others`` hold networks and ports, ``listening`` tells which ports programs of this machine have.
    """
    published = frozenset(port for other in others for port in other.ports)
    preferred = IPv4Network(default_pool(lab))
    for candidate in (preferred, *CANDIDATE_POOLS):
        wanted = published_ports(candidate)
        if not (_in_the_way(candidate, others) or published.intersection(wanted) or listening(wanted)):
            return str(candidate)
    ways = {holder: network for pool in CANDIDATE_POOLS for holder, network in _in_the_way(pool, others)}
    named = [f"{holder} ({network})" for holder, network in ways.items()]
    found = ", ".join(named[:3]) or "ports that are taken"
    raise RedlabError(
        f"no address pool is free: {found}{' and others' if named[3:] else ''} cover all of {_CANDIDATES}. Choose a "
        "private /20 whose addresses this machine does not need, also one inside a wider route: "
        f"`pulumi config set --stack {lab} redundancy:addressPool 10.201.16.0/20`"
    )


_CANDIDATES = "10.192.0.0/12, 172.16.0.0/12 and 192.168.0.0/16"


def _in_the_way(pool: IPv4Network, others: Iterable[Claims]) -> list[tuple[str, IPv4Network]]:
    return [(other.holder, network) for other in others for network in other.networks if network.overlaps(pool)]


def refuse(own: Claims, seen: Seen, routed: Iterable[Claims]) -> None:
    """Raise RedlabError that names everybody who has something of what a lab needs.

    A pool may lie inside a wider route: the lab takes only those addresses of it.
    """
    narrow = (one for one in routed for pool in own.networks if one.networks[0].prefixlen >= pool.prefixlen)
    published = frozenset(port for other in seen.others for port in other.ports)
    listening = Claims(_PROGRAM, ports=in_use(own.ports - seen.own_ports - published))
    problems = list(claims.conflicts(own, [*seen.others, *narrow, listening]))
    if problems:
        raise RedlabError("\n".join(problems))


def of_engine(lab: str, owner: str) -> Seen:
    """Return what the engine has."""
    return engine.of().claims(lab, owner)


def routes(table: Path = Path("/proc/net/route"), bridges: Collection[str] = ()) -> list[Claims]:
    """Return the machine's own IPv4 routes, none where the kernel does not show them.

    Not the default one, and not those of ``bridges``, which belong to the engine's networks.
    """
    if not table.is_file():
        return []
    found = []
    for line in table.read_text().splitlines()[1:]:
        interface, destination, _, _, _, _, _, mask = line.split()[:8]
        address, netmask = (int.from_bytes(bytes.fromhex(word), "little") for word in (destination, mask))
        if netmask.bit_count() > _DEFAULT_ROUTE_PREFIX and interface not in bridges:
            found.append(Claims(f"route of {interface}", (IPv4Network((address, netmask.bit_count())),)))
    return found


def bridges() -> frozenset[str]:
    """Return the names of the bridges of the engine's networks, as this machine calls them."""
    return engine.of().bridges()
