"""Faults of any element of a lab: they leave no trace, and show single points of failure."""

import pytest
from tests.support.drills.results import drilled
from tests.support.stacks.states import connections

from redlab.control.lab import Laboratory
from redlab.stack.pulumi import Stack

pytestmark = pytest.mark.pulumi


@pytest.mark.campaign
@pytest.mark.parametrize("node", ["gw1", "lb1"])
def test_a_cut_leaves_the_connections_as_they_were(ha_lab: Laboratory, node: str) -> None:
    before = connections(ha_lab, node)
    drilled(ha_lab, f"node-cut {node}")
    assert connections(ha_lab, node) == before
    Stack(ha_lab.inventory.lab).run("preview", "--refresh", "--expect-no-changes", "--stack", ha_lab.inventory.lab)


@pytest.mark.campaign
def test_what_has_another_beside_it_is_no_single_point_of_failure(ha_lab: Laboratory) -> None:
    drilled(ha_lab, "node-hang gw2")
