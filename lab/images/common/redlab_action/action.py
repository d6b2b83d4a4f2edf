"""A requested action for an event; the event's custom attribute (CMA) identifies it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MAXIMUM_ACTIONS = 1000
_MAXIMUM_CHARACTERS = 600
_MAXIMUM_SEQ = 2**63 - 1


class InvalidRequestError(ValueError):
    """The request is no list of actions; the message gives the reason."""


@dataclass(frozen=True)
class Kind:
    """The differences between the two desks: collection and number prefix of the actions, title and port."""

    collection: str
    prefix: str
    title: str
    port: int


INCIDENTS = Kind("incidents", "IM", "Service Manager: incidents", 8110)
RUNS = Kind("runs", "RUN", "Operations Orchestration: runs of runbooks", 8120)


@dataclass(frozen=True)
class Action:
    """One requested action. ``cma`` identifies it: requests with one CMA, from any instance, mean one action."""

    cma: str
    collector: str
    seq: int
    requested_by: str


def parse(document: object) -> list[Action]:
    """Parse a request. Raises InvalidRequestError."""
    asked = document.get("actions") if isinstance(document, dict) else None
    if not isinstance(asked, list) or not 0 < len(asked) <= MAXIMUM_ACTIONS:
        raise InvalidRequestError(f"actions: a list of 1 to {MAXIMUM_ACTIONS}")
    return [_action(one) for one in asked]


def _action(one: Any) -> Action:
    if not isinstance(one, dict):
        raise InvalidRequestError("an action is no object")
    for name in ("cma", "collector", "requested_by"):
        value = one.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= _MAXIMUM_CHARACTERS or "\0" in value:
            raise InvalidRequestError(f"{name} {value!r}: a text of 1 to {_MAXIMUM_CHARACTERS} characters")
    seq = one.get("seq")
    if type(seq) is not int or not 0 <= seq <= _MAXIMUM_SEQ:
        raise InvalidRequestError(f"seq {seq!r}: a whole number from 0")
    return Action(one["cma"], one["collector"], seq, one["requested_by"])


def distinct(actions: Iterable[Action]) -> list[Action]:
    """Return the first action of each CMA, ordered by CMA: this order keeps two requests from a deadlock."""
    first: dict[str, Action] = {}
    for action in actions:
        first.setdefault(action.cma, action)
    return [first[cma] for cma in sorted(first)]
