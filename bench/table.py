"""The results as a readable table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redlab.output import print_table


def rows(results: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every figure with its place in the results; repeated measurements as median and worst. Pure."""
    for key, value in results.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and "median_seconds" in value:
            yield name, f"{value['median_seconds']:.2f} s (worst {value['worst_seconds']:.2f} s)"
        elif isinstance(value, Mapping):
            yield from rows(value, f"{name}.")
        elif key != "goals":
            yield name, str(value)


def verdict(met: bool | None) -> str:
    """Return a goal's verdict as text."""
    return {True: "met", False: "missed", None: "not measured"}[met]


def show(results: Mapping[str, Any]) -> None:
    """Print all figures, then the goals."""
    print_table("Figures", ("what", "measured"), list(rows(results)))
    print_table(
        "Goals",
        ("goal", "limit", "measured", "verdict"),
        [(goal["name"], goal["goal"], goal["measured"], verdict(goal["met"])) for goal in results["goals"]],
    )
