"""The table that `make drills` writes says of every drill what came of it, also where there is no result."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support import docker_engine
from tests.support.drills.results import Ran, write


def test_every_drill_has_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_engine, "client", lambda: SimpleNamespace(version=lambda: {"Version": "20.10.24"}))
    drills = [
        Ran("ha", "dps-crash", "passed", 1.36, 1.35, 5.74, 0, 478, 11.2),
        Ran("ha", "node-cut db1", "failed", None, None, 20.0, 3, 400, 61.0),
        Ran("dr", "switchover", "not run", None, None, None, None, None, 2.0),
    ]
    text = write(drills, tmp_path / "made" / "drills", began_at=datetime.now(UTC), exit_code=1)
    assert (tmp_path / "made" / "drills.md").read_text() == text
    assert "1 of 3 drills passed" in text
    assert "3 of 878 acknowledged events lost" in text
    assert text.splitlines()[-3:] == [
        "| ha | dps-crash | passed | 1.360 s | 1.350 s | 5.740 s | 0 | 478 | 11 s |",
        "| ha | node-cut db1 | failed | never | never | 20.000 s | 3 | 400 | 61 s |",
        "| dr | switchover | not run | – | – | – | – | – | 2 s |",
    ]
    document = json.loads((tmp_path / "made" / "drills.json").read_text())
    assert [one["outcome"] for one in document["drills"]] == ["passed", "failed", "not run"]
    assert (document["tests_exit_code"], document["machine"]["docker_engine"]) == (1, "20.10.24")
