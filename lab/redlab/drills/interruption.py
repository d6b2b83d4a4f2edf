"""The recovery procedure killed on purpose: as a command of its own, by SIGKILL, when it is about to begin a step."""

from __future__ import annotations

import subprocess
import sys
import threading

from redlab.stack import checkout

COMMAND_SECONDS = 60


def interrupted(lab: str, site: str, step: str) -> bool:
    """Run the failover to ``site`` until it announces a step, and kill it there; returns whether that came to pass."""
    command = [sys.executable, "-m", "redlab.cli", "failover", lab, "--to", site, "--format", "json"]
    with subprocess.Popen(
        command, cwd=checkout.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        # The command is silent while it waits for something: its time is bounded from outside.
        limit = threading.Timer(COMMAND_SECONDS, process.kill)
        limit.start()
        try:
            return any(line.startswith(f"{step}:") for line in process.stderr or ())
        finally:
            limit.cancel()
            process.kill()
