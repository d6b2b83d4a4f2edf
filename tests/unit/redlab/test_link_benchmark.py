"""From samples of byte counters to flows, and from a peak to a link."""

import pytest

from redlab.drills.link_benchmark import LINK_SIZES_MEGABITS_PER_SECOND, flows_of, recommended

KEY = ("dc1", "dc2", "database")


def test_mean_and_peak() -> None:
    samples = [(0.0, {KEY: 1000}), (0.5, {KEY: 1000}), (1.0, {KEY: 126_000}), (2.0, {KEY: 251_000})]
    (flow,) = flows_of("normal", samples)
    assert (flow.from_site, flow.to_site, flow.flow) == KEY
    assert flow.mean_megabits_per_second == pytest.approx(1.0)
    assert flow.peak_megabits_per_second == pytest.approx(2.0)
    assert flow.megabytes == pytest.approx(0.25)


@pytest.mark.parametrize(("peak", "size"), [(0, 2), (0.9, 2), (1.1, 10), (60, 155), (1e9, 100000)])
def test_the_recommended_link_carries_the_peak_twice(peak: float, size: float) -> None:
    assert recommended(peak) == size
    assert list(LINK_SIZES_MEGABITS_PER_SECOND) == sorted(LINK_SIZES_MEGABITS_PER_SECOND)
