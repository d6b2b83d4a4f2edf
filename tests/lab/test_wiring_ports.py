"""Listening ports are the container contract's and no others; published ones are on 127.0.0.1 alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.lab.wiring import bound_ports, listening, published_ports

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

    from redlab.control.lab import Laboratory

pytestmark = pytest.mark.pulumi

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


def test_listening_ports_are_the_contracts(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    for node in ha_lab.inventory.nodes:
        named = {address: name for name, address in (*node.addresses.items(), *ha_lab.inventory.virtual_ips.items())}
        tables = [inside(node.name).file(f"/proc/net/{table}").content_string for table in ("tcp", "tcp6")]
        found = {(named.get(address, address), port) for address, port in listening(*tables)}
        assert found == CONTRACT[node.role], node.name


def test_published_ports_are_on_loopback_alone(ha_lab: Laboratory) -> None:
    assert bound_ports(ha_lab) == {("127.0.0.1", port) for port in published_ports(ha_lab)}


def test_the_machine_listens_on_loopback_alone(ha_lab: Laboratory) -> None:
    """What the kernel says, not the engine: the proxy of a published port takes no connection from elsewhere."""
    published = published_ports(ha_lab)
    sockets = listening(*(Path(f"/proc/net/{table}").read_text() for table in ("tcp", "tcp6")))
    assert {(address, port) for address, port in sockets if port in published} == {
        ("127.0.0.1", port) for port in published
    }


def test_a_port_more_is_seen() -> None:
    header = "  sl  local_address rem_address   st\n"
    table = header + "   0: 0100007F:1F90 00000000:0000 0A\n   1: 00000000:0050 00000000:0000 0A\n"
    assert listening(table) == {("127.0.0.1", 8080), ("any", 80)}
    assert listening(header + "   0: 0100007F:1F90 0100007F:9000 01\n") == set()
