"""Thousands of events that are handed to each twin in bursts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.errors import RedlabError
from redlab.measure.history import History
from redlab.model.inventory import Node
from redlab.waiting import until

EVENTS_PER_SECOND, BATCH_EVENTS = 1000, 20


class Storm:
    """The bursts of a drill, each from one collector; they are stopped with ``users``."""

    def __init__(self, drill_id: str, users: ExitStack) -> None:
        self.drill_id = f"{drill_id}-storm"
        self._users = users
        self._loads: list[Load] = []

    @property
    def began(self) -> bool:
        """Whether there was one."""
        return bool(self._loads)

    def run(self, collectors: Sequence[Node], events: int, load: LoadSettings) -> str:
        """Send so many events from each collector; returns what came of it. Raises RedlabError when it does not end."""
        seconds = events / EVENTS_PER_SECOND
        settings = replace(
            load,
            events_per_second=EVENTS_PER_SECOND,
            users_per_second=0,
            seconds=seconds,
            batch_events=BATCH_EVENTS,
            only_events=True,
            # A burst may wait: what is asked is that nothing of it is lost, or done twice.
            timeout_seconds=10,
        )
        self._loads = [self._users.enter_context(Load(each, self.drill_id, settings)) for each in collectors]
        if not until(lambda: all(one.ended for one in self._loads), seconds + 30):
            raise RedlabError("the storm did not end")
        acknowledged = sum(op.events for op in self.history().operations if op.outcome == "ok")
        return f"{acknowledged} events were acknowledged in bursts of {BATCH_EVENTS}"

    def history(self) -> History:
        """Return what its collectors have done."""
        histories = [load.history() for load in self._loads]
        return History(self.drill_id, tuple(op for history in histories for op in history.operations), 0)
