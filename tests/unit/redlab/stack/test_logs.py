"""Logs are bounded: Pulumi writes one for each command, and an engine that runs for months one that grows."""

import os
from pathlib import Path

import pytest

from redlab.stack import logs


def test_the_newest_logs_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "pulumi" / "logs"
    logs.bound(tmp_path)  # there are none yet
    folder.mkdir(parents=True)
    for number in range(logs.KEPT + 30):
        log = folder / f"pulumi-{number:03}.log"
        log.touch()
        os.utime(log, (number, number))
    (folder / "notes.txt").touch()
    logs.bound(tmp_path)
    kept = sorted(file.name for file in folder.glob("*.log"))
    assert kept == [f"pulumi-{number:03}.log" for number in range(30, logs.KEPT + 30)]
    assert (folder / "notes.txt").exists()


def test_a_long_log_is_emptied_under_its_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAXIMUM_BYTES", 100)
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "short.log").write_bytes(b"s" * 100)
    with (folder / "dockerd.log").open("ab", buffering=0) as writer:
        writer.write(b"x" * 101)
        logs.bound(tmp_path)
        writer.write(b"goes on")
    assert (folder / "dockerd.log").read_bytes() == b"goes on"
    assert (folder / "dockerd.before").read_bytes() == b"x" * 101
    assert (folder / "short.log").read_bytes() == b"s" * 100
