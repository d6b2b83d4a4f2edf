"""What a load balancer may hold at a time fits into its container, in every topology of `stacks/`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from redundancy import loading, rules
from redundancy.nodes.configuration import Bounds, SiteEntry, global_haproxy_configuration, haproxy_configuration
from redundancy.roles import Role
from tests.unit.redundancy.test_configuration import LB1, block

STACKS = sorted(
    # Not the person's own config of a stack.
    file
    for file in (Path(__file__).parents[3] / "stacks").glob("*.yaml")
    if not file.name.startswith("Pulumi.")
)
MEBIBYTE = 1024 * 1024
SITES = (SiteEntry("dc1", "10.0.0.100", "10.0.0.101"), SiteEntry("dc2", "10.0.0.102", "10.0.0.103"))


def memories(path: Path) -> set[int]:
    """Return the memory of each load balancer of a topology."""
    topology = rules.accept(loading.read(path), path.stem)
    nodes = [node for site in topology.sites for node in site.load_balancers.nodes]
    nodes += [topology.global_load_balancer.node] if topology.global_load_balancer else []
    return {node.resources.memory_mebibytes for node in nodes}


def held_bytes(text: str) -> int:
    """Return what the buffers of all connections take."""
    connections, buffer_bytes = (
        int(re.search(rf"^    {name} (\d+)$", text, re.MULTILINE)[1])  # type: ignore[index]
        for name in ("maxconn", "tune.bufsize")
    )
    return connections * 2 * buffer_bytes


def texts(memory_mebibytes: int) -> tuple[str, str]:
    return (
        haproxy_configuration(replace(LB1, memory_mebibytes=memory_mebibytes)),
        global_haproxy_configuration("glb1", SITES, memory_mebibytes=memory_mebibytes),
    )


@pytest.mark.parametrize("path", STACKS, ids=lambda path: path.stem)
def test_the_buffers_of_all_connections_fit_into_the_container(path: Path) -> None:
    for memory_mebibytes in memories(path):
        for text in texts(memory_mebibytes):
            assert held_bytes(text) <= (memory_mebibytes - 16) * MEBIBYTE * 4 // 5


def test_the_least_memory_has_room_for_a_drill() -> None:
    assert Bounds(Role.LOAD_BALANCER.row.stand_in.least_mebibytes).connections >= 100
    for text in texts(Role.LOAD_BALANCER.row.stand_in.least_mebibytes):
        assert held_bytes(text) < Role.LOAD_BALANCER.row.stand_in.least_mebibytes * MEBIBYTE


def test_four_thousand_connections_would_be_seen() -> None:
    text = re.sub(r"maxconn \d+", "maxconn 4000", texts(96)[0])
    assert held_bytes(text) > 96 * MEBIBYTE


def test_one_client_does_not_take_all_connections_and_the_global_load_balancer_may() -> None:
    reject = "tcp-request connection reject if { sc0_conn_cur gt 384 }"
    alone = haproxy_configuration(LB1)
    behind = haproxy_configuration(replace(LB1, global_load_balancer_address="10.0.0.5"))
    assert Bounds(96).connections == 512
    for frontend in ("frontend collectors", "frontend users"):
        assert reject in block(alone, frontend)
        assert f"{reject} !{{ src 10.0.0.5 }}" in block(behind, frontend)
        assert reject in block(global_haproxy_configuration("glb1", SITES), frontend)


def test_rules_stand_in_the_order_in_which_haproxy_goes_by_them() -> None:
    for text in texts(96):
        for frontend in ("frontend collectors", "frontend users"):
            order = ("tcp-request", "monitor fail", "http-request")
            found = [kind for line in block(text, frontend) for kind in order if line.startswith(kind)]
            assert found == sorted(found, key=order.index)


def test_every_frontend_refuses_bodies_that_would_have_to_be_inflated_and_says_what_browsers_must_not_do() -> None:
    for text in texts(96):
        for frontend in ("frontend collectors", "frontend users"):
            lines = "\n".join(block(text, frontend))
            assert re.search(r"return status 415 .* if \{ req\.hdr\(content-encoding\) -m found \}", lines)
            assert "X-Content-Type-Options nosniff" in lines
            assert "Content-Security-Policy" in lines
