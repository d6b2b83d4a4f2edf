"""The form of a collector's batch: events, metrics and topology items. Pure.

The text of a batch goes into the database unchanged. Text that PostgreSQL would refuse as `jsonb` has to be refused
here: once acknowledged it would block the queue for ever.
"""

import json
import marshal
from dataclasses import dataclass
from typing import Any

from redlab_node import strict_json
from redlab_node.configuration_item import attributes_mistake, identity_mistake

MAX_BODY_BYTES = 1024 * 1024
MAX_EVENT_CHARACTERS = 64 * 1024
MAX_DEPTH = 40
MAX_ZEROS = 1024 * 1024  # the limit for the sum of exponents: PostgreSQL writes all zeros
MAX_VALUES = 128 * 1024
"""Per batch. Each value takes a hundred bytes here and in the database, and time in which no other client is served."""
MAX_COLLECTOR_CHARACTERS = 255  # part of a primary key: an index entry has to fit into a third of a page
_WITHOUT_REFERENCES = 2
MAX_SEQ = 2**63 - 1  # bigint


class MalformedBatchError(Exception):
    """The body is no batch of events; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A well-formed batch."""

    body: bytes
    events: int


def parse(body: bytes) -> Batch:
    """Check a request body; raises MalformedBatchError."""
    if len(body) > MAX_VALUES and sum(body.count(sign) for sign in (b",", b"[", b"{")) > MAX_VALUES:
        raise MalformedBatchError(f"a batch has more than {MAX_VALUES} values")
    try:
        document = strict_json.load(body, MAX_DEPTH, MAX_ZEROS)
    except strict_json.RefusedError as error:
        raise MalformedBatchError(str(error)) from None
    events = _check_shape(document)
    if len(body) > MAX_EVENT_CHARACTERS:
        _check_sizes(document["events"])
    return Batch(body, events)


def _check_sizes(events: list[Any]) -> None:
    for event in events:
        # An event has at most six characters for each byte of marshal's form, which takes a tenth of the time to
        # compute.
        if 6 * len(marshal.dumps(event, _WITHOUT_REFERENCES)) <= MAX_EVENT_CHARACTERS:
            continue
        if len(json.dumps(event, ensure_ascii=False)) > MAX_EVENT_CHARACTERS:
            raise MalformedBatchError(f"an event has more than {MAX_EVENT_CHARACTERS} characters")


def _check_shape(document: Any) -> int:
    """Return the number of events."""
    if not isinstance(document, dict):
        raise MalformedBatchError("the body is not an object")
    collector = document.get("collector")
    if not isinstance(collector, str) or not 0 < len(collector) <= MAX_COLLECTOR_CHARACTERS:
        raise MalformedBatchError(f"collector is not a string of 1 to {MAX_COLLECTOR_CHARACTERS} characters")
    if not isinstance(document.get("twin", True), bool):
        raise MalformedBatchError("twin is neither true nor false")
    events = document.get("events")
    if not isinstance(events, list) or not events:
        raise MalformedBatchError("events is not a list of at least one event")
    for event in events:
        if not isinstance(event, dict):
            raise MalformedBatchError("an event is not an object")
        seq = event.get("seq")
        if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
            raise MalformedBatchError(f"seq is not an integer from 0 to {MAX_SEQ}")
        _check_data(event.get("kind", "event"), event.get("data"))
    return len(events)


def _check_data(kind: Any, data: Any) -> None:
    if not isinstance(data, dict):
        raise MalformedBatchError("data is not an object")
    match kind:
        case "event":
            return
        case "metric":
            name, value = data.get("metric"), data.get("value")
            if not isinstance(name, str) or not name or not isinstance(value, (int, float)) or isinstance(value, bool):
                raise MalformedBatchError("a metric's data has no metric (text) or no value (a number)")
        case "topology":
            attributes = data.get("attributes", "none")
            mistake = identity_mistake(data.get("type"), data.get("name")) or attributes_mistake(
                attributes, may_be_deleted=True
            )
            if mistake:
                raise MalformedBatchError(f"a configuration item's {mistake[:300]}")
        case _:
            raise MalformedBatchError("kind is none of event, metric, topology")
