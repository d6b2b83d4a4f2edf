"""Which tests are given out first to the processes that run beside each other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from redlab.stack import checkout
from tests.support import scheduling
from tests.support.scheduling import SECONDS, SHARED_LAB, OneLabTogether, expected_seconds, uses_shared_lab


class Process:
    """One that runs tests: it keeps the order in which it is given them."""

    shutting_down = False

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.given: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += indices

    def shutdown(self) -> None:
        self.shutting_down = True


class Config:
    option = SimpleNamespace(loadscopereorder=True)

    def getvalue(self, _: str) -> list[str]:
        return ["popen"]


def order_of(tests: list[str]) -> list[str]:
    """The order in which the only process gets these tests."""
    scheduler: Any = OneLabTogether(Config())  # type: ignore[arg-type]
    process = Process("one")
    scheduler.add_node(process)
    scheduler.add_node_collection(process, tests)
    scheduler.schedule()
    for index in range(len(tests)):
        scheduler.mark_test_complete(process, process.given[index])
    return [tests[index] for index in process.given]


def test_what_takes_longest_is_begun_first(monkeypatch: pytest.MonkeyPatch) -> None:
    one, many = "tests/stacks/test_killed_up.py", "tests/provider/test_diff.py"
    tests = [*(f"{many}::test_{number}" for number in range(5)), f"{one}::test_it"]
    monkeypatch.setattr(scheduling, "SECONDS", {})
    assert order_of(tests) == tests, "by the number of tests where nothing is known"
    monkeypatch.setattr(scheduling, "SECONDS", {one: 60.0})
    assert order_of(tests) == [tests[-1], *tests[:-1]]


def test_each_measured_file_is_there_and_takes_longer_than_its_tests_say() -> None:
    for scope, seconds in SECONDS.items():
        file = checkout.ROOT / scope
        assert scope == SHARED_LAB or file.is_file(), scope
        assert scope == SHARED_LAB or not uses_shared_lab(file), f"{scope} belongs to {SHARED_LAB}"
        assert expected_seconds(scope, 1) == seconds > 0
