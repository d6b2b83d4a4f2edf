"""What is asked for: an action upon an event, known by the event's custom attribute (CMA). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MAXIMUM_ACTIONS = 1000
_MAXIMUM_CHARACTERS = 600
_MAXIMUM_SEQ = 2**63 - 1


class InvalidRequestError(ValueError):
    """What was asked for is no list of actions; the message says why."""


@dataclass(frozen=True)
class Kind:
    """What sets one desk apart: collection and prefix of the numbers of its actions, its title and port."""

    collection: str
    prefix: str
    title: str
    port: int


INCIDENTS = Kind("incidents", "IM", "Service Manager: incidents", 8110)
RUNS = Kind("runs", "RUN", "Operations Orchestration: runs of runbooks", 8120)


@dataclass(frozen=True)
class Action:
    """One action asked for: ``cma`` makes it one and the same, whoever asks for it and however often."""

    cma: str
    collector: str
    seq: int
    requested_by: str


def parse(document: object) -> list[Action]:
    """Read a request. Raises InvalidRequestError."""
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
    """Return the first of each CMA, in the order of the CMAs: two requests that meet do not wait for each other."""
    first: dict[str, Action] = {}
    for action in actions:
        first.setdefault(action.cma, action)
    return [first[cma] for cma in sorted(first)]
