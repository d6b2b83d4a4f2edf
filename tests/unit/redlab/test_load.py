"""The load of a drill: what is said when it does not run any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import docker
import pytest

from redlab import engine
from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.errors import RedlabError
from redlab.inventory import Node
from redlab.waiting import until

COLLECTOR = Node("collector1", "collector", "access", "redlab-ha-collector1", {"access": "10.0.0.1"})


def ended(monkeypatch: pytest.MonkeyPatch, answer: Any) -> str:
    """Run a load whose sender ends at once, and which the engine says so of; returns the complaint, '' if none."""

    def inspected(_: str) -> dict[str, int]:
        if isinstance(answer, Exception):
            raise answer
        return {"ExitCode": answer}

    streams = iter([(b"7\n", None), (None, b"no route to host\n")])
    api = SimpleNamespace(
        exec_create=lambda *_: {"Id": "exec"}, exec_start=lambda *_, **__: streams, exec_inspect=inspected
    )
    monkeypatch.setattr(engine, "client", lambda: SimpleNamespace(api=api))

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
    gone = docker.errors.NotFound("No such exec instance")
    assert ended(monkeypatch, gone) == "the load is gone: redlab-ha-collector1 was removed or restarted"
