from dataclasses import replace

import pytest

from redlab.measure.analysis import analyse
from redlab.measure.result import DrillResult
from redlab.measure.verdict import Verdict
from redlab.results.campaign import summarise
from tests.support.unit.samples import record

PASSED = analyse(record())


def run(rto_seconds: float | None, verdict: Verdict = "passed", lost: int = 0) -> DrillResult:
    assert PASSED.measured is not None
    measured = replace(PASSED.measured, rto_seconds=rto_seconds, lost_events=lost)
    within = None if verdict == "aborted" else rto_seconds is not None
    return replace(PASSED, measured=measured, verdict=verdict, within_prediction=within)


def test_median_and_worst_are_over_the_runs_that_count() -> None:
    campaign = summarise([run(1.0), run(3.0), run(2.0), run(99.0, "aborted")])
    assert (campaign.rto.median_seconds, campaign.rto.worst_seconds) == (2.0, 3.0)
    assert (campaign.passed, campaign.failed, campaign.aborted) == (3, 0, 1)
    assert campaign.acknowledged_events == 450
    assert campaign.within_prediction


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "aborted"], "aborted"),
        (["aborted", "failed", "passed"], "failed"),
    ],
)
def test_a_hole_is_no_pass(verdicts: list[Verdict], expected: Verdict) -> None:
    assert summarise([run(1.0, verdict) for verdict in verdicts]).verdict == expected


def test_a_run_that_never_recovered_is_the_worst() -> None:
    one = summarise([run(1.0), run(None, "failed"), run(2.0)])
    assert (one.rto.median_seconds, one.rto.worst_seconds, one.within_prediction) == (2.0, None, False)
    most = summarise([run(None, "failed"), run(None, "failed"), run(2.0)])
    assert most.rto.median_seconds is None


def test_the_rule_of_three() -> None:
    assert summarise([run(1.0)] * 10).loss_rate_bound == pytest.approx(0.3)
    assert summarise([run(1.0)]).loss_rate_bound == 1.0
    assert summarise([run(1.0), run(1.0, "failed", lost=2)]).loss_rate_bound is None
    assert summarise([run(1.0, "aborted")]).loss_rate_bound is None


def test_a_campaign_is_of_one_scenario_and_not_empty() -> None:
    with pytest.raises(ValueError, match="one scenario"):
        summarise([])
    with pytest.raises(ValueError, match="one scenario"):
        summarise([PASSED, replace(PASSED, scenario="dps-hang")])
