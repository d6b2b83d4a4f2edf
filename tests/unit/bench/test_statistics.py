import pytest
from bench.statistics import ratio, slope, summary


def test_a_summary_tells_the_median_and_the_worst():
    found = summary([3.0, 1.0, 2.0004])
    assert (found.median_seconds, found.worst_seconds) == (2.0, 3.0)
    assert found.samples_seconds == (3.0, 1.0, 2.0)


def test_a_summary_needs_a_sample():
    with pytest.raises(ValueError, match="no sample"):
        summary([])


def test_the_slope_is_the_cost_of_one_more_for_any_fixed_cost():
    assert slope({8: 10 + 8 * 0.1, 32: 10 + 32 * 0.1, 64: 10 + 64 * 0.1}) == pytest.approx(0.1)


def test_the_slope_is_fitted_by_least_squares():
    assert slope({0: 0.0, 1: 2.0, 2: 1.0}) == pytest.approx(0.5)


def test_one_point_has_no_slope():
    with pytest.raises(ValueError, match="two points"):
        slope({8: 1.0})


def test_a_ratio_is_relative_to_the_baseline():
    assert ratio(3.0, 2.0) == 1.5


@pytest.mark.parametrize("baseline", [0, -1.0])
def test_a_baseline_without_duration_is_refused(baseline):
    with pytest.raises(ValueError, match="no baseline"):
        ratio(1.0, baseline)
