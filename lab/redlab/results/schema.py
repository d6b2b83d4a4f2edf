"""The JSON Schema of a drill's result, made from its model: ``python -m redlab.results.schema`` writes the file."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import Any

from redlab.measure.result import DrillResult
from redlab.results.campaign import CampaignResult
from redlab.results.documents import SCHEMA_FILE, hints_of
from redundancy import schemas
from redundancy.json_schema import ADDRESS, DIALECT, Schema


@cache
def schema() -> dict[str, Any]:
    """Return the schema."""
    made = Schema(for_people=False, key=attrgetter("name"), hints=hints_of)
    return {
        "$schema": DIALECT,
        "$id": f"{ADDRESS}/{SCHEMA_FILE.name}",
        "title": "redundancy-lab drill result",
        "description": "What `redlab drill --format json` prints: one drill, or a campaign of several runs.",
        "oneOf": [made.reference(wanted) for wanted in (DrillResult, CampaignResult)],
        "$defs": made.named,
    }


def text() -> str:
    """Return the schema as the file has it."""
    return schemas.text(schema())


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8")
