"""A soak finds growth."""

from __future__ import annotations

import pytest
from bench import soak
from bench.soak import Sample, growth

from redlab.errors import RedlabError


def samples(*used: float) -> list[Sample]:
    return [Sample(10.0 * number, {"files db1": value, "memory gw1": 40.0}) for number, value in enumerate(used)]


def test_growth_is_found() -> None:
    found = growth(samples(10, 20, 100, 110, 120, 130, 140, 150), warm_up_seconds=20)
    assert found["files db1"] == pytest.approx(146 / 120)
    assert found["memory gw1"] == pytest.approx(36 / 40)


def test_events_that_are_never_deleted_are_found() -> None:
    """An event takes some 300 bytes of the database (27 MB a day, one a second)."""
    stored = [60 + 300 * soak.EVENTS_PER_SECOND * at / 2**20 for at in range(0, soak.SECONDS, 10)]
    assert growth(samples(*stored), soak.WARM_UP_SECONDS)["files db1"] > 1.05


@pytest.mark.parametrize("used", [(10, 90, 100, 120, 101, 100, 119, 100), (1, 1, 1, 1, 1, 1.5, 3, 4)])
def test_fluctuations_and_tiny_amounts_are_no_growth(used: tuple[float, ...]) -> None:
    assert growth(samples(*used), warm_up_seconds=20)["files db1"] <= 1.0


def test_samples_before_the_end_of_the_warm_up_are_refused() -> None:
    with pytest.raises(RedlabError, match="too few"):
        growth(samples(10, 20, 30), warm_up_seconds=20)
