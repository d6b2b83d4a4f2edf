"""No packet of a lab leaves the machine: not to elsewhere, not to a dead peer, not to ask for a name.

The attempts are made as `egress` says.
"""

from __future__ import annotations

import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import docker
import pytest
from tests.support import docker_engine
from tests.support.lab.apart import free_subnets
from tests.support.lab.egress import ELSEWHERE, UNANSWERED, attempt, bridge, counting
from tests.support.lab.front import Front
from tests.support.lab.packet_counter import NameWatch, PacketCounter, outward_interfaces, wire_format

from redlab.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testinfra.host import Host

    from redlab.control.lab import Laboratory

pytestmark = pytest.mark.pulumi


@pytest.fixture
def counter(ha_lab: Laboratory) -> Iterator[PacketCounter]:
    with counting(ha_lab) as counter:
        yield counter


@pytest.fixture
def dead_peer(ha_lab: Laboratory) -> Iterator[str]:
    """The collector's name, stopped as long as the test lasts."""
    container = docker_engine.container(ha_lab.inventory.node("collector1"))
    container.stop()
    yield "collector1"
    container.start()
    assert until(lambda: container.reload() or container.attrs["State"]["Health"]["Status"] == "healthy", 60)


def test_nothing_leaves_a_lab(ha_lab: Laboratory, counter: PacketCounter, dead_peer: str) -> None:
    dead = ha_lab.inventory.node(dead_peer)
    alive = {
        node: container for node, container in docker_engine.containers(ha_lab.inventory).items() if node != dead_peer
    }
    with ThreadPoolExecutor(len(alive)) as threads:
        outcomes = dict(
            zip(
                alive,
                threads.map(lambda each: attempt(each, [ELSEWHERE, dead.addresses["access"]]), alive.values()),
                strict=True,
            )
        )
    assert {outcome[ELSEWHERE] for outcome in outcomes.values()} <= UNANSWERED, outcomes
    assert all(outcome[dead.addresses["access"]] for outcome in outcomes.values()), outcomes
    assert counter.packets == 0


def test_no_name_is_asked_outside(ha_lab: Laboratory, inside: Callable[[str], Host], dead_peer: str) -> None:
    containers = docker_engine.containers(ha_lab.inventory)
    # The engine hands names it does not know to these, in the container's own namespace: so none but its loopback.
    assert {tuple(container.attrs["HostConfig"]["Dns"]) for container in containers.values()} == {("127.0.0.1",)}
    names = [f"{secrets.token_hex(8)}.invalid", ha_lab.inventory.node(dead_peer).container]

    def ask(node: str) -> list[int]:
        return [inside(node).run(f"RES_OPTIONS='timeout:1 attempts:1' getent ahostsv4 {name}").rc for name in names]

    asking = [node for node in containers if node != dead_peer]
    with NameWatch(names, outward_interfaces()) as watch, ThreadPoolExecutor(len(asking)) as threads:
        answers = list(threads.map(ask, asking))
    assert {rc for answer in answers for rc in answer} == {2}
    assert watch.seen == []


def test_a_packet_that_leaves_is_counted_and_dropped() -> None:
    """A network as the engine makes it by default, but without masquerading."""
    api = docker_engine.client()
    subnet = next(free_subnets("10.208.0.0/16"))
    name = f"redlab-packet-counter-{secrets.token_hex(4)}"
    ipam = docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet=str(subnet))])
    network = api.networks.create(name, ipam=ipam, options={"com.docker.network.bridge.enable_ip_masquerade": "false"})
    try:
        container = api.containers.run(
            "debian:bookworm-slim", ["sleep", "infinity"], name=name, network=name, detach=True, init=True
        )
        with PacketCounter(str(subnet), [bridge(name)]) as counter:
            try:
                send = f"timeout 2 bash -c 'echo -n > /dev/udp/{ELSEWHERE}/53; echo x > /dev/udp/{ELSEWHERE}/53'"
                container.exec_run(["sh", "-c", send])
                assert until(lambda: counter.packets, 5)
            finally:
                container.remove(force=True)
    finally:
        network.remove()


@pytest.fixture
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    """A node with a published port and a leg in a site whose name sorts before `access`, as a load balancer has."""
    made = Front(site="aachen")
    request.addfinalizer(made.close)
    yield made


def test_a_published_port_answers_whatever_the_site_is_called_and_nothing_leaves(front: Front) -> None:
    with PacketCounter(str(front.subnets["access"]), map(bridge, front.names.values())) as counter:
        front.start()
        assert until(front.answers, 20)
        assert front.default_route() == str(front.subnets["access"][254])
        assert counter.packets == 0


def test_a_name_asked_is_seen() -> None:
    name = f"{secrets.token_hex(8)}.invalid"
    with NameWatch([name, "redlab-other.invalid"], ["lo"]) as watch:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"\0" * 12 + wire_format(name) + b"\0\0\1\0\1", ("127.0.0.1", 9))
        assert until(lambda: watch.seen, 5)
    assert set(watch.seen) == {f"{name} on lo"}
