"""The doctor's look at routed packets, on the engine itself: seen with both outcomes, and nothing is left."""

from __future__ import annotations

import secrets
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.support import docker_engine
from tests.support.lab.apart import free_subnets

from redlab.doctor import examination, reading, routed
from redlab.doctor.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker


@pytest.fixture
def free_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    # Another process of the tests may be trying the same.
    monkeypatch.setattr(routed, "LABEL", f"{routed.LABEL}-{secrets.token_hex(4)}")
    yield str(next(free_subnets("10.214.0.0/16")).supernet(new_prefix=20))
    client = docker_engine.client()
    left = {"label": routed.LABEL}
    assert [*client.containers.list(all=True, filters=left), *client.networks.list(filters=left)] == []


def test_packets_pass_between_networks_like_those_of_sites(free_pool: str) -> None:
    assert routed.tried(free_pool).passed is True


def test_packets_that_the_machines_rules_drop_are_noticed(free_pool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routed, "PATIENCE_SECONDS", 2)
    rule = ["PREROUTING", "-s", free_pool, "-d", free_pool, "-p", "tcp", "-j", "DROP"]
    subprocess.run(["iptables", "-w", "-t", "raw", "-I", *rule], check=True)
    try:
        found = routed.tried(free_pool)
    finally:
        subprocess.run(["iptables", "-w", "-t", "raw", "-D", *rule], check=True)
    assert found.passed is False, found.said


def test_what_a_killed_trial_left_is_removed_by_the_next(free_pool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client, labels = docker_engine.client(), {routed.LABEL: ""}
    network = client.networks.create(f"{routed.LABEL}-left", labels=labels)
    container = client.containers.create(routed.IMAGE, network=network.name, labels=labels)
    monkeypatch.setattr(routed, "IMAGE", "redlab/no-such-image:none")
    routed.tried(free_pool)
    assert client.networks.list(ids=[network.id])
    monkeypatch.setattr(routed, "LEFT_SECONDS", 0)
    routed.tried(free_pool)
    assert not client.networks.list(ids=[network.id])
    assert not client.containers.list(all=True, filters={"id": container.id})


def test_without_the_base_image_nothing_is_claimed(free_pool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routed, "IMAGE", "redlab/no-such-image:none")
    found = routed.tried(free_pool)
    assert (found.passed, "no-such-image" in found.said) == (None, True)


def test_this_machine_which_runs_labs_has_nothing_broken() -> None:
    broken = [check.name for check, found in examination.examine(reading.facts()) if found.verdict is Verdict.BROKEN]
    assert broken == []
