import re

import pytest

from redlab.measure.analysis import analyse
from redlab.measure.result import DrillResult
from redlab.report import text
from redlab.results.campaign import CampaignResult
from tests.support.unit.outcomes import ABORTED, CAMPAIGN, FAILED, NEVER, OUTCOMES, PASSED, hostile
from tests.support.unit.samples import record
from tests.unit.redlab.measure.test_exchange_of_twins import read


def shown(outcome: DrillResult | CampaignResult, capsys: pytest.CaptureFixture[str]) -> str:
    text.show(outcome)
    captured = capsys.readouterr()
    assert captured.err == ""
    return re.sub(r"\s+", " ", captured.out)


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=list(OUTCOMES))
def test_the_verdict_comes_first(outcome: DrillResult | CampaignResult, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(outcome, capsys).startswith(outcome.verdict.upper())


def test_every_service_is_shown_against_objective_and_prediction(capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(PASSED, capsys)
    assert "user │ 2.010 s │ 10 s │ 5.000 s" in found
    assert "processing │ 2.050 s │ 10 s │ 5.800 s" in found
    assert "fencing │ 0.100 s │ decision" in found


def test_a_loss_is_shown_with_its_reason_and_age(capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(FAILED, capsys)
    assert "• 1 acknowledged events lost, objective 0" in found
    assert "RPO: 1 events lost, the oldest 18.090 s old; objective: at most 0" in found


def test_what_never_came_back_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "user │ never │" in shown(NEVER, capsys)


def test_brackets_in_a_reason_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no steady state: [Operation(n=1)]" in shown(ABORTED, capsys)


def test_a_campaign_lists_every_run_and_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(CAMPAIGN, capsys)
    assert "1 passed, 2 failed, 1 aborted" in found
    assert "3 │ aborted │ – │" in found
    assert "worst service │ 2.050 s │ never" in found
    assert "1 event lost in 3 runs" in found


def test_escape_sequences_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(hostile(), capsys)
    assert "\x1b" not in found
    assert "\x00" not in found


def test_what_twin_instances_made_of_the_events_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(analyse(record(exchange=read(runs=()))), capsys)
    assert "distinct events │ 3 │ 3 of them seen by both instances" in found
    assert "missing │ 3 │ actions that events lack" in found
    assert "link between the instances: 100 bytes per event" in found
    assert "distinct events" not in shown(PASSED, capsys)
