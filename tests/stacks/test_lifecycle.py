"""Stacks come, go, live side by side, and survive what kills the commands that make them."""

from __future__ import annotations

import json
import random
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import pytest
from bench.kill_up import killed_up, random_moment
from bench.leftovers import runs, things

from redlab import checkout, engine
from redlab.laboratory import Laboratory, open_lab
from redlab.probes.node_state import node_states
from redlab.pulumi import Stack
from redlab.waiting import until
from redundancy.naming import LABEL_PREFIX
from tests.stacks.commands import pulumi, redlab, standing

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pulumi

SECOND, BAD, KILLED = "test-ha-2", "test-bad", "test-killed"


@pytest.fixture(scope="module")
def second_lab(ha_lab: Laboratory) -> Iterator[Laboratory]:
    """A lab beside the shared one."""
    with standing(SECOND) as lab:
        yield lab


@pytest.fixture
def bare_stack() -> Iterator[str]:
    """A stack that Pulumi alone has made: no secrets, no address pool."""
    redlab("destroy", BAD)
    pulumi("stack", "init", "--no-select", BAD)
    yield BAD
    made = things(BAD)
    redlab("destroy", BAD)
    assert made == []


@pytest.fixture
def killed_stack() -> Iterator[str]:
    redlab("destroy", KILLED)
    yield KILLED
    redlab("destroy", KILLED)


def unchanged(lab: Laboratory) -> None:
    pulumi("preview", "--refresh", "--expect-no-changes", "--stack", lab.inventory.lab)


def answers(lab: Laboratory) -> bool:
    """Whether the lab is well, within the time that a busy machine may take for its health checks."""

    def well() -> bool:
        healthy = {state.state for state in node_states(lab.inventory)} == {"healthy"}
        return healthy and lab.management.health().services.state == "active"

    return bool(until(well, 60, interval_seconds=0.5))


def test_a_second_preview_shows_no_change(ha_lab: Laboratory) -> None:
    unchanged(ha_lab)


def test_a_second_up_touches_nothing(ha_lab: Laboratory) -> None:
    before = runs(ha_lab.inventory.lab)
    redlab("up", ha_lab.inventory.lab)
    assert runs(ha_lab.inventory.lab) == before


def test_two_labs_live_side_by_side(ha_lab: Laboratory, second_lab: Laboratory) -> None:
    one, other = ha_lab.inventory, second_lab.inventory
    assert answers(ha_lab)
    assert answers(second_lab)
    assert not {url for urls in one.urls.values() for url in urls} & {
        url for urls in other.urls.values() for url in urls
    }
    assert not {net["subnet"] for net in one.networks.values()} & {net["subnet"] for net in other.networks.values()}
    assert not set(things(one.lab)) & set(things(other.lab))
    assert ha_lab.management.token != second_lab.management.token
    unchanged(ha_lab)


def test_sweep_removes_what_a_lost_state_left(ha_lab: Laboratory, second_lab: Laboratory) -> None:
    """Last of the second lab: its fixture then finds a stack that is gone already."""
    before = runs(ha_lab.inventory.lab)
    pulumi("stack", "rm", "--force", "--yes", SECOND)
    there = things(SECOND)
    assert len(there) >= len(second_lab.inventory.nodes)
    assert f"removed {len(there)} things" in redlab("sweep", SECOND).stderr
    assert things(SECOND) == []
    assert "nothing to remove" in redlab("sweep", SECOND).stderr
    assert runs(ha_lab.inventory.lab) == before


def test_a_lab_of_another_checkout_is_left_alone(bare_stack: str) -> None:
    """Its names would collide; it is swept only by who says so."""
    label = {f"{LABEL_PREFIX}lab": bare_stack, f"{LABEL_PREFIX}owner": "somebody else"}
    foreign = engine.client().volumes.create(f"redlab-{bare_stack}-db1-data", labels=label)
    refused = redlab("up", bare_stack, "--topology", "ha", succeeds=False)
    assert refused.returncode == 2
    said = " ".join(refused.stderr.split())
    assert f"made by another checkout (1 things, {foreign.name} among them)" in said
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
    assert {"redundancy:databasePassword", "redundancy:adminToken"} <= Stack(bare_stack).config().keys()
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


def test_a_killed_up_is_put_right_by_the_next_one(ha_lab: Laboratory, killed_stack: str) -> None:
    before = runs(ha_lab.inventory.lab)
    with ExitStack() as kills:
        for _ in range(2):
            kills.enter_context(killed_up(killed_stack, "ha", random_moment(random.SystemRandom())))
        redlab("up", killed_stack, "--topology", "ha")
    assert answers(open_lab(killed_stack))
    unchanged(open_lab(killed_stack))
    assert runs(ha_lab.inventory.lab) == before


def test_of_a_killed_up_destroy_leaves_nothing(ha_lab: Laboratory, killed_stack: str) -> None:
    before = runs(ha_lab.inventory.lab)
    with killed_up(killed_stack, "ha", random_moment(random.SystemRandom())):
        redlab("destroy", killed_stack)
    assert things(killed_stack) == []
    assert not Stack(killed_stack).exists()
    assert runs(ha_lab.inventory.lab) == before
