"""A drill in a process of its own: the lab is healed even if the viewer goes away."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redlab.errors import RedlabError
from redlab.stack import checkout

HEAL = "heal"
ENDS_SECONDS = 120
"""How long a drill may take to heal the lab after it was asked to end."""


@dataclass
class Run:
    """A drill: its scenario, what it has said with the seconds since its start, and its result when it has ended.

    ``result`` is the document of `redlab drill --format json`; ``problem`` says why there is none.
    """

    scenario: str
    began: float
    said: list[tuple[float, str]] = field(default_factory=list)
    running: bool = True
    result: dict[str, Any] | None = None
    problem: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the run as JSON values; ``seconds``: since its start, while it runs."""
        last = self.said[-1][0] if self.said else 0.0
        return {
            "scenario": self.scenario,
            "running": self.running,
            "seconds": time.monotonic() - self.began if self.running else last,
            "said": [{"seconds": seconds, "text": text} for seconds, text in list(self.said)],
            "result": self.result,
            "problem": self.problem,
        }


class Runner:
    """Runs one command at a time on a lab: a drill, or healing. ``command`` makes its arguments (tests replace it)."""

    def __init__(self, stack: str, command: Callable[[str, str], Sequence[str]] | None = None) -> None:
        self._stack = stack
        self._command = command or _redlab
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self.run: Run | None = None

    def start(self, what: str) -> None:
        """Start a drill of this scenario, or ``heal``. Raises RedlabError while another one runs."""
        with self._lock:
            if self.run is not None and self.run.running:
                raise RedlabError(f"{self.run.scenario} is running: wait until it ends")
            self._process = subprocess.Popen(
                list(self._command(self._stack, what)),
                cwd=checkout.ROOT,
                env=checkout.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                # Not in the group of the terminal: Ctrl-C reaches it once, from :meth:`stop`.
                start_new_session=True,
            )
            self.run = Run(what, time.monotonic())
            threading.Thread(target=self._follow, args=(self._process, self.run), daemon=True).start()

    def stop(self) -> None:
        """Ask the running command to end, and wait until it has healed the lab."""
        with self._lock:
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()

    def _follow(self, process: subprocess.Popen[str], run: Run) -> None:
        assert process.stdout is not None  # noqa: S101 both are pipes
        assert process.stderr is not None  # noqa: S101
        printed: list[str] = []
        reader = threading.Thread(target=lambda out: printed.append(out.read()), args=(process.stdout,), daemon=True)
        reader.start()
        for line in process.stderr:
            run.said.append((time.monotonic() - run.began, line.rstrip()))
        reader.join()
        code = process.wait()
        if run.scenario == HEAL:  # healing reports its actions in words
            words, printed = "".join(printed).splitlines(), []
            run.said.extend((time.monotonic() - run.began, line) for line in words)
        try:
            run.result = json.loads("".join(printed)) if "".join(printed).strip() else None
        except ValueError:
            run.problem = "its result is no JSON"
        if run.result is None and code:
            run.problem = run.said[-1][1] if run.said else f"it ended with {code}"
        run.running = False


def _redlab(stack: str, what: str) -> Sequence[str]:
    base = [sys.executable, "-m", "redlab.cli"]
    return [*base, "heal", stack] if what == HEAL else [*base, "drill", stack, what, "--format", "json"]
