"""Attempts to get a packet out of a lab.

They are made in each node's network namespace, where a node may do everything. Before them a rule is put in place that
drops (and counts) whatever would leave, so that nothing does even if the lab is wrong.
"""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from contextlib import contextmanager
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from tests.support import docker_engine
from tests.support.lab.packet_counter import PacketCounter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

    from redlab.control.lab import Laboratory

ELSEWHERE = "203.0.113.1"  # TEST-NET-3 (RFC 5737): nobody has it
# What a kernel says when nobody answers for the next hop, or when it knows none.
UNANSWERED = {errno.EHOSTUNREACH, errno.ENETUNREACH}
ATTEMPT = """
import errno, json, socket, sys
from concurrent.futures import ThreadPoolExecutor

def attempt(address):
    for kind, protocol in ((socket.SOCK_DGRAM, 0), (socket.SOCK_RAW, socket.IPPROTO_ICMP)):
        with socket.socket(socket.AF_INET, kind, protocol) as sender:
            try:
                # ICMP: an echo request with its checksum.
                sender.sendto(bytes.fromhex("0800f7ff00000000"), (address, 53))
            except OSError as error:
                if error.errno not in (errno.EHOSTUNREACH, errno.ENETUNREACH):
                    raise
    with socket.socket() as stream:
        stream.settimeout(10)
        return stream.connect_ex((address, 80))

# Side by side: each waits some seconds until the kernel has given up looking for the next hop.
addresses = sys.argv[1:]
with ThreadPoolExecutor(len(addresses)) as pool:
    print(json.dumps(dict(zip(addresses, pool.map(attempt, addresses)))))
"""


def attempt(container: Container, addresses: list[str]) -> dict[str, int]:
    """Send a datagram, an echo request and a SYN to each address; returns how the connection ended (an errno)."""
    container.reload()
    enter = ["nsenter", f"--net=/proc/{container.attrs['State']['Pid']}/ns/net"]
    done = subprocess.run(
        [*enter, sys.executable, "-c", ATTEMPT, *addresses], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    outcome: dict[str, int] = json.loads(done.stdout)
    return outcome


def bridge(network: str) -> str:
    return f"br-{docker_engine.client().networks.get(network).id[:12]}"


@contextmanager
def counting(lab: Laboratory) -> Iterator[PacketCounter]:
    """Count, and drop, what would leave the networks of a lab."""
    networks = lab.inventory.networks
    supernet = IPv4Network(networks["access"].subnet).supernet(new_prefix=20)
    with PacketCounter(str(supernet), [bridge(network.name) for network in networks.values()]) as counter:
        yield counter
