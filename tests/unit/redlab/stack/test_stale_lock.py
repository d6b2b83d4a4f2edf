"""The lock that a killed Pulumi leaves in a local backend is released; one that somebody holds is not."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from redlab.errors import RedlabError
from redlab.stack import checkout, pulumi
from redlab.stack.pulumi import Stack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Released = list[tuple[str, ...]]
CANCELLED: Released = [("cancel", "--yes", "--stack", "locked")]


@pytest.fixture(params=["plain", "with space", "Größe 試"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of the state; a checkout may lie anywhere."""
    return tmp_path / str(request.param)


@pytest.fixture
def locked(state: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Released]:
    """Lock the stack `locked` in the name of a process; returns what Pulumi is then told to do."""
    told: Released = []
    monkeypatch.setattr(checkout, "environment", lambda: {"PULUMI_BACKEND_URL": state.as_uri() + "?metadata=skip"})
    monkeypatch.setattr(pulumi, "DYING_SECONDS", 0)
    monkeypatch.setattr(Stack, "run", lambda self, *arguments: told.append(arguments))

    def lock(pid: int, host: str, content: bytes | None = None) -> Released:
        file = state / ".pulumi" / "locks" / "organization" / "redundancy-lab" / "locked" / "1.json"
        file.parent.mkdir(parents=True)
        said = json.dumps({"pid": pid, "username": "somebody", "hostname": host}).encode()
        file.write_bytes(said if content is None else content)
        Stack("locked").release_stale_lock()
        return told

    return lock


def test_a_process_that_is_gone_holds_nothing(locked: Callable[..., Released]) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert locked(gone.pid, os.uname().nodename) == CANCELLED


def test_a_zombie_holds_nothing(locked: Callable[..., Released]) -> None:
    killed = subprocess.Popen(["true"])
    # Waits until it has ended, and leaves it a zombie.
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    assert locked(killed.pid, os.uname().nodename) == CANCELLED
    killed.wait()


def test_a_running_process_keeps_its_lock(locked: Callable[..., Released]) -> None:
    assert locked(os.getpid(), os.uname().nodename) == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\x00", b"[]", b"null", b"[" * 9000])
def test_a_lock_that_names_nobody_is_nobodys(locked: Callable[..., Released], content: bytes) -> None:
    assert locked(os.getpid(), os.uname().nodename, content) == CANCELLED


def test_a_process_of_another_machine_keeps_its_lock_and_the_way_out_is_said(locked: Callable[..., Released]) -> None:
    with pytest.raises(RedlabError, match=re.escape("pulumi cancel --yes --stack locked")) as refused:
        locked(4711, "former-name")
    assert f"process 4711 of somebody on 'former-name'; this machine is {os.uname().nodename!r}" in str(refused.value)
