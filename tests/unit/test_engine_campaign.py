"""The campaign on another engine: what it runs, and that its table shows a failure."""

import dataclasses

from tests.engines import plan
from tests.engines.table import Outcome, Run, markdown

PASSED = Outcome("dr", "up", True, 41.2, "2026-11-30", "0123abc")
FAILED = Outcome("dr", "test-failover", False, 9.0, "2026-11-30", "0123abc", "aborted:\nno steady state")
RUN = Run("28", "28.5.2, API 1.51", (PASSED,))


def test_every_stack_comes_up_is_drilled_twice_and_leaves_nothing() -> None:
    for stack in plan.STACKS:
        steps = list(plan.steps("28", stack))
        assert steps[1].name == "up"
        assert tuple(step.name for step in steps[-2:]) == plan.CLEAN_UP
        assert sum(step.drill for step in steps) >= 2
        assert sum("--expect-no-changes" in step.command for step in steps) == 2


def test_cuts_a_crash_of_the_router_a_test_failover_and_the_loss_of_a_site_are_among_the_drills() -> None:
    drills = {drill[0] for of_stack in plan.DRILLS.values() for drill in of_stack}
    assert {"node-cut", "test-failover", "site-loss-manual"} <= drills
    assert any("wan1" in drill for of_stack in plan.DRILLS.values() for drill in of_stack)


def test_a_run_passes_only_if_every_step_did() -> None:
    assert RUN.passed
    assert not dataclasses.replace(RUN, outcomes=(PASSED, FAILED)).passed
    assert not dataclasses.replace(RUN, outcomes=()).passed


def test_a_table_has_a_column_for_each_engine_and_the_reason_of_each_failure() -> None:
    other = dataclasses.replace(RUN, release="29", outcomes=(PASSED, FAILED))
    lines = markdown([RUN, other]).splitlines()
    assert "| dr | up | 41 s | 41 s |" in lines
    assert "| dr | test-failover | – | **failed** |" in lines
    assert "| | **all** | **passed** | **failed** |" in lines
    assert lines[-1] == "- 29, dr, test-failover: aborted: no steady state"


def test_a_run_is_read_as_it_was_written() -> None:
    assert Run.of_document(RUN.document()) == RUN


def test_a_run_of_one_stack_keeps_what_came_of_the_others_with_its_commit() -> None:
    other = dataclasses.replace(PASSED, stack="ha", commit="4567def")
    now = Run("28", RUN.version, (other,)).after(dataclasses.replace(RUN, outcomes=(PASSED, FAILED)))
    assert now.outcomes == (PASSED, FAILED, other)
    assert now.code == "2026-11-30, 0123abc; 2026-11-30, 4567def"
    assert Run("28", RUN.version, (PASSED,)).after(now).outcomes == (other, PASSED)
