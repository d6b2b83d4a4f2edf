"""The load's history: every operation that a collector or a user tried, and its outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from redundancy.reading import DocumentError, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["collect", "user"]
Outcome = Literal["ok", "fail", "unknown"]
ItemKind = Literal["event", "metric", "topology"]
ITEM_KINDS: tuple[ItemKind, ...] = get_args(ItemKind)

_SIGNS: dict[str, ItemKind] = {"e": "event", "m": "metric"}


class HistoryError(ValueError):
    """A line of the history violates docs/contract/collector.md; the message names the line."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One attempt of the open-loop load. Times are seconds of CLOCK_MONOTONIC.

    `ok` is acknowledged, `fail` certainly not accepted, `unknown` sent without an answer (`completed` is then the
    instant when the sender gave up). `first_seq` is the first of the `events` sequence numbers that a `collect` sent.
    `kinds` has one character for each of them: e for an event, m for a metric, a digit for a topology item about the
    configuration item of that number. Empty: all are events.
    """

    kind: Kind
    n: int
    events: int
    scheduled: float
    sent: float
    completed: float
    outcome: Outcome
    status: int | None
    node: str | None
    detail: str
    collector_id: str
    first_seq: int
    kinds: str = ""

    @property
    def latency_seconds(self) -> float:
        """Seconds from the *scheduled* time to the completion: a stalled sender does not shorten it."""
        return self.completed - self.scheduled

    @property
    def sequence_numbers(self) -> range:
        """The sequence numbers that this operation sent; empty for a user's operation."""
        return range(self.first_seq, self.first_seq + self.events) if self.kind == "collect" else range(0)

    def numbers(self, kind: ItemKind) -> list[int]:
        """Return the sequence numbers of the items of a kind that this operation sent."""
        if not self.kinds:
            return list(self.sequence_numbers) if kind == "event" else []
        return [
            seq
            for seq, sign in zip(self.sequence_numbers, self.kinds, strict=True)
            if _SIGNS.get(sign, "topology") == kind
        ]

    @property
    def configuration_items(self) -> dict[int, str]:
        """The configuration item of each topology item that was sent, by sequence number."""
        signs = zip(self.sequence_numbers, self.kinds, strict=True) if self.kinds else ()
        return {seq: sign for seq, sign in signs if sign not in _SIGNS}


@dataclass(frozen=True, slots=True)
class History:
    """All operations of one load, and the number of truncated last lines (0 or 1) that were ignored."""

    collector_id: str
    operations: tuple[Operation, ...]
    truncated_lines: int

    def of(self, kind: Kind) -> tuple[Operation, ...]:
        """Return the operations of one kind, in the order of their scheduled times."""
        return tuple(
            sorted((op for op in self.operations if op.kind == kind), key=lambda op: (op.scheduled, op.n)),
        )


def parse_history(lines: Iterable[str], *, collector_id: str, first_seq: int = 1) -> History:
    """Parse the load's JSON lines; the load was started with `collector_id` and `first_seq`.

    A last line that is neither JSON nor ends with a newline was cut off when the load ended: it is counted, and is no
    error. Raises HistoryError, with the line number, for any other line that is not an operation.
    """
    operations: list[Operation] = []
    truncated: tuple[int, str] | None = None
    for number, line in enumerate(lines, start=1):
        if truncated is not None:
            raise HistoryError(f"line {truncated[0]}: not JSON: {truncated[1][:80]!r}")
        if not line.strip():
            continue
        try:
            document = parse_json(line, f"line {number}")
        except DocumentError:
            if line.endswith("\n"):
                raise HistoryError(f"line {number}: not JSON: {line[:80]!r}") from None
            truncated = (number, line)
            continue
        operations.append(_operation(document, number, collector_id, first_seq))
    return History(collector_id, tuple(operations), 0 if truncated is None else 1)


def _operation(document: object, number: int, collector_id: str, first_seq: int) -> Operation:
    if not isinstance(document, dict):
        raise HistoryError(f"line {number}: expected an object, found {type(document).__name__}")
    kind = _choice(document, "op", get_args(Kind), number)
    outcome = _choice(document, "outcome", get_args(Outcome), number)
    n = _whole(document, "n", 0, number)
    events = _whole(document, "events", 0 if kind == "user" else 1, number, default=0 if kind == "user" else None)
    scheduled, sent, completed = (_seconds(document, key, number) for key in ("scheduled", "sent", "completed"))
    if completed < sent:
        raise HistoryError(f"line {number}: completed ({completed}) is before sent ({sent})")
    status, node, kinds = document.get("status"), document.get("node"), document.get("kinds", "")
    if kinds and (not isinstance(kinds, str) or len(kinds) != events or set(kinds) - set("em0123456789")):
        raise HistoryError(f"line {number}: kinds must be e, m or a digit for each of {events} items, found {kinds!r}")
    return Operation(
        kind=cast("Kind", kind),
        n=n,
        events=events,
        scheduled=scheduled,
        sent=sent,
        completed=completed,
        outcome=cast("Outcome", outcome),
        status=status if isinstance(status, int) and status > 0 else None,
        node=node if isinstance(node, str) and node else None,
        detail=str(document.get("detail") or ""),
        collector_id=collector_id,
        first_seq=first_seq + n * events if kind == "collect" else 0,
        kinds=kinds,
    )


def _choice(document: Mapping[str, Any], key: str, allowed: tuple[str, ...], number: int) -> str:
    value = document.get(key)
    if value not in allowed:
        raise HistoryError(f"line {number}: {key} must be one of {', '.join(allowed)}, found {value!r}")
    return cast("str", value)


def _whole(document: Mapping[str, Any], key: str, least: int, number: int, default: int | None = None) -> int:
    value = document.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise HistoryError(f"line {number}: {key} must be a whole number from {least}, found {value!r}")
    return value


def _seconds(document: Mapping[str, Any], key: str, number: int) -> float:
    value = document.get(key)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise HistoryError(f"line {number}: {key} must be seconds of the monotonic clock, found {value!r}")
    return float(value)
