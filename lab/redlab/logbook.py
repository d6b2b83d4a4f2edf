"""The logbook of this checkout: every drill that was run, one JSON line each, in ``.lab/history/drills.jsonl``."""

from __future__ import annotations

import json
import os

from redlab import checkout
from redlab.errors import RedlabError
from redlab.measure.logged import LoggedDrill, logged, to_entry
from redlab.measure.result import DrillResult
from redlab.records import record
from redundancy.reading import MAXIMUM_LOG_BYTES, DocumentError, NoDocumentError, json_object, read_text

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
    try:
        *lines, last = read_text(FILE, maximum_bytes=MAXIMUM_LOG_BYTES).split("\n")
    except NoDocumentError:
        return []
    drills = []
    for number, line in enumerate([*lines, last] if last else lines, 1):
        name = f"{FILE}:{number}"
        try:
            drills.append(record(json_object(line, name), LoggedDrill, name))
        except DocumentError as error:
            if number > len(lines):
                break
            raise RedlabError(f"{error}; this is no entry of a drill: remove the line") from None
    return drills
