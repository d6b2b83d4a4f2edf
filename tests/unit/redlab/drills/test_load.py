"""The load of a drill: whether it is steady, and what is said when it does not run any more."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from redlab.drills.load import KINDS, Load
from redlab.drills.load_settings import LoadSettings
from redlab.engine import MissingError
from redlab.engine.attached import ERR
from redlab.errors import RedlabError
from redlab.measure.history import Operation
from redlab.model.inventory import Node
from redlab.waiting import until
from tests.support.fake_engine import FakeEngine, running
from tests.support.unit.samples import operation

COLLECTOR = Node("collector1", "collector", "access", "redlab-ha-collector1", {"access": "10.0.0.1"})


def ended(monkeypatch: pytest.MonkeyPatch, answer: Any) -> str:
    """Run a load whose sender ends at once, and which the engine says so of; returns the complaint, '' if none."""

    def exit_code() -> int:
        if isinstance(answer, Exception):
            raise answer
        return int(answer)

    frames = iter([(ERR, b"no route to host\n")])
    process = SimpleNamespace(frames=frames, send=lambda _: None, exit_code=exit_code)
    fake = FakeEngine([running(COLLECTOR.container)]).used(monkeypatch)
    monkeypatch.setattr(fake, "attach", lambda name, command: process)

    def complaint() -> str | None:
        try:
            load.check()
        except RedlabError as error:
            return str(error)
        return None

    with Load(COLLECTOR, "drill", LoadSettings()) as load:
        return until(complaint, 2, 0.01) or ""


def test_a_sender_that_failed_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(monkeypatch, 3) == "the load in collector1 ended with 3: no route to host"


def test_a_sender_whose_container_is_gone_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = MissingError("No such exec instance")
    assert ended(monkeypatch, gone) == "the load is gone: redlab-ha-collector1 was removed or restarted"


class Heard(Load):
    """A load whose operations of the last seconds are given."""

    def __init__(self, operations: list[Operation]) -> None:
        self._operations = operations

    def recent(self, seconds: float) -> list[Operation]:
        return self._operations


def heard(slow: int = 0) -> Heard:
    """A user's request and an event every 0.1 s for the last 3 s; the ``slow`` first ones take 1.1 s."""
    begin = time.monotonic() - 3
    return Heard(
        [
            operation(n, begin + n / 10, kind=kind, latency=1.1 if n < slow else 0.01)
            for n in range(30)
            for kind in KINDS
        ]
    )


def test_what_succeeds_is_steady_unless_it_is_slow() -> None:
    assert heard().steady(3)
    assert heard(slow=1).succeeding(3)
    assert not heard(slow=1).steady(3)
    assert heard(slow=1).unsteadiness(3) == "0 operations failed in the last 3 s, []; p99 1.100 s, limit 1 s"
    assert not Heard([]).steady(3)
