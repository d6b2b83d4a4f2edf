"""The fault matrix: outcomes of its cells, single points that were found, and where the topology says otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redlab.measure.result import DrillResult
from redlab.measure.single_point import SinglePoint
from redlab.results.campaign import CampaignResult, summarise
from redlab.results.matrix import Cell, Matrix, Row
from tests.support.unit.outcomes import ABORTED, FAILED, PASSED


def alone(target: str, *services: str) -> DrillResult:
    """A drill in which services waited for what was hit."""
    fault = replace(PASSED.fault, target=target)
    return replace(PASSED, fault=fault, single_point=SinglePoint(services or ("user",), 4.0))


def row(*runs: DrillResult, names: tuple[str, ...] = ("db1",), named: bool = False) -> Row:
    campaign = summarise(runs) if runs else None
    return Row("node", names[0], names, (Cell("crash", "node-crash", named, campaign), Cell("planned")))


@pytest.mark.parametrize(
    ("campaign", "outcome", "proven"),
    [
        (None, "", False),
        (summarise([PASSED]), "passed", True),
        (summarise([PASSED, FAILED]), "failed", True),
        (summarise([ABORTED]), "aborted", False),
        (summarise([PASSED, alone("db1")]), "single point of failure", True),
    ],
)
def test_outcomes(campaign: CampaignResult | None, outcome: str, proven: bool) -> None:
    cell = Cell("crash", "node-crash", campaign=campaign)
    assert (cell.outcome, cell.proven) == (outcome, proven)


def test_a_campaign_knows_every_service_that_waited() -> None:
    campaign = summarise([alone("db1", "user"), alone("db1", "user", "processing"), PASSED])
    assert campaign.single_point_services == ("user", "processing")


def test_what_was_found_is_called_by_the_name_of_the_node() -> None:
    assert row(alone("db1")).found == ("db1",)
    assert row(alone("dps2"), names=("dps1", "dps2")).found == ("dps2",)
    assert row(alone("load balancers of dc1"), names=("dc1-lb1", "dc2-lb1")).found == ("dc1-lb1",)
    assert row(PASSED).found == ()


def test_what_topology_and_drills_agree_upon_is_no_disagreement() -> None:
    matrix = Matrix((row(alone("db1")), row(PASSED, names=("gw1", "gw2"))))
    assert matrix.found == ("db1",)
    assert matrix.disagreements(("db1",)) == ()


def test_red_a_single_point_that_the_topology_does_not_have() -> None:
    (said,) = Matrix((row(alone("db1")),)).disagreements(())
    assert said == "db1 was found to be a single point of failure, the topology says otherwise"


def test_red_a_single_point_that_nobody_waited_for() -> None:
    (said,) = Matrix((row(PASSED),)).disagreements(("db1",))
    assert said == "db1 is a single point of failure by the topology, but no service waited for it"


@pytest.mark.parametrize("runs", [(), (ABORTED,)])
def test_what_is_not_proven_is_not_compared(runs: tuple[DrillResult, ...]) -> None:
    assert Matrix((row(*runs),)).disagreements(("db1", "glb1")) == ()


def test_a_twin_stands_for_the_other() -> None:
    assert Matrix((row(alone("dc1-db1"), names=("dc1-db1", "dc2-db1")),)).disagreements(("dc1-db1",)) == ()


def test_a_drill_that_could_not_be_run_is_unproven_unless_it_has_a_name() -> None:
    assert [cell.scenario for cell in Matrix((row(), row(named=True))).unproven] == ["node-crash"]
