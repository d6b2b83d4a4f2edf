"""Which addresses a lab may take."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from redundancy.rules.problem import Problem
from redundancy.topology import Topology

PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15")))
"""Networks that nobody has in the Internet and every host takes as its own (RFC 1918; RFC 2544 for the last)."""


def usable_pool(topology: Topology) -> Iterator[Problem]:
    """The lab's addresses are private ones: not those of the Internet, nor those that hosts treat in another way.

    Such are "this network" (0/8), loopback (127/8), link-local (169.254/16), multicast and reserved ones (224/3).
    """
    pool = topology.address_pool
    try:
        network = IPv4Network(pool)
    except ValueError as error:
        yield Problem("addressPool", pool, "such as 10.201.16.0/20", str(error))
        return
    if network.prefixlen != 20 or not any(network.subnet_of(private) for private in PRIVATE):
        yield Problem(
            "addressPool",
            pool,
            f"a /20 within {', '.join(map(str, PRIVATE))}",
            "other addresses are of the Internet, or hosts do not send packets to them as to any other (loopback, "
            "link-local, multicast)",
        )
