"""The secrets of a lab are in files inside the nodes that need them, and nowhere else."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from redlab import checkout, engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testinfra.host import Host

    from redlab.laboratory import Laboratory

pytestmark = pytest.mark.pulumi

FILES = {
    "database-password": ("database", "gateway", "dataProcessingServer"),
    "admin-token": ("gateway",),
}
DIRECTORY = "/etc/redlab/secrets"


@pytest.fixture
def secrets(ha_lab: Laboratory, inside: Callable[[str], Host]) -> dict[str, str]:
    read = {name: str(inside("gw1").file(f"{DIRECTORY}/{name}").content_string) for name in FILES}
    assert read["admin-token"] == ha_lab.management.token
    assert all(len(value) >= 32 for value in read.values())
    return read


def places(lab: Laboratory, inside: Callable[[str], Host]) -> Iterator[tuple[str, str]]:
    """Where a secret could have got to, and the text that is there."""
    api = engine.client().api
    for node in lab.inventory.nodes:
        container = api.inspect_container(node.container)
        yield f"container {node.name}", json.dumps(container)
        yield f"history of the image of {node.name}", json.dumps(api.history(container["Image"]))
        yield f"image of {node.name}", json.dumps(api.inspect_image(container["Image"]))
        yield f"log of {node.name}", api.logs(node.container).decode(errors="replace")
        host = inside(node.name)
        yield f"command lines in {node.name}", host.check_output("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")
        yield f"environments in {node.name}", host.check_output("cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '")
    for network in lab.inventory.networks.values():
        yield f"network {network['name']}", json.dumps(api.inspect_network(network["name"]))
    yield "volumes", json.dumps(api.volumes(filters={"label": [f"{k}={v}" for k, v in lab.inventory.labels.items()]}))
    state = checkout.LAB / "state" / ".pulumi" / "stacks"
    for file in state.rglob(f"{lab.inventory.lab}.json"):
        yield "state of the stack", file.read_text()
    yield "config of the stack", (checkout.STACKS / f"Pulumi.{lab.inventory.lab}.yaml").read_text()


def leaks(secrets: dict[str, str], texts: Iterator[tuple[str, str]]) -> list[str]:
    return [f"{name} in {place}" for place, text in texts for name, value in secrets.items() if value in text]


def test_no_secret_leaks(ha_lab: Laboratory, inside: Callable[[str], Host], secrets: dict[str, str]) -> None:
    assert leaks(secrets, places(ha_lab, inside)) == []


def test_a_leak_is_seen(ha_lab: Laboratory, secrets: dict[str, str]) -> None:
    environment = json.dumps({"Env": [f"PASSWORD={secrets['database-password']}"]})
    assert leaks(secrets, iter([("container", environment)])) == ["database-password in container"]


def test_only_nodes_that_need_a_secret_have_it(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    for node in ha_lab.inventory.nodes:
        found = {name for name in FILES if inside(node.name).file(f"{DIRECTORY}/{name}").exists}
        assert found == {name for name, roles in FILES.items() if node.role in roles}, node.name


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_the_management_api_wants_the_token(ha_lab: Laboratory, header: dict[str, str]) -> None:
    for url in ha_lab.inventory.urls["users"]:
        for method, path in (("GET", "health"), ("POST", "services/reassign"), ("PUT", "controller")):
            data = None if method == "GET" else b"{}"
            request = urllib.request.Request(f"{url}/management/v1/{path}", data, header, method=method)
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=5)
            assert refused.value.code == 401
