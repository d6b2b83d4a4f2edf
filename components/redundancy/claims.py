"""What a lab takes for itself on a machine (addresses, ports, names), and who has it already. Pure.

Two labs may come to the same pool or to the same ports: both follow from a name, and a pool may be anybody's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from redundancy.naming import LABEL_PREFIX

WAY_OUT = (
    "choose another address pool: `pulumi config set redundancy:addressPool`, `addressPool` of the topology file, or "
    "`address_pool` of the component"
)


@dataclass(frozen=True)
class Claims:
    """What one holder has; ``names`` of containers and networks have their kind: ``network redlab-ha-access``."""

    holder: str
    networks: tuple[IPv4Network, ...] = ()
    ports: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seen:
    """What an engine has: what is somebody else's, and the ports that the lab itself publishes already."""

    others: tuple[Claims, ...]
    own_ports: frozenset[int]


def of_lab(described: Mapping[str, Any], pool: IPv4Network) -> Claims:
    """Return what a lab needs, from its inventory."""
    urls = {url for kind in described["urls"].values() for url in kind}
    return Claims(
        f"lab {described['lab']}",
        (pool,),
        frozenset(int(url.rpartition(":")[2]) for url in urls),
        frozenset(
            [
                *(f"container {node['container']}" for node in described["nodes"]),
                *(f"network {network['name']}" for network in described["networks"].values()),
            ]
        ),
    )


def of_engine(
    networks: Iterable[Mapping[str, Any]], containers: Iterable[Mapping[str, Any]], lab: str, owner: str
) -> Seen:
    """Return what an engine's lists of networks and containers hold (its API, NetworkList and ContainerList).

    What has the labels of the lab and its owner is the lab's own.
    """
    others: list[Claims] = []
    own_ports: set[int] = set()
    for network in networks:
        if not _is_own(network, lab, owner):
            subnets = tuple(
                IPv4Network(config["Subnet"], strict=False)
                for config in (network["IPAM"]["Config"] or ())
                if ":" not in config.get("Subnet", ":")
            )
            name = f"network {network['Name']}"
            others.append(Claims(_holder(f"Docker {name}", network), subnets, names=frozenset([name])))
    for container in containers:
        ports = frozenset(port["PublicPort"] for port in container["Ports"] or () if "PublicPort" in port)
        if _is_own(container, lab, owner):
            own_ports |= ports
        else:
            names = [f"container {name.removeprefix('/')}" for name in container["Names"] or ()]
            others.append(Claims(_holder(" ".join(names[:1]), container), (), ports, frozenset(names)))
    return Seen(tuple(others), frozenset(own_ports))


def conflicts(own: Claims, others: Iterable[Claims]) -> Iterator[str]:
    """Yield a message for each holder that has something of what a lab needs."""
    for other in others:
        overlaps = [(mine, theirs) for mine in own.networks for theirs in other.networks if mine.overlaps(theirs)]
        for mine, theirs in overlaps[:1]:
            yield f"{own.holder}: address pool {mine} overlaps {other.holder} ({theirs}); {WAY_OUT}"
        ports = sorted(own.ports & other.ports)
        if ports and not overlaps:
            yield (
                f"{own.holder}: port {', '.join(map(str, ports))} on 127.0.0.1 is taken by {other.holder}; the ports "
                f"follow from the address pool: {WAY_OUT}"
            )
        names = sorted(own.names & other.names)
        if names:
            yield f"{own.holder}: {names[0]} is there already, of {other.holder}; choose another name for the lab"


def _is_own(thing: Mapping[str, Any], lab: str, owner: str) -> bool:
    labels = thing.get("Labels") or {}
    return labels.get(f"{LABEL_PREFIX}lab") == lab and labels.get(f"{LABEL_PREFIX}owner", "") == owner


def _holder(what: str, thing: Mapping[str, Any]) -> str:
    lab = (thing.get("Labels") or {}).get(f"{LABEL_PREFIX}lab")
    return f"{what} of lab {lab}" if lab else what
