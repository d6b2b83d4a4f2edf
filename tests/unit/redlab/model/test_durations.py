"""Durations are read with their units, and written so that they are read back."""

from __future__ import annotations

import pytest

from redlab.model.durations import duration, span


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0),
        ("90s", 90),
        ("15m", 900),
        ("15 min", 900),
        ("1.5h", 5400),
        ("1d", 86400),
        ("12.5", 12.5),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1m1.5s", 61.5),
        ("2s500ms", 2.5),
    ],
)
def test_durations(written: str, seconds: float) -> None:
    assert duration(written) == seconds


@pytest.mark.parametrize("seconds", [0, 1, 90, 900, 3600, 5400, 86400, 0.25])
def test_a_span_is_read_back(seconds: float) -> None:
    assert duration(span(seconds)) == seconds


@pytest.mark.parametrize("written", ["9" * 400, "36501d"])
def test_none_is_longer_than_a_hundred_years(written: str) -> None:
    with pytest.raises(ValueError, match="allowed: at most 36500d"):
        duration(written)


@pytest.mark.parametrize("written", ["٣", "soon", "", "-1s", "1 week", "h", "30m1h", "1h1h", "1h30", "1h-30m"])
def test_what_is_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="allowed: a duration such as"):
        duration(written)
