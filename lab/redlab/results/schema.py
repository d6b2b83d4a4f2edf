"""The JSON Schema of a drill's result, generated from its model by ``python -m redlab.results.schema``."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import Any

from redlab.measure.result import DrillResult
from redlab.results.campaign import CampaignResult
from redlab.results.documents import SCHEMA_FILE, hints_of
from redundancy import json_schema


@cache
def schema() -> dict[str, Any]:
    """Return the schema."""
    made = json_schema.Schema(for_people=False, key=attrgetter("name"), hints=hints_of)
    kinds = {
        "description": "The output of `redlab drill --format json`: one drill, or a campaign of several runs.",
        "oneOf": [made.reference(wanted) for wanted in (DrillResult, CampaignResult)],
    }
    return json_schema.headed("drill-result", "redundancy-lab drill result", kinds, made.named)


def text() -> str:
    """Return the text of the schema file."""
    return json_schema.text(schema())


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8")
