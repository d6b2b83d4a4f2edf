"""Statistics of samples. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    """Repeated measurements of one duration, in seconds."""

    median_seconds: float
    worst_seconds: float
    samples_seconds: tuple[float, ...]


def summary(samples_seconds: Sequence[float]) -> Summary:
    """Return median and worst of the samples. Raises ValueError without any sample."""
    if not samples_seconds:
        raise ValueError("no sample was measured")
    rounded = tuple(round(sample, 3) for sample in samples_seconds)
    return Summary(round(statistics.median(rounded), 3), max(rounded), rounded)


def slope(points: Mapping[int, float]) -> float:
    """Return the slope of the least-squares line through ``points``: the cost of one more.

    Raises ValueError when there are fewer than two different points.
    """
    if len(points) < 2:
        raise ValueError(f"a slope needs two points, not {len(points)}")
    return statistics.linear_regression(list(points.keys()), list(points.values())).slope


def ratio(value: float, baseline: float) -> float:
    """Return the value as a multiple of the baseline. Raises ValueError if the baseline is not above 0."""
    if baseline <= 0:
        raise ValueError(f"{baseline} is no baseline")
    return round(value / baseline, 3)
