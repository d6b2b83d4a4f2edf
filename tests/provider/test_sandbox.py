"""The provider's tests remove their objects, including those of a killed test."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.provider.sandbox import Sandbox, engine_client

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.docker


def test_leftovers_of_a_killed_test_are_removed_and_objects_of_a_running_one_stay(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    left = f"redlab-provider-test-{ended.pid}-0123abcd-site"
    for name in (left, sandbox.name("site")):
        sandbox.client.create_network(name)
    Sandbox(engine_client(), tmp_path)
    there = {network["Name"] for network in sandbox.client.networks(names=["redlab-provider-test-"])}
    assert sandbox.name("site") in there
    assert left not in there
