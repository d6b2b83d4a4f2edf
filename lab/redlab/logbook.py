"""The logbook of this checkout: every drill that was run, one JSON line each, in ``.lab/history/drills.jsonl``."""

from __future__ import annotations

import json
import os

from redlab import checkout
from redlab.errors import RedlabError
from redlab.measure.logged import LoggedDrill, from_entry, logged, to_entry
from redlab.measure.result import DrillResult

FILE = checkout.LAB / "history" / "drills.jsonl"


def add(result: DrillResult) -> None:
    """Add a drill; several processes may do so at once."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(to_entry(logged(result)), allow_nan=False) + "\n"
    # One write to a file opened for appending: lines of several drills do not mix.
    with FILE.open("ab", buffering=0) as file:
        file.write(line.encode())
        os.fsync(file.fileno())


def read() -> list[LoggedDrill]:
    """Return every drill. A last line that was cut off by a crash is left out; another bad one is a RedlabError."""
    if not FILE.is_file():
        return []
    lines = FILE.read_text().splitlines(keepends=True)
    drills = []
    for number, line in enumerate(lines, 1):
        try:
            drills.append(from_entry(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines) and not line.endswith("\n"):
                break
            raise RedlabError(f"{FILE}:{number}: no entry of a drill: {error}; remove the line") from None
    return drills
