"""Stacks come, go and live side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.leftovers import runs, things

from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.waiting import until
from tests.support.stacks.commands import pulumi, redlab, standing
from tests.support.stacks.states import answers, unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pulumi

SECOND = "test-ha-2"
CONTROLLER = "redundancy:overrides.highAvailabilityController.automaticFailover"
APPLIED_WITHIN_SECONDS = 30


@pytest.fixture(scope="module")
def second_lab(ha_lab: Laboratory) -> Iterator[Laboratory]:
    """A lab beside the shared one."""
    with standing(SECOND) as lab:
        yield lab


@pytest.mark.campaign
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
    assert not {net.subnet for net in one.networks.values()} & {net.subnet for net in other.networks.values()}
    assert not set(things(one.lab)) & set(things(other.lab))
    assert ha_lab.management.token != second_lab.management.token
    unchanged(ha_lab)


def controller_is(lab: Laboratory, state: bool) -> bool:
    def seen() -> bool:
        try:
            return lab.management.health().automatic_failover is state
        except RedlabError:
            return False

    return bool(until(seen, APPLIED_WITHIN_SECONDS))


def test_a_declared_controller_takes_effect_and_leaves_the_last_word_to_the_operator(second_lab: Laboratory) -> None:
    """A single value of a running topology, declared for one stack. The lab goes next, so nothing reverts the value."""
    stack = second_lab.inventory.lab
    assert controller_is(second_lab, state=False)
    pulumi("config", "set", "--stack", stack, "--path", CONTROLLER, "true")
    redlab("up", stack)
    assert controller_is(second_lab, state=True)
    redlab("controller", stack, "--no-automatic-failover")
    redlab("up", stack)
    assert controller_is(second_lab, state=False)


def test_sweep_removes_what_a_lost_state_left(ha_lab: Laboratory, second_lab: Laboratory) -> None:
    """Last of the second lab: its fixture then finds a stack that is gone already."""
    before = runs(ha_lab.inventory.lab)
    pulumi("stack", "rm", "--force", "--yes", SECOND)
    there = things(SECOND)
    assert len(there) >= len(second_lab.inventory.nodes)
    assert f"removed {len(there)} containers, networks and volumes" in redlab("sweep", SECOND).stdout
    assert things(SECOND) == []
    assert "nothing to remove" in redlab("sweep", SECOND).stdout
    assert runs(ha_lab.inventory.lab) == before
