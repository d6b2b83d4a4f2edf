"""A source keeps its gateway, and both load balancers know which one it is."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import TYPE_CHECKING

import pytest

from redlab.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

    from redlab.control.lab import Laboratory

pytestmark = pytest.mark.pulumi

REQUESTS = 20


def sticky_server(host: Host, backend: str, source: str) -> str | None:
    """Return the gateway that a load balancer has noted for a source address."""
    table = host.check_output(f"echo 'show table {backend}' | socat -t 2 - UNIX-CONNECT:/run/haproxy/admin.sock")
    entry = re.search(rf"key={re.escape(source)} .*server_key=(\S+)", table)
    return entry[1] if entry else None


def served_by(url: str) -> str:
    with urllib.request.urlopen(f"{url}/", timeout=5) as answer:
        return str(answer.headers["X-Redlab-Node"])


def test_a_collector_keeps_its_gateway(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    said = inside("collector1").check_output(
        f"load --collector-id wiring --events-per-second {REQUESTS} --users-per-second {REQUESTS} --seconds 2"
    )
    answers = [json.loads(line) for line in said.splitlines()]
    source = ha_lab.inventory.node("collector1").addresses["access"]
    for kind, backend in (("collect", "collectors"), ("user", "users")):
        gateways = [answer["node"] for answer in answers if answer["op"] == kind and answer["outcome"] == "ok"]
        assert len(gateways) >= REQUESTS
        assert len(set(gateways)) == 1, kind
        for balancer in ("lb1", "lb2"):
            assert until(lambda: sticky_server(inside(balancer), backend, source) == gateways[0], 10), balancer  # noqa: B023


def test_a_browser_keeps_its_gateway(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    """Also when it comes by the other load balancer, once that has been told."""
    browser = ha_lab.inventory.networks["access"].subnet.replace(".0/24", ".1")
    first = served_by(ha_lab.inventory.urls["users"][0])
    assert until(lambda: sticky_server(inside("lb2"), "users", browser) == first, 10)
    for url in ha_lab.inventory.urls["users"]:
        assert {served_by(url) for _ in range(REQUESTS)} == {first}


def test_without_stickiness_requests_would_be_spread(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    """The check above can fail: as soon as the note of a source is taken away, its next request may go elsewhere."""
    url = ha_lab.inventory.urls["users"][0]
    forget = "echo 'clear table users' | socat -t 2 - UNIX-CONNECT:/run/haproxy/admin.sock"
    seen = set()
    for _ in range(REQUESTS):
        seen.add(served_by(url))
        for balancer in ("lb1", "lb2"):
            inside(balancer).check_output(forget)
    assert seen == {"gw1", "gw2"}
