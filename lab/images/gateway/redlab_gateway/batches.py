"""What a collector may send: a batch of events. Pure.

The text of a batch goes into the database as it came, so whatever PostgreSQL would refuse as `jsonb` has to be
refused here: once acknowledged it would block the queue for ever.
"""

from dataclasses import dataclass
from typing import Any

from redlab_gateway import strict_json

MAX_BODY_BYTES = 1024 * 1024
MAX_COLLECTOR_CHARACTERS = 255  # part of a primary key: an index entry has to fit into a third of a page
MAX_SEQ = 2**63 - 1  # bigint


class MalformedBatchError(Exception):
    """The body is not a batch of events; the message says why."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was found well-formed."""

    body: bytes
    events: int


def parse(body: bytes) -> Batch:
    """Check a request body; raises MalformedBatchError."""
    try:
        document = strict_json.load(body)
    except strict_json.RefusedError as error:
        raise MalformedBatchError(str(error)) from None
    return Batch(body, _check_shape(document))


def _check_shape(document: Any) -> int:
    """Return the number of events."""
    if not isinstance(document, dict):
        raise MalformedBatchError("the body is not an object")
    collector = document.get("collector")
    if not isinstance(collector, str) or not 0 < len(collector) <= MAX_COLLECTOR_CHARACTERS:
        raise MalformedBatchError(f"collector is not a string of 1 to {MAX_COLLECTOR_CHARACTERS} characters")
    events = document.get("events")
    if not isinstance(events, list) or not events:
        raise MalformedBatchError("events is not a list of at least one event")
    for event in events:
        if not isinstance(event, dict):
            raise MalformedBatchError("an event is not an object")
        seq = event.get("seq")
        if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
            raise MalformedBatchError(f"seq is not an integer from 0 to {MAX_SEQ}")
        if not isinstance(event.get("data"), dict):
            raise MalformedBatchError("data is not an object")
    return len(events)
