"""Listening ports are the container contract's and no others; published ones are on 127.0.0.1 alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from redlab import engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

    from redlab.laboratory import Laboratory

pytestmark = pytest.mark.pulumi

LISTEN = "0A"
# The engine's own resolver has a port of its choice there, in every container on a network that somebody made.
ENGINE_RESOLVER = "127.0.0.11"
CONTRACT = {
    "database": {("any", 5432)},
    "gateway": {("any", 8080), ("any", 8081), ("any", 8082)},
    "dataProcessingServer": {("any", 8090)},
    "collector": set(),
    "loadBalancer": {
        ("collectors", 8080),
        ("access", 8080),
        ("users", 8081),
        ("access", 8081),
        ("access", 10000),
        ("dc1", 8404),
    },
}


def listening(*tables: str) -> set[tuple[str, int]]:
    """Return address and port of every listening socket in texts like /proc/net/tcp; ``any`` is every address."""
    found = set()
    for line in (line for table in tables for line in table.splitlines()[1:]):
        local, state = line.split()[1], line.split()[3]
        if state == LISTEN:
            address, port = local.split(":")
            octets = bytes.fromhex(address)
            shown = ".".join(map(str, octets[::-1])) if len(octets) == 4 and any(octets) else address
            found.add(("any" if not any(octets) else shown, int(port, 16)))
    return {(address, port) for address, port in found if address != ENGINE_RESOLVER}


def test_listening_ports_are_the_contracts(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    for node in ha_lab.inventory.nodes:
        named = {address: name for name, address in (*node.addresses.items(), *ha_lab.inventory.virtual_ips.items())}
        tables = [inside(node.name).file(f"/proc/net/{table}").content_string for table in ("tcp", "tcp6")]
        found = {(named.get(address, address), port) for address, port in listening(*tables)}
        assert found == CONTRACT[node.role], node.name


def test_published_ports_are_on_loopback_alone(ha_lab: Laboratory) -> None:
    published = {int(url.rsplit(":", 1)[1]) for urls in ha_lab.inventory.urls.values() for url in urls}
    bound = set()
    for container in engine.containers(ha_lab.inventory).values():
        for bindings in container.attrs["NetworkSettings"]["Ports"].values():
            bound |= {(binding["HostIp"], int(binding["HostPort"])) for binding in bindings or []}
    assert bound == {("127.0.0.1", port) for port in published}


def test_the_machine_listens_on_loopback_alone(ha_lab: Laboratory) -> None:
    """What the kernel says, not the engine: the proxy of a published port takes no connection from elsewhere."""
    published = {int(url.rsplit(":", 1)[1]) for urls in ha_lab.inventory.urls.values() for url in urls}
    sockets = listening(*(Path(f"/proc/net/{table}").read_text() for table in ("tcp", "tcp6")))
    assert {(address, port) for address, port in sockets if port in published} == {
        ("127.0.0.1", port) for port in published
    }


def test_a_port_more_is_seen() -> None:
    header = "  sl  local_address rem_address   st\n"
    table = header + "   0: 0100007F:1F90 00000000:0000 0A\n   1: 00000000:0050 00000000:0000 0A\n"
    assert listening(table) == {("127.0.0.1", 8080), ("any", 80)}
    assert listening(header + "   0: 0100007F:1F90 0100007F:9000 01\n") == set()
