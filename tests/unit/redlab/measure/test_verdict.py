from dataclasses import replace
from typing import Any

import pytest

from redlab.measure.analysis import analyse
from redlab.measure.measured import Objectives
from redlab.measure.others import OtherData
from redlab.measure.verdict import judge
from tests.support.unit.samples import record

MEASURED = analyse(record()).measured
OBJECTIVES = Objectives(rto_seconds=10, rpo_events=0)


def judged(**changes: Any) -> tuple[str, tuple[str, ...]]:
    assert MEASURED is not None
    judgement = judge(OBJECTIVES, replace(MEASURED, **changes), 5.8)
    return judgement.verdict, judgement.reasons


def test_nothing_wrong_passes() -> None:
    assert judged() == ("passed", ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rto_seconds": 10.5}, "RTO 10.500 s is above the objective 10 s"),
        ({"rto_seconds": None}, "no recovery: at least one service never recovered"),
        ({"lost_events": 3}, "3 acknowledged events lost, objective 0"),
        ({"duplicate_events": 1}, "1 duplicate events"),
        ({"never_sent_events": 1}, "1 events stored that were never sent"),
        ({"dual_primary_seconds": 0.25}, "writes of two nodes were accepted for 0.250 s"),
        ({"redundancy_restored_seconds": None}, "redundancy was not restored"),
    ],
)
def test_each_breach_fails(changes: dict[str, Any], reason: str) -> None:
    assert judged(**changes) == ("failed", (reason,))


@pytest.mark.parametrize(("own", "rpo_events", "verdict"), [(0, 0, "failed"), (1, 2, "failed"), (0, 2, "passed")])
def test_what_others_lost_counts_like_what_the_load_lost(own: int, rpo_events: int, verdict: str) -> None:
    assert MEASURED is not None
    others = OtherData(held=1, acknowledged=5, lost=2, lost_sample=("c/1", "c/2"))
    measured = replace(MEASURED, lost_events=own)
    judgement = judge(Objectives(10, rpo_events), measured, 5.8, other_data=others)
    assert judgement.verdict == verdict
    expected = f"{own} acknowledged events and 2 others (c/1, c/2) lost, objective {rpo_events}"
    assert judgement.reasons == (() if verdict == "passed" else (expected,))


def test_just_the_objective_is_kept() -> None:
    assert judged(rto_seconds=10.0)[0] == "passed"


def test_above_the_prediction_is_a_warning() -> None:
    assert MEASURED is not None
    judgement = judge(OBJECTIVES, replace(MEASURED, rto_seconds=7.0), 5.8)
    assert (judgement.verdict, judgement.within_prediction) == ("passed", False)
    assert judgement.warnings == ("RTO 7.000 s is above the predicted bound 5.800 s",)


def test_an_abort_outweighs_a_failure_which_stays_among_the_reasons() -> None:
    assert MEASURED is not None
    judgement = judge(OBJECTIVES, replace(MEASURED, lost_events=1), 5.8, abort_reasons=["no steady state"])
    assert judgement.verdict == "aborted"
    assert judgement.reasons == ("no steady state", "1 acknowledged events lost, objective 0")
    assert judgement.within_prediction is None


def test_nothing_measured_is_aborted() -> None:
    assert judge(OBJECTIVES, None, 5.8).reasons == ("nothing was measured",)
