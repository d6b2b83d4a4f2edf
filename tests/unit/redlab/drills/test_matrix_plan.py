"""Which drills fill the fault matrix of each pattern."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redlab.drills.matrix import PlannedRow, fill, plan, runnable
from redlab.drills.scenario import Scenario
from redlab.drills.scenarios import of_pattern
from redlab.model.inventory import Inventory
from redlab.results.campaign import summarise
from redlab.results.matrix import FAULTS
from tests.support.unit.inventories import STACKS, inventory_of
from tests.support.unit.outcomes import PASSED


def planned(stack: str, *, every_node: bool = False) -> dict[str, PlannedRow]:
    lab = inventory_of(stack)
    return {row.element: row for row in plan(lab, runnable(lab), every_node=every_node)}


def shown(row: PlannedRow) -> list[str]:
    """The scenario of each cell; with a star one of the pattern's own."""
    return [f"{'*' if cell.named else ''}{cell.scenario.title}" if cell.scenario else cell.why for cell in row.cells]


def own(rows: dict[str, PlannedRow]) -> list[Scenario]:
    return [cell.scenario for row in rows.values() for cell in row.cells if cell.scenario and not cell.named]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("every_node", [False, True])
def test_every_node_link_and_site_is_stood_for(stack: str, every_node: bool) -> None:
    lab, rows = inventory_of(stack), planned(stack, every_node=every_node)
    covered = {name for row in rows.values() for name in row.stands_for}
    wanted = {node.name for node in lab.nodes if node.role != "collector"} | {link.name for link in lab.links}
    assert wanted | set(lab.data_centers) <= covered
    assert not any(node.name in covered for node in lab.of_role("collector"))
    assert all([cell.fault for cell in row.cells] == list(FAULTS) for row in rows.values())


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("every_node", [False, True])
def test_no_drill_is_planned_twice(stack: str, every_node: bool) -> None:
    titles = [scenario.title for scenario in own(planned(stack, every_node=every_node))]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("stack", "most"), [("ha", 14), ("distributed-ha", 37), ("dr", 35), ("business-continuity", 36)]
)
def test_comparable_elements_share_their_drills(stack: str, most: int) -> None:
    assert len(own(planned(stack))) == most < len(own(planned(stack, every_node=True)))


def test_a_scenario_of_a_name_is_not_run_again() -> None:
    rows = planned("ha")
    assert shown(rows["serving gateway"]) == ["*gateway-crash", "*gateway-hang", "node-cut serving gateway", ""]
    assert shown(rows["db1"]) == ["*database-crash", "node-hang db1", "node-cut db1", ""]
    assert shown(rows["active data processing server"])[3] == "*dps-switchover"
    assert rows["idle load balancer"].stands_for == ("lb1", "lb2")
    assert shown(rows["dc1"]) == ["site-crash dc1", "site-hang dc1", "it has no links", ""]


def test_a_cluster_has_a_primary_and_a_standby() -> None:
    rows = planned("distributed-ha")
    assert shown(rows["dc1-db1"]) == ["*database-primary-crash", "*database-primary-hang", "node-cut dc1-db1", ""]
    assert shown(rows["dc2-db1"])[1] == "*database-standby-hang"
    assert shown(rows["witness-etcd1"])[0] == "*witness-loss"
    assert shown(rows["dc1"]) == ["*site-loss-manual", "site-hang dc1", "*site-isolation", "*site-failback"]
    assert shown(rows["wan1"])[2] == "its links are cut"
    assert shown(rows["dc1-dc2"]) == ["", "", "link-cut dc1-dc2", ""]
    assert "witness" not in rows, "it has one node, and a row of that"


def test_what_stands_by_is_tested_by_one_of_each_pool() -> None:
    rows = planned("dr")
    assert rows["dc2-lb1"].stands_for == ("dc2-lb1", "dc2-lb2")
    assert shown(rows["dc1"]) == ["*production-loss", "site-hang dc1", "*production-isolation", "*switchover"]
    assert shown(rows["dc1-dc2"])[2] == "*wan-cut"


def test_one_twin_stands_for_both() -> None:
    rows = planned("business-continuity")
    assert rows["dc1-lb1"].stands_for == ("dc1-lb1", "dc2-lb1")
    assert shown(rows["dc1-lb1"])[0] == "*local-lb-crash"
    assert (rows["dc1"].stands_for, shown(rows["dc1"])[3]) == (("dc1", "dc2"), "*wide-area-lb-switchover")
    assert {"dc1-gw2", "dc2-db1", "dc2"} <= set(planned("business-continuity", every_node=True))


def left_out(lab: Inventory) -> list[str]:
    return [one.name for one in of_pattern(lab.pattern) if one not in runnable(lab)]


def test_a_scenario_that_the_lab_lacks_something_for_is_left_out() -> None:
    assert left_out(inventory_of("dr")) == ["gateway-certificate-expiry", "ucmdb-loss"]
    lab = inventory_of("ha")
    encrypted = replace(lab, urls={"users": ("https://127.0.0.1:1",)})
    assert set(left_out(lab)) - set(left_out(encrypted)) == {"gateway-certificate-expiry"}


def test_what_was_run_fills_the_cells() -> None:
    campaign = summarise([PASSED])
    matrix = fill(
        planned("ha").values(), {"database-crash": campaign, "node-cut db1": campaign}, {"node-hang db1": "no"}
    )
    crash, hang, cut, planned_cell = matrix.rows[0].cells
    assert (crash.named, crash.campaign, cut.named, cut.campaign) == (True, campaign, False, campaign)
    assert (hang.campaign, hang.why) == (None, "no")
    assert (planned_cell.scenario, planned_cell.why) == ("", "")
    assert matrix.campaigns == (campaign,), "what has a name is not counted again"


def test_nodes_of_the_instance_that_stands_by_take_nothing_over() -> None:
    lab = inventory_of("dr-ucmdb")
    assert len(lab.of_role("dataProcessingServer")) == 2, "one in each instance"
    assert left_out(lab) == [
        "gateway-certificate-expiry",
        "dps-crash",
        "dps-hang",
        "dps-crash-manual",
        "dps-switchover",
        "dps-crash-under-failover",
    ]
