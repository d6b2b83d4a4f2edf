"""What every node runs on and runs, by recorded answers; and that a difference is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import database, system
from redlab.recovery.readiness import counterparts
from tests.support.fake_engine import running
from tests.support.unit.inventories import inventory_of

GATEWAY = running(
    "redlab-dr-dc1-gw1",
    image="sha256:0123456789abcdef0123",
    image_name="redlab/gateway:5d0f",
    program=("python3", "-m", "redlab_gateway"),
    environment=("REDLAB_SITE=dc1", "PYTHONPATH=/usr/local/lib/redlab"),
    memory_bytes=268435456,
    cpu_shares=1024,
)
BALANCER = running(
    "redlab-dr-dc1-lb1",
    image="sha256:fedcba9876543210",
    image_name="redlab/load-balancer:1",
    program=("/usr/local/bin/load-balancer",),
    memory_bytes=67108864,
    cpu_shares=1024,
)
SAID = (
    "operating system\tDebian GNU/Linux 12 (bookworm)\narchitecture\tx86_64\nstart\t/usr/bin/python3.11\n"
    "program\tpython3\t/usr/bin/python3\tPython 3.11.2\n"
)
BALANCER_SAID = (
    "operating system\tDebian GNU/Linux 12 (bookworm)\narchitecture\tx86_64\nstart\t/usr/local/bin/load-balancer\n"
    "program\thaproxy\t/usr/sbin/haproxy\tHAProxy version 2.6.12-1+deb12u2 2025/04/18 - https://haproxy.org/\n"
    "program\tkeepalived\t/usr/sbin/keepalived\tKeepalived v2.2.7 (01/16,2022)\n"
)
FACTS = system.parsed(GATEWAY, SAID)


def test_what_a_node_says_is_read() -> None:
    assert FACTS == {
        "operating system": "Debian GNU/Linux 12 (bookworm)",
        "architecture": "x86_64",
        "root directory": "/usr/local/lib/redlab",
        "image": "redlab/gateway:5d0f (0123456789ab)",
        "memory": "256 MiB",
        "CPU shares": "1024",
        "python3": "3.11.2 (/usr/bin/python3)",
    }
    balancer = system.parsed(BALANCER, BALANCER_SAID)
    assert balancer["haproxy"] == "2.6.12-1+deb12u2 (/usr/sbin/haproxy)"
    assert balancer["keepalived"] == "2.2.7 (/usr/sbin/keepalived)"
    assert balancer["root directory"] == "/usr/local/bin"


@pytest.mark.parametrize(
    ("changed", "root"),
    [
        (
            {"environment": ("REDLAB_ROOT_DIRECTORY=/opt/bsm", "PYTHONPATH=/usr/local/lib"), "working_folder": "/srv"},
            "/opt/bsm",
        ),
        ({"working_folder": "/srv"}, "/srv"),
        ({"program": ("/opt/gateway/bin/serve",)}, "/opt/gateway/bin"),
        ({"program": ("serve",)}, "/"),
    ],
)
def test_the_root_directory_is_what_the_image_says_or_where_its_program_is(changed: dict[str, Any], root: str) -> None:
    container = replace(GATEWAY, **{"environment": (), **changed})
    assert system.parsed(container, "")["root directory"] == root


def test_nodes_that_are_alike() -> None:
    found = counterparts.finding("gateway", ["dc1-gw1", "dc2-gw1"], {"dc1-gw1": FACTS, "dc2-gw1": FACTS})
    assert found.ready
    assert found.found == "2 alike: Debian GNU/Linux 12 (bookworm), x86_64, /usr/local/lib/redlab"


@pytest.mark.parametrize(
    ("said", "changed", "named"),
    [
        (SAID.replace("Debian GNU/Linux 12 (bookworm)", "Alpine Linux v3.19"), {}, "operating system Alpine Linux"),
        (SAID.replace("x86_64", "aarch64"), {}, "architecture aarch64, dc1-gw1 x86_64"),
        (SAID.replace("3.11.2", "3.13.1"), {}, "python3 3.13.1 (/usr/bin/python3), dc1-gw1 3.11.2"),
        (SAID.replace("program\tpython3", "program\tother"), {}, "python3 none, dc1-gw1 3.11.2"),
        (SAID, {"image": "sha256:ffff56789abcdef"}, "image redlab/gateway:5d0f (ffff56789abc)"),
        (SAID, {"memory_bytes": 134217728}, "memory 128 MiB, dc1-gw1 256 MiB"),
        (
            SAID,
            {"environment": ("PYTHONPATH=/opt/bsm",)},
            "root directory /opt/bsm, dc1-gw1 /usr/local/lib/redlab",
        ),
    ],
)
def test_a_difference_is_named(said: str, changed: dict[str, Any], named: str) -> None:
    names = ["dc1-gw1", "dc1-gw2", "dc2-gw1"]
    facts = {"dc1-gw1": FACTS, "dc1-gw2": FACTS, "dc2-gw1": system.parsed(replace(GATEWAY, **changed), said)}
    found = counterparts.finding("gateway", names, facts)
    assert not found.ready
    assert f"dc2-gw1 has {named}" in found.found
    assert "dc1-gw2" not in found.found


def test_a_node_that_cannot_be_asked_is_named_and_compared_with_nobody() -> None:
    silent = system.parsed(GATEWAY, "")
    found = counterparts.finding("gateway", ["gw1", "gw2", "gw3"], {"gw1": silent, "gw2": FACTS, "gw3": FACTS})
    assert (found.ready, "gw2 has" in found.found, "gw3 has" in found.found) == (False, False, False)
    assert found.found.startswith("gw1 cannot be asked")


def test_declared_classes_are_compared() -> None:
    node = Node("dc2-gw1", "gateway", "dc2", "redlab-dr-dc2-gw1", {}, network_class="1GbE")
    assert counterparts.declared(node) == {"network class": "1GbE"}
    facts = {"dc1-gw1": {**FACTS, "network class": "10GbE"}, "dc2-gw1": {**FACTS, **counterparts.declared(node)}}
    found = counterparts.finding("gateway", ["dc1-gw1", "dc2-gw1"], facts)
    assert (found.ready, found.found) == (False, "dc2-gw1 has network class 1GbE, dc1-gw1 10GbE")


def test_every_role_with_a_counterpart_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = inventory_of("dr")

    def execute(node: Node, command: list[str]) -> str:
        assert command[-1] == "python3"
        if node.name == "dc2-lb1":
            raise RedlabError("is not running")
        return SAID.replace("Debian GNU/Linux 12", "Ubuntu") if node.name == "dc2-db1" else SAID

    monkeypatch.setattr(engine, "containers", lambda inv: {node.name: GATEWAY for node in inv.nodes})
    monkeypatch.setattr(engine, "execute", execute)
    shown = {"dc1-db1": "fsync=on\ncluster_name=dc1", "dc2-db1": "fsync=off\ncluster_name=dc2"}
    monkeypatch.setattr(database, "query", lambda node, *_: shown[node.name])
    found = {each.name: each for each in counterparts.findings(inventory)}
    roles = ("dataProcessingServer", "database", "gateway", "loadBalancer")
    assert found.keys() == {*(f"counterparts: {role}" for role in roles), "settings of the databases"}
    unready = {name: each.found for name, each in found.items() if not each.ready}
    assert set(unready) == {"counterparts: database", "counterparts: loadBalancer", "settings of the databases"}
    assert unready["settings of the databases"] == "fsync: dc1-db1 on, dc2-db1 off"
    assert "dc2-db1 has operating system Ubuntu" in unready["counterparts: database"]
    assert "dc2-lb1 cannot be asked" in unready["counterparts: loadBalancer"]
