"""What each of the processes that run tests beside each other has for itself: ports, and subnets.

What one finds free another may find free just then: only apart is nothing taken between finding and using it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
from collections.abc import Iterator
from ipaddress import IPv4Network

from redlab.stack import address_pool

_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = itertools.count(15000 + 1000 * _PROCESS)


def free_port() -> int:
    """Return a port of 127.0.0.1; fixed, so that it is the same after a restart of its container.

    They are below those that the kernel and the engine give out.
    """
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def free_subnets(block: str) -> Iterator[IPv4Network]:
    """Return the /24 of this process's part of a /16 that no network of the engine and no route of the machine has."""
    used = [
        network for one in (*address_pool.of_engine("", "").others, *address_pool.routes()) for network in one.networks
    ]
    own = list(IPv4Network(block).subnets(new_prefix=20))[_PROCESS]
    return (subnet for subnet in own.subnets(new_prefix=24) if not any(map(subnet.overlaps, used)))
