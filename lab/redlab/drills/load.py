"""The load of a drill: the collector's open-loop sender, run inside a collector container, its history read live."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Self

from redlab import engine
from redlab.drills.load_settings import LoadSettings
from redlab.engine import MissingError
from redlab.engine.attached import OUT
from redlab.errors import RedlabError
from redlab.measure.history import History, Operation, parse_history
from redlab.measure.steady_state import P99_LIMIT_SECONDS, p99_seconds
from redlab.model.inventory import Node
from redlab.waiting import until

KINDS = ("collect", "user")


class Load:
    """A running load. Use as a context manager: it is stopped on leaving, whatever happened."""

    def __init__(self, collector: Node, collector_id: str, settings: LoadSettings) -> None:
        self.collector_id = collector_id
        self.collector = collector
        self._lines: list[str] = []
        self._said: list[str] = []
        self._settings = settings
        self._thread = threading.Thread(target=self._read, name="load", daemon=True)

    def __enter__(self) -> Self:
        settings = self._settings
        command = [
            "load", "--until-input",
            "--collector-id", self.collector_id,
            "--events-per-second", f"{settings.events_per_second:g}",
            "--users-per-second", f"{settings.users_per_second:g}",
            "--seconds", f"{settings.seconds:g}",
            "--connect-timeout-seconds", f"{settings.connect_timeout_seconds:g}",
            "--timeout-seconds", f"{settings.timeout_seconds:g}",
            "--batch-events", str(settings.batch_events),
            *(["--only-events"] if settings.only_events else []),
        ]  # fmt: skip
        self._process = engine.of(self.collector).attach(self.collector.container, command)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def lines(self) -> list[str]:
        """The history so far: one JSON object a line (docs/contract/collector.md)."""
        return list(self._lines)

    @property
    def ended(self) -> bool:
        """Whether every operation was sent, and answered or given up."""
        return not self._thread.is_alive()

    def history(self) -> History:
        """Return the history so far."""
        return parse_history(self.lines, collector_id=self.collector_id)

    def tail(self, lines: int) -> list[str]:
        """Return the last lines of the history so far."""
        return self._lines[-lines:]

    def recent(self, seconds: float) -> list[Operation]:
        """Return the operations that ended in the last seconds."""
        per_second = self._settings.events_per_second + self._settings.users_per_second
        lines = self.tail(int(2 * per_second * (seconds + 1)))
        since = time.monotonic() - seconds
        found = parse_history(lines, collector_id=self.collector_id).operations
        return [op for op in found if op.completed >= since]

    def succeeding(self, seconds: float) -> bool:
        """Whether both services have succeeded throughout the last seconds."""
        return len(self.succeeding_kinds(seconds)) == len(KINDS)

    def steady(self, seconds: float) -> bool:
        """Whether both services have succeeded throughout the last seconds, no slower than a drill may begin with."""
        return self.succeeding(seconds) and _slowest_p99_seconds(self.recent(seconds)) <= P99_LIMIT_SECONDS

    def unsteadiness(self, seconds: float) -> str:
        """Describe the last seconds of a load that should have been steady and was not."""
        recent = self.recent(seconds)
        bad = [op for op in recent if op.outcome != "ok"]
        return (
            f"{len(bad)} operations failed in the last {seconds:g} s, {bad[-1:]}; "
            f"p99 {_slowest_p99_seconds(recent):.3f} s, limit {P99_LIMIT_SECONDS:g} s"
        )

    def succeeding_kinds(self, seconds: float) -> list[str]:
        """Return the services that have succeeded throughout the last seconds."""
        recent, now = self.recent(seconds), time.monotonic()
        return [
            kind
            for kind in KINDS
            if all(op.outcome == "ok" for op in recent if op.kind == kind)
            and any(op.kind == kind and op.completed <= now - seconds + 0.5 for op in recent)
            and any(op.kind == kind and op.completed >= now - 0.5 for op in recent)
        ]

    def goes_on(self, seconds: float) -> None:
        """Let the load go on, to see whether a recovery holds."""
        end = time.monotonic() + seconds
        until(lambda: any(op.scheduled >= end for op in self.recent(1.0)), seconds + 5, 0.1)

    def stop(self) -> None:
        """Stop sending; operations in flight are written as unknown. Returns when the history is complete."""
        self._process.send(b"\n")
        self._thread.join(timeout=15)
        if self._thread.is_alive():
            raise RedlabError(f"the load in {self.collector.name} does not stop")

    def check(self) -> None:
        """Raise RedlabError when the sender has ended by itself with an error, or its container is gone."""
        if self._thread.is_alive():
            return
        try:
            code = self._process.exit_code()
        except MissingError:
            raise RedlabError(f"the load is gone: {self.collector.container} was removed or restarted") from None
        if code:
            raise RedlabError(
                f"the load in {self.collector.name} ended with {code}: {''.join(self._said)[-500:].strip()}"
            )

    def _read(self) -> None:
        pending = ""
        for stream, content in self._process.frames:
            if stream == OUT:
                *complete, pending = (pending + content.decode()).split("\n")
                self._lines += [line + "\n" for line in complete]
            else:
                self._said.append(content.decode(errors="replace"))
        if pending:
            self._lines.append(pending)


def _slowest_p99_seconds(operations: Sequence[Operation]) -> float:
    """Return the latency that 99 % of the slower service's operations kept to; 0 when there are none."""
    of_kinds = ([op for op in operations if op.kind == kind] for kind in KINDS)
    return max((p99_seconds(found) for found in of_kinds if found), default=0.0)
