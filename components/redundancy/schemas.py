"""The files that are made of the models; ``python -m redundancy.schemas`` writes them. Pure but for that."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from redundancy import argument_types
from redundancy.json_schema import ADDRESS, DIALECT, Schema
from redundancy.topology import Topology

FOLDER = Path(__file__).parents[2] / "schemas"


@cache
def topology() -> dict[str, Any]:
    """Return the schema of a topology document."""
    schema = Schema(for_people=True)
    return {
        "$schema": DIALECT,
        "$id": f"{ADDRESS}/topology.schema.json",
        "title": "redundancy-lab topology",
        **schema.of(Topology),
        "$defs": schema.named,
    }


def text(schema: dict[str, Any]) -> str:
    """Return a schema as its file has it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def files() -> dict[Path, str]:
    """Return every file that is made of a model, with its content."""
    patterns = topology()["properties"]["pattern"]["enum"]
    return {
        FOLDER / "topology.schema.json": text(topology()),
        Path(__file__).parent / "patterns" / "arguments.py": argument_types.source(patterns),
    }


if __name__ == "__main__":
    for file, content in files().items():
        file.write_text(content, encoding="utf-8")
