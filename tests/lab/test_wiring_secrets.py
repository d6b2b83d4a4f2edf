"""The secrets of a lab are in files inside the nodes that need them, and nowhere else."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from tests.support.lab.wiring import leaks, places

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

    from redlab.control.lab import Laboratory

pytestmark = pytest.mark.pulumi

FILES = {
    "database-password": ("database", "gateway", "dataProcessingServer"),
    "admin-token": ("gateway",),
    "database-authority": ("gateway", "dataProcessingServer"),
    "database-certificate": ("database",),
}
DIRECTORY = "/etc/redlab/secrets"


@pytest.fixture
def secrets(ha_lab: Laboratory, inside: Callable[[str], Host]) -> dict[str, str]:
    read = {
        name: str(inside("gw1").file(f"{DIRECTORY}/{name}").content_string)
        for name in ("database-password", "admin-token")
    }
    # One line of the private key: line breaks are written in several ways.
    read["database-certificate"] = str(
        inside("db1").file(f"{DIRECTORY}/database-certificate").content_string
    ).splitlines()[1]
    assert read["admin-token"] == ha_lab.management.token
    assert all(len(value) >= 32 for value in read.values())
    return read


def test_no_secret_leaks(ha_lab: Laboratory, secrets: dict[str, str]) -> None:
    assert leaks(secrets, places(ha_lab)) == []


def test_a_leak_is_seen(ha_lab: Laboratory, secrets: dict[str, str]) -> None:
    environment = json.dumps({"Env": [f"PASSWORD={secrets['database-password']}"]})
    assert leaks(secrets, iter([("container", environment)])) == ["database-password in container"]


def test_only_nodes_that_need_a_secret_have_it(ha_lab: Laboratory, inside: Callable[[str], Host]) -> None:
    for node in ha_lab.inventory.nodes:
        found = {name for name in FILES if inside(node.name).file(f"{DIRECTORY}/{name}").exists}
        assert found == {name for name, roles in FILES.items() if node.role in roles}, node.name


CALLS = (
    *(("GET", "health"), ("POST", "services/reassign"), ("PUT", "controller"), ("GET", "alerts")),
    *(("GET", "configuration"), ("PUT", "configuration/kpi/x"), ("DELETE", "configuration/kpi/x")),
)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_the_management_api_wants_the_token(ha_lab: Laboratory, header: dict[str, str]) -> None:
    for url in ha_lab.inventory.urls["users"]:
        for method, path in CALLS:
            data = None if method == "GET" else b"{}"
            request = urllib.request.Request(f"{url}/management/v1/{path}", data, header, method=method)
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=5)
            # After some wrong ones the answer is to wait.
            assert refused.value.code in (401, 429)
