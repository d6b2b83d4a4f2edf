"""What holds of every lab with several sites, whatever its pattern: nothing leaves it, nobody may too much, no leak."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from tests.support import docker_engine
from tests.support.lab import egress, wiring

if TYPE_CHECKING:
    from redlab.control.lab import Laboratory


def check_that_no_packet_leaves(lab: Laboratory) -> None:
    """Not to elsewhere, and not to an address of another place that nobody has."""
    networks, containers = lab.inventory.networks, docker_engine.containers(lab.inventory)
    places = [site.name for site in lab.inventory.sites]
    targets = [egress.ELSEWHERE, *(str(IPv4Network(networks[place].subnet)[200]) for place in places)]
    with egress.counting(lab) as counter, ThreadPoolExecutor(len(containers)) as pool:
        outcomes = list(pool.map(lambda container: egress.attempt(container, targets), containers.values()))
        assert all(outcome[target] for outcome in outcomes for target in targets), outcomes
        assert counter.packets == 0


def check_that_nodes_may_no_more_than_they_need(lab: Laboratory) -> None:
    assert wiring.unconfined(lab) == []
    assert wiring.bound_ports(lab) == {("127.0.0.1", port) for port in wiring.published_ports(lab)}
    allowed = {"wanRouter": wiring.NET_ADMIN, "loadBalancer": wiring.NET_ADMIN | wiring.NET_RAW}
    if lab.inventory.active_active:  # a wide-area load balancer sets up its legs
        allowed["globalLoadBalancer"] = wiring.NET_ADMIN
    for node in lab.inventory.nodes:
        for process in wiring.processes(wiring.inside(lab, node.name)):
            assert process["NoNewPrivs"] == "1", (node.name, process["Name"])
            beyond = {each & ~allowed.get(node.role, 0) for each in wiring.capabilities(process)}
            assert beyond == {0}, (node.name, process["Name"])


def check_that_no_secret_leaks(lab: Laboratory) -> None:
    secrets = {}
    for node in ("dc1-gw1", "dc1-db1"):
        inside = wiring.inside(lab, node)
        for file in inside.file("/etc/redlab/secrets").listdir():
            if file.endswith(("-password", "-token")):
                secrets[file] = str(inside.file(f"/etc/redlab/secrets/{file}").content_string)
    assert {"database-password", "admin-token"} <= secrets.keys()
    assert all(len(value) >= 32 for value in secrets.values())
    assert wiring.leaks(secrets, wiring.places(lab)) == []
