"""Labels: lists of objects in Pulumi, a map in Docker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_map(labels: list[dict[str, Any]] | None) -> dict[str, str]:
    """Return the labels in Docker's form."""
    return {item["label"]: item["value"] for item in labels or []}


def to_list(labels: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Return the labels in Pulumi's form, sorted by name."""
    return [{"label": name, "value": value} for name, value in sorted((labels or {}).items())]
