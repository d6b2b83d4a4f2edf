"""Choosing an address pool that nothing on the machine uses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from pathlib import Path

from redlab.errors import RedlabError
from redundancy.addressing import CANDIDATE_POOLS, default_pool


def choose(lab: str, used: Iterable[tuple[str, IPv4Network]]) -> str:
    """Return a free pool, the lab's default one if that is free. ``used`` is pairs of a name and a network."""
    used = list(used)
    preferred = IPv4Network(default_pool(lab))
    for candidate in (preferred, *CANDIDATE_POOLS):
        if not any(candidate.overlaps(network) for _, network in used):
            return str(candidate)
    name, network = next((n, w) for n, w in used if w.overlaps(preferred))
    raise RedlabError(
        f"no free address pool: {name} ({network}) and others cover all of them; set redundancy:addressPool"
    )


def check_free(pool: str, own: Iterable[str], used: Iterable[tuple[str, IPv4Network]]) -> None:
    """Raise RedlabError that names the network in the way when something else than the lab itself overlaps the pool."""
    mine = set(own)
    for name, network in used:
        if name not in mine and network.overlaps(IPv4Network(pool)):
            raise RedlabError(
                f"address pool {pool} overlaps {name} ({network}); "
                "choose another with `pulumi config set redundancy:addressPool`"
            )


def engine_networks() -> list[tuple[str, IPv4Network]]:
    """Return the IPv4 subnets of every network of the engine."""
    from redlab.engine import client

    return [
        (f"Docker network {network.name}", IPv4Network(config["Subnet"], strict=False))
        for network in client().networks.list()
        for config in (network.attrs["IPAM"]["Config"] or [])
        if ":" not in config.get("Subnet", ":")
    ]


def routes(table: Path = Path("/proc/net/route")) -> list[tuple[str, IPv4Network]]:
    """Return the machine's own IPv4 routes but the default one; none where the kernel does not show them."""
    if not table.is_file():
        return []
    found = []
    for line in table.read_text().splitlines()[1:]:
        interface, destination, _, _, _, _, _, mask = line.split()[:8]
        address, netmask = (int.from_bytes(bytes.fromhex(word), "little") for word in (destination, mask))
        if netmask:
            found.append((f"route of {interface}", IPv4Network((address, netmask.bit_count()))))
    return found
