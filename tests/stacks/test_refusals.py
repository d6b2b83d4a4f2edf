"""What cannot be stood up creates nothing, and the message says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import pytest
from bench.leftovers import things

from redlab.stack import checkout
from redlab.stack.pulumi import SECRETS, Stack
from redundancy.naming import LABEL_PREFIX
from tests.support import docker_engine
from tests.support.stacks.commands import pulumi, redlab

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pulumi

BAD = "test-bad"


@pytest.fixture
def bare_stack() -> Iterator[str]:
    """A stack that Pulumi alone has made: no secrets, no address pool."""
    redlab("destroy", BAD)
    pulumi("stack", "init", "--no-select", BAD)
    yield BAD
    made = things(BAD)
    redlab("destroy", BAD)
    assert made == []


def test_a_lab_of_another_checkout_is_left_alone(bare_stack: str) -> None:
    """Its names would collide; it is swept only by who says so."""
    label = {f"{LABEL_PREFIX}lab": bare_stack, f"{LABEL_PREFIX}owner": "somebody else"}
    foreign = docker_engine.client().volumes.create(f"redlab-{bare_stack}-db1-data", labels=label)
    refused = redlab("up", bare_stack, "--topology", "ha", succeeds=False)
    assert refused.returncode == 2
    said = " ".join(refused.stderr.split())
    assert f"created by another checkout (1 containers, networks and volumes, for example {foreign.name})" in said
    assert f"./redlab sweep {bare_stack} --any-owner" in said
    redlab("sweep", bare_stack)
    assert things(bare_stack) == [foreign.name]
    redlab("sweep", bare_stack, "--any-owner")
    assert things(bare_stack) == []


def test_an_unknown_topology_creates_nothing(bare_stack: str) -> None:
    refused = redlab("up", bare_stack, "--topology", "nonsense", succeeds=False)
    assert refused.returncode == 2
    assert "nonsense.yaml; there are: business-continuity, distributed-ha, dr, dr-ucmdb, ha" in " ".join(
        refused.stderr.split()
    )
    assert Stack(bare_stack).config().get("redundancy:topology") is None


def test_secrets_of_an_unknown_topology_are_not_made() -> None:
    refused = redlab("secrets", BAD, succeeds=False)
    assert refused.returncode == 2
    assert f"no topology stacks/{BAD}.yaml" in refused.stderr
    assert not Stack(BAD).config_file.exists()
    assert not Stack(BAD).exists()


def test_a_bad_override_creates_nothing(bare_stack: str) -> None:
    pulumi("config", "set", "--stack", bare_stack, "redundancy:topology", "ha")
    pulumi("config", "set", "--stack", bare_stack, "--path", "redundancy:overrides.sites.dc1.gateways.count", "4")
    message = "sites.dc1.gateways.count: found 4; allowed: 1 to 3"
    refused = redlab("up", bare_stack, succeeds=False)
    assert refused.returncode == 2
    assert message in " ".join(refused.stderr.split())
    bare = pulumi("up", "--yes", "--skip-preview", "--stack", bare_stack, succeeds=False)
    assert bare.returncode != 0
    assert message in bare.stdout + bare.stderr
    assert "Traceback" not in bare.stdout + bare.stderr


def test_a_bare_up_without_secrets_names_the_command_that_makes_them(bare_stack: str) -> None:
    pulumi("config", "set", "--stack", bare_stack, "redundancy:topology", "ha")
    bare = pulumi("up", "--yes", "--skip-preview", "--stack", bare_stack, succeeds=False)
    assert bare.returncode != 0
    assert f"./redlab secrets {bare_stack}" in bare.stdout + bare.stderr
    assert things(bare_stack) == []
    redlab("secrets", bare_stack)
    assert set(SECRETS) <= Stack(bare_stack).config().keys()
    pulumi("preview", "--stack", bare_stack)


def test_making_a_stack_neither_selects_it_nor_writes_what_others_may_read_half_written() -> None:
    redlab("secrets", BAD, "--topology", "ha")
    try:
        made = [each for each in json.loads(pulumi("stack", "ls", "--json").stdout) if each["name"] == BAD]
        assert [each["current"] for each in made] == [False]
        backend = urlparse(checkout.environment()["PULUMI_BACKEND_URL"])
        assert list(Path(backend.path).rglob("*.attrs")) == []
    finally:
        redlab("destroy", BAD)
