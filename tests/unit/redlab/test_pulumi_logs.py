"""Pulumi's logs are bounded: it writes one for each command."""

import os
from pathlib import Path

from redlab.pulumi import KEPT_LOGS, forget_old_logs


def test_the_newest_logs_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "pulumi" / "logs"
    forget_old_logs(tmp_path)  # there are none yet
    folder.mkdir(parents=True)
    for number in range(KEPT_LOGS + 30):
        log = folder / f"pulumi-{number:03}.log"
        log.touch()
        os.utime(log, (number, number))
    (folder / "notes.txt").touch()
    forget_old_logs(tmp_path)
    kept = sorted(file.name for file in folder.glob("*.log"))
    assert kept == [f"pulumi-{number:03}.log" for number in range(30, KEPT_LOGS + 30)]
    assert (folder / "notes.txt").exists()
