"""The labs of the tests, one after the other: the next stands up while the last tests of the one before are run.

The one before goes while the first tests of the next are run. None does either beside a test that measures.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from tests.support.scheduling import SHARED_LAB
from tests.support.stacks.commands import standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from redlab.control.lab import Laboratory

LABS = {
    "dr_lab": ("test-dr", "dr"),
    "twins_lab": ("test-business-continuity", "business-continuity"),
    "distributed_lab": ("test-distributed-ha", "distributed-ha"),
    "ucmdb_lab": ("test-dr-ucmdb", "dr-ucmdb"),
    "ha_lab": ("test-ha", "ha"),
}
"""Stack and topology of each lab that several tests share, by the name of its fixture, in the order of their tests.

Everybody waits for the first one to stand. The one that takes longest stands up beside the longest end of another.
"""


class Labs:
    """Labs by the name of their stack."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(thread_name_prefix="labs")
        self._coming: dict[str, tuple[AbstractContextManager[Laboratory], Future[Laboratory]]] = {}
        self._going: list[Future[bool | None]] = []

    def begin(self, stack: str, topology: str) -> None:
        """Begin to stand up a lab, if that has not been begun yet."""
        if stack not in self._coming:
            made = standing(stack, topology)
            self._coming[stack] = made, self._pool.submit(made.__enter__)

    @contextmanager
    def standing(self, stack: str, topology: str) -> Iterator[Laboratory]:
        """Give a lab when it stands; begin to destroy it at the end."""
        self.begin(stack, topology)
        made, coming = self._coming.pop(stack)
        lab = coming.result()
        try:
            yield lab
        finally:
            self._go(made)

    def end(self) -> None:
        """Destroy what was begun and used by nobody, and wait until all are gone. Raises what kept one from going."""
        for made, coming in self._coming.values():
            if coming.exception() is None:
                self._go(made)
        self._coming.clear()
        self.await_gone()

    def _go(self, made: AbstractContextManager[Laboratory]) -> None:
        self._going.append(self._pool.submit(made.__exit__, None, None, None))

    def await_gone(self) -> None:
        """Wait until those that nobody uses any more are gone. Raises what kept one from going."""
        going, self._going = self._going, []
        for each in going:
            each.result()


labs = Labs()
"""Those of this process."""


def begun_after(items: Sequence[pytest.Item]) -> dict[str, str]:
    """Return after which of these tests (by node id) the next lab (by fixture) is begun: the last that measures."""
    groups = [
        (fixture, list(tests)) for fixture, tests in groupby(items, key=_lab_of) if fixture and fixture != SHARED_LAB
    ]
    shared = next(([(SHARED_LAB, [item])] for item in items if _lab_of(item) == SHARED_LAB), [])
    begun = {}
    for (_, here), (following, _) in pairwise([*groups, *shared]):
        measuring = [item for item in here if measures(item)]
        begun[(measuring or here)[-1].nodeid] = following
    return begun


def measures(item: pytest.Item) -> bool:
    """Whether a test measures, so that no other lab may stand up or go beside it.

    Every test of the lab of one site counts: those come last.
    """
    return item.name.startswith("test_drill[") or bool(item.get_closest_marker("alone")) or _lab_of(item) == SHARED_LAB


def _lab_of(item: pytest.Item) -> str:
    return next((name for name in getattr(item, "fixturenames", ()) if name in LABS), "")
