"""A gateway that holds what was acknowledged does not go, whoever runs `pulumi up`; `redlab up` empties it first."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from redlab import engine
from redlab.control.lab import open_lab
from redlab.probes import gateway_queue, http
from redlab.stack.pulumi import Stack
from redlab.waiting import until
from tests.support import docker_engine
from tests.support.stacks.commands import pulumi, redlab, reserved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redlab.control.lab import Laboratory

pytestmark = [pytest.mark.pulumi, pytest.mark.campaign]

STACK = "test-leaving"
KEY = "redundancy:overrides.sites.dc1.gateways.count"
EVENTS = 25


@pytest.fixture
def three_gateways() -> Iterator[Laboratory]:
    with reserved(STACK) as free, ExitStack() as end:
        assert free, f"another test run uses the stack {STACK}: wait until it ends"
        redlab("destroy", STACK)
        end.callback(redlab, "destroy", STACK)
        Stack(STACK).create()
        pulumi("config", "set", "--stack", STACK, "--path", KEY, "3")
        redlab("up", STACK, "--topology", "ha")
        yield open_lab(STACK)


def stored(lab: Laboratory) -> int:
    count = "SELECT count(*) FROM events WHERE collector = 'kept'"
    return int(
        engine.execute(lab.inventory.node("db1"), ["psql", "-XAt", "-U", "postgres", "-d", "event", "-c", count])
    )


def test_a_gateway_with_acknowledged_events_does_not_go(three_gateways: Laboratory) -> None:
    inventory = three_gateways.inventory
    gateway, servers = inventory.node("gw3"), inventory.of_role("dataProcessingServer")
    for server in servers:
        docker_engine.container(server).stop()
    batch = {"collector": "kept", "events": [{"seq": number, "data": {}} for number in range(EVENTS)]}
    assert http.post(gateway, 8080, "/v1/events", batch) == {"acknowledged": EVENTS}
    pulumi("config", "set", "--stack", STACK, "--path", KEY, "2")

    refused = pulumi("up", "--yes", "--skip-preview", "--stack", STACK, succeeds=False)
    said = " ".join((refused.stdout + refused.stderr).split())
    assert refused.returncode != 0
    assert f"gw3 is in the topology no more, and {gateway_queue.state(gateway)['pending_events']} acknowledged" in said
    assert f"`./redlab up {STACK}`" in said

    for server in servers:
        docker_engine.container(server).start()
    assert until(lambda: stored(three_gateways) == EVENTS, 60)
    # Empty now, but what it accepts until it is removed would be lost.
    still_used = pulumi("up", "--yes", "--skip-preview", "--stack", STACK, succeeds=False)
    assert still_used.returncode != 0
    assert docker_engine.container(gateway).status == "running"

    redlab("up", STACK)
    assert "gw3" not in {node.name for node in open_lab(STACK).inventory.nodes}
    assert stored(three_gateways) == EVENTS
