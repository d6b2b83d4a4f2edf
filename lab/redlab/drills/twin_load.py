"""The load of twin instances: the same events by way of each twin collector, users from both."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Self

from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.errors import RedlabError
from redlab.measure.history import History, Operation
from redlab.model.inventory import Inventory
from redlab.waiting import until

BEGINS_SECONDS = 15


class TwinLoad(Load):
    """The loads of both sites as one: an event is taken in when either instance has taken it in.

    ``ahead``: the site whose collector sends each event first, so that its instance owns them; None: as it happens.
    """

    def __init__(
        self, inventory: Inventory, collector_id: str, settings: LoadSettings, ahead: str | None = None
    ) -> None:
        self.collector_id = collector_id
        self._ahead = ahead
        exchange = inventory.event_exchange
        collectors = exchange.collectors if exchange else {}
        each = replace(settings, users_per_second=settings.users_per_second / max(1, len(collectors)))
        self.of_site: Mapping[str, Load] = {
            site: Load(inventory.node(names[0]), collector_id, each) for site, names in collectors.items()
        }
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for site, load in sorted(self.of_site.items(), key=lambda each: each[0] != self._ahead):
                stack.enter_context(load)
                if site == self._ahead and not until(lambda load=load: load.lines, BEGINS_SECONDS, 0.02):  # type: ignore[misc]
                    raise RedlabError(f"the load in {load.collector.name} does not begin")
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def recent(self, seconds: float) -> list[Operation]:
        """Return the operations of both that ended in the last seconds."""
        return [operation for load in self.of_site.values() for operation in load.recent(seconds)]

    def succeeding(self, seconds: float) -> bool:
        """Whether all users have succeeded throughout the last seconds, and at least one of the twin collectors."""
        each = [load.succeeding_kinds(seconds) for load in self.of_site.values()]
        return all("user" in kinds for kinds in each) and any("collect" in kinds for kinds in each)

    def goes_on(self, seconds: float) -> None:
        """Let it go on, to see whether a recovery holds."""
        next(iter(self.of_site.values())).goes_on(seconds)

    def stop(self) -> None:
        """Stop sending; returns when the histories are complete."""
        for load in self.of_site.values():
            load.stop()

    def check(self) -> None:
        """Raise RedlabError when a sender has ended by itself with an error, or its container is gone."""
        for load in self.of_site.values():
            load.check()

    def history(self) -> History:
        """Return both histories as one."""
        return merged([load.history() for load in self.of_site.values()])


def merged(histories: list[History]) -> History:
    """Return what came of each event by way of either twin: its best outcome; and what users did. Pure."""
    best: dict[int, Operation] = {}
    for history in histories:
        for operation in history.of("collect"):
            other = best.get(operation.n)
            if other is None or _rank(operation) < _rank(other):
                best[operation.n] = operation
    users = [operation for history in histories for operation in history.of("user")]
    truncated = sum(history.truncated_lines for history in histories)
    return History(histories[0].collector_id, (*best.values(), *users), truncated)


def _rank(operation: Operation) -> tuple[int, float]:
    return ("ok", "unknown", "fail").index(operation.outcome), operation.latency_seconds
