"""The logbook of this checkout in ``.lab/history``: completed drills and practised failovers, one JSON line each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from redlab.errors import RedlabError
from redlab.measure.result import DrillResult
from redlab.results.logged import LoggedDrill, logged, to_entry
from redlab.stack import checkout
from redlab.stack.records import record
from redundancy.reading import MAXIMUM_LOG_BYTES, DocumentError, NoDocumentError, json_object, read_text

FILE = checkout.LAB / "history" / "drills.jsonl"
PRACTICES = checkout.LAB / "history" / "practices.jsonl"

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Practice:
    """A completed failover.

    ``at``: Unix seconds.   ``to``: the DPS or site; '' for a drill, which restores the lab itself.   ``seconds``: the
    duration; for a drill the measured recovery time.
    """

    stack: str
    at: float
    how: str
    to: str
    seconds: float


def add(result: DrillResult) -> None:
    """Add a drill. Several processes may add entries at the same time."""
    _append(FILE, to_entry(logged(result)))


def add_practice(practice: Practice) -> None:
    """Add a practised failover. Several processes may add entries at the same time."""
    _append(PRACTICES, asdict(practice))


def read() -> list[LoggedDrill]:
    """Return every drill. A last line that a crash cut off is ignored; any other invalid line raises RedlabError."""
    return _read(FILE, lambda entry, name: record(entry, LoggedDrill, name), "a drill")


def practices() -> list[Practice]:
    """Return every practised failover; invalid lines as for :func:`read`."""
    return _read(PRACTICES, lambda entry, name: record(entry, Practice, name), "a practised failover")


def _append(file: Path, entry: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(entry, allow_nan=False) + "\n"
    # One write to a file opened for appending: lines of several processes do not mix.
    with file.open("ab", buffering=0) as opened:
        opened.write(line.encode())
        os.fsync(opened.fileno())


def _read(file: Path, made: Callable[[Mapping[str, Any], str], Entry], what: str) -> list[Entry]:
    try:
        *lines, last = read_text(file, maximum_bytes=MAXIMUM_LOG_BYTES).split("\n")
    except NoDocumentError:
        return []
    entries = []
    for number, line in enumerate([*lines, last] if last else lines, 1):
        name = f"{file}:{number}"
        try:
            entries.append(made(json_object(line, name), name))
        except DocumentError as error:
            if number > len(lines):
                break
            raise RedlabError(f"{error}; the line is not an entry for {what}: remove it") from None
    return entries
