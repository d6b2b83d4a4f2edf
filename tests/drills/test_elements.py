"""Faults of any element of a lab: they leave no trace, end by themselves, and show single points of failure."""

import json

import pytest
from tests.drills.results import drilled
from tests.stacks.commands import redlab
from tests.stacks.states import connections, well

from redlab import engine
from redlab.faults import endpoints
from redlab.laboratory import Laboratory
from redlab.pulumi import Stack

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


@pytest.mark.parametrize("node", ["gw1", "lb1"])
def test_without_a_journal_heal_connects_what_lost_its_networks(ha_lab: Laboratory, node: str) -> None:
    before = connections(ha_lab, node)
    endpoints.disconnect(engine.container(ha_lab.inventory.node(node)))
    assert connections(ha_lab, node) == {}
    redlab("heal", ha_lab.inventory.lab)
    assert connections(ha_lab, node) == before
    assert well(ha_lab)()


def test_a_node_that_is_not_there_breaks_nothing(ha_lab: Laboratory) -> None:
    ended = redlab("drill", ha_lab.inventory.lab, "node-crash", "--node", "gw9", succeeds=False)
    assert ended.returncode == 2
    assert "no node 'gw9'" in ended.stderr
    assert well(ha_lab)()


def test_the_elements_are_listed() -> None:
    listed = json.loads(redlab("drill", "--list", "--format", "json").stdout)
    assert {"node-crash", "node-hang", "node-cut", "link-cut"} <= {scenario["scenario"] for scenario in listed}
