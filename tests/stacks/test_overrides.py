"""Single values of a running topology, declared for one stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redlab.errors import RedlabError
from redlab.waiting import until
from tests.stacks.commands import pulumi, redlab

if TYPE_CHECKING:
    from redlab.laboratory import Laboratory

pytestmark = pytest.mark.pulumi

KEY = "redundancy:overrides.highAvailabilityController.automaticFailover"
APPLIED_WITHIN_SECONDS = 30


def controller_is(lab: Laboratory, state: bool) -> bool:
    def seen() -> bool:
        try:
            return lab.management.health().automatic_failover is state
        except RedlabError:
            return False

    return bool(until(seen, APPLIED_WITHIN_SECONDS))


def test_a_declared_controller_takes_effect_and_leaves_the_last_word_to_the_operator(ha_lab: Laboratory) -> None:
    stack = ha_lab.inventory.lab
    assert controller_is(ha_lab, state=False)
    pulumi("config", "set", "--stack", stack, "--path", KEY, "true")
    try:
        redlab("up", stack)
        assert controller_is(ha_lab, state=True)
        redlab("controller", stack, "--no-automatic-failover")
        redlab("up", stack)
        assert controller_is(ha_lab, state=False)
    finally:
        pulumi("config", "rm", "--stack", stack, "--path", "redundancy:overrides")
        redlab("up", stack)
    assert controller_is(ha_lab, state=False)
