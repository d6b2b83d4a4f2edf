"""What each node reaches and, above all, what it does not: tried from inside the containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

    from redlab.control.lab import Laboratory

pytestmark = pytest.mark.pulumi

# A connection inside one bridge takes well under a millisecond; a name without an answer is given up after a second.
CONNECT_SECONDS = 1
RESOLVER = "RES_OPTIONS='timeout:1 attempts:1'"

REACHED = [
    *[(gateway, "db1", 5432) for gateway in ("gw1", "gw2")],
    *[(gateway, server, 8090) for gateway in ("gw1", "gw2") for server in ("dps1", "dps2")],
    ("gw1", "gw2", 8082),
    *[(server, "db1", 5432) for server in ("dps1", "dps2")],
    *[(server, gateway, 8082) for server in ("dps1", "dps2") for gateway in ("gw1", "gw2")],
    *[
        (balancer, gateway, port)
        for balancer in ("lb1", "lb2")
        for gateway in ("gw1", "gw2")
        for port in range(8080, 8083)
    ],
    ("lb1", "lb2", 10000),
    ("lb2", "lb1", 10000),
    ("collector1", "collectors", 8080),
    ("collector1", "users", 8081),
]
NOT_REACHED = [
    # The two virtual IPs offer one service each.
    ("collector1", "collectors", 8081),
    ("collector1", "users", 8080),
    # Clients see nothing of the site.
    ("collector1", "db1", 5432),
    *[("collector1", "gw1", port) for port in (8080, 8081, 8082)],
    ("collector1", "dps1", 8090),
    ("collector1", "site address of lb1", 8404),
    # The site sees nothing of the clients' network.
    *[(node, "collectors", 8080) for node in ("gw1", "dps1", "db1")],
    *[(node, "users", 8081) for node in ("gw1", "dps1", "db1")],
    *[(node, "access address of lb1", 8081) for node in ("gw1", "dps1", "db1")],
    ("gw1", "host of the access network", 22),
]


def address(lab: Laboratory, target: str) -> str:
    inventory = lab.inventory
    if target in inventory.virtual_ips:
        return inventory.virtual_ips[target]
    kind, of, node = target.rpartition(" of ")
    if kind == "host":
        return inventory.networks["access"].subnet.replace(".0/24", ".1")
    addresses = inventory.node(node).addresses
    if of:
        return addresses["access" if kind == "access address" else inventory.node(node).site]
    return addresses["access" if target.startswith("lb") else inventory.node(node).site]


def connects(host: Host, to: str, port: int) -> bool:
    return bool(host.run(f"timeout {CONNECT_SECONDS} bash -c 'exec 3<>/dev/tcp/{to}/{port}'").rc == 0)


@pytest.mark.parametrize(("node", "target", "port"), REACHED)
def test_reaches(ha_lab: Laboratory, inside: Callable[[str], Host], node: str, target: str, port: int) -> None:
    assert connects(inside(node), address(ha_lab, target), port)


@pytest.mark.parametrize(("node", "target", "port"), NOT_REACHED)
def test_does_not_reach(ha_lab: Laboratory, inside: Callable[[str], Host], node: str, target: str, port: int) -> None:
    assert not connects(inside(node), address(ha_lab, target), port)


def test_the_default_route_of_every_node_is_an_address_that_nobody_has(
    ha_lab: Laboratory, inside: Callable[[str], Host]
) -> None:
    taken = {address for node in ha_lab.inventory.nodes for address in node.addresses.values()}
    for node in ha_lab.inventory.nodes:
        table = [line.split() for line in inside(node.name).file("/proc/net/route").content_string.splitlines()[1:]]
        gateways = [bytes.fromhex(line[2])[::-1] for line in table if line[1] == "00000000"]
        network = ha_lab.inventory.networks["access" if "access" in node.addresses else node.site].subnet
        dead_end = network.replace(".0/24", ".254")
        assert [".".join(map(str, gateway)) for gateway in gateways] == [dead_end], node.name
        assert dead_end not in taken


def test_names_of_peers_are_in_the_hosts_file(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    peers = {node.name: node.addresses for node in ha_lab.inventory.nodes if node.role != "collector"}
    for name in ("gw1", "dps1", "db1", "lb1"):
        site = ha_lab.inventory.node(name).site
        for peer in peers.keys() - {name}:
            network = "access" if name == "lb1" and peer == "lb2" else site
            assert inside(name).addr(peer).ipv4_addresses == [peers[peer][network]], f"{peer} in {name}"


@pytest.mark.parametrize("node", ["gw1", "dps1", "db1", "lb1", "collector1"])
def test_dns_answers_nothing(inside: Callable[[str], Host], node: str) -> None:
    assert inside(node).run(f"{RESOLVER} getent ahostsv4 localhost").rc == 0
    unknown = inside(node).run(f"{RESOLVER} getent ahostsv4 wiring-test.invalid")
    assert (unknown.rc, unknown.stdout) == (2, "")
