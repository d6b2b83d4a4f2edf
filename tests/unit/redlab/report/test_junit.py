from xml.etree import ElementTree as ET

import pytest

from redlab.measure.result import DrillResult
from redlab.report import junit
from redlab.results.campaign import CampaignResult
from tests.support.unit.outcomes import ABORTED, CAMPAIGN, FAILED, OUTCOMES, PASSED, hostile


def properties(element: ET.Element) -> dict[str | None, str | None]:
    return {p.get("name"): p.get("value") for p in element.iterfind("properties/property")}


@pytest.mark.parametrize(
    ("name", "tests", "failures", "errors"),
    [
        ("passed", "1", "0", "0"),
        ("failed", "1", "1", "0"),
        ("aborted", "1", "0", "1"),
        ("campaign", "4", "2", "1"),
        ("campaign of nothing", "2", "0", "2"),
    ],
)
def test_the_root_carries_the_counts_and_they_agree(name: str, tests: str, failures: str, errors: str) -> None:
    root = ET.fromstring(junit.render(OUTCOMES[name]))
    for element in (root, *root.iterfind("testsuite")):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == (tests, failures, errors)
    assert len(root.findall(".//testcase")) == int(tests)
    assert len(root.findall(".//failure")) == int(failures)
    assert len(root.findall(".//error")) == int(errors)


@pytest.mark.parametrize(("outcome", "tag"), [(FAILED, "failure"), (ABORTED, "error")])
def test_the_reasons_are_told(outcome: DrillResult, tag: str) -> None:
    (element,) = ET.fromstring(junit.render(outcome)).findall(f".//{tag}")
    assert element.get("message") == "; ".join(outcome.reasons)
    assert element.text == "\n".join(outcome.reasons)


def test_the_figures_are_properties() -> None:
    (case,) = ET.fromstring(junit.render(PASSED)).iter("testcase")
    found = properties(case)
    assert (found["lost_events"], found["objective_rto_seconds"], found["within_prediction"]) == ("0", "10", "true")
    assert float(found["rto_seconds"] or "") == pytest.approx(2.05)
    assert float(found["phase_first_success_seconds"] or "") == pytest.approx(0.25)
    assert float(case.get("time", "")) == pytest.approx(14.9)


def test_a_figure_that_does_not_exist_is_left_out() -> None:
    (case,) = ET.fromstring(junit.render(ABORTED)).iter("testcase")
    assert "rto_seconds" not in properties(case)
    assert "within_prediction" not in properties(case)


def test_a_campaign_has_a_case_for_each_run_and_its_spread() -> None:
    (suite,) = ET.fromstring(junit.render(CAMPAIGN)).iter("testsuite")
    assert [case.get("name") for case in suite.iter("testcase")] == [f"dps-crash run {n}" for n in (1, 2, 3, 4)]
    found = properties(suite)
    assert float(found["rto_median_seconds"] or "") == pytest.approx(2.05)
    assert "rto_worst_seconds" not in found  # one run never recovered


@pytest.mark.parametrize("outcome", [hostile(), *OUTCOMES.values()])
def test_it_is_well_formed_whatever_the_text(outcome: DrillResult | CampaignResult) -> None:
    root = ET.fromstring(junit.render(outcome))
    assert root.find(".//script") is None
