"""Divides a chunk that cannot be written, until the event that the database refuses is alone. Pure."""

import json
import re
import secrets
from typing import Any


def halves(body: str) -> tuple[str, ...]:
    """Return the two halves of a chunk; a single chunk, or none, if it cannot be divided further.

    Numbers keep their spelling. Of two values of one key the last counts, as in PostgreSQL. Raises ValueError,
    TypeError or RecursionError if the text is no chunk.
    """
    mark = secrets.token_hex(16)

    def keep(number: str) -> str:
        return mark + number

    batches = json.loads(body, parse_int=keep, parse_float=keep, parse_constant=keep)
    if not isinstance(batches, list):
        raise TypeError("no list of batches")
    if len(batches) == 1:
        batches = _by_event(batches[0])
    middle = (len(batches) + 1) // 2
    written = re.compile(f'"{mark}([^"]*)"')
    return tuple(written.sub(r"\1", json.dumps(part)) for part in (batches[:middle], batches[middle:]) if part)


def _by_event(batch: Any) -> list[Any]:
    """Return the two halves of a batch, or the batch alone if it has fewer than two events."""
    events = batch["request"]["events"] if isinstance(batch, dict) and isinstance(batch.get("request"), dict) else []
    if not isinstance(events, list) or len(events) < 2:
        return [batch]
    middle = len(events) // 2
    return [{**batch, "request": {**batch["request"], "events": part}} for part in (events[:middle], events[middle:])]
