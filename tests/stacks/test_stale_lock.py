"""The lock that a killed Pulumi leaves in a local backend is released; one that somebody holds is not."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from redlab import checkout, pulumi
from redlab.pulumi import Stack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Released = list[tuple[str, ...]]


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, str], Released]:
    """Lock the stack `locked` in the name of a process; returns what Pulumi is then told to do."""
    told: Released = []
    monkeypatch.setattr(checkout, "environment", lambda: {"PULUMI_BACKEND_URL": f"file://{tmp_path}"})
    monkeypatch.setattr(pulumi, "DYING_SECONDS", 0)
    monkeypatch.setattr(Stack, "run", lambda self, *arguments: told.append(arguments))

    def lock(pid: int, host: str) -> Released:
        file = tmp_path / ".pulumi" / "locks" / "organization" / "redundancy-lab" / "locked" / "1.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"pid": pid, "username": "somebody", "hostname": host}))
        Stack("locked").release_stale_lock()
        return told

    return lock


def test_a_process_that_is_gone_holds_nothing(locked: Callable[[int, str], Released]) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert locked(gone.pid, os.uname().nodename) == [("cancel", "--yes", "--stack", "locked")]


def test_a_zombie_holds_nothing(locked: Callable[[int, str], Released]) -> None:
    killed = subprocess.Popen(["true"])
    # Waits until it has ended, and leaves it a zombie.
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    assert locked(killed.pid, os.uname().nodename) == [("cancel", "--yes", "--stack", "locked")]
    killed.wait()


def test_a_running_process_keeps_its_lock(locked: Callable[[int, str], Released]) -> None:
    assert locked(os.getpid(), os.uname().nodename) == []


def test_a_process_of_another_machine_keeps_its_lock(locked: Callable[[int, str], Released]) -> None:
    assert locked(os.getpid(), "elsewhere") == []
