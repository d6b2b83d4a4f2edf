"""What this checkout's tools write down of themselves is bounded: Pulumi's logs, and that of an engine it started."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

KEPT = 50
"""How many of Pulumi's logs are kept: it writes one for each command, a handful for an `up` of a lab."""
MAXIMUM_BYTES = 20 * 1024 * 1024
"""A log that is longer is emptied, its last part kept beside it."""


def bound(lab: Path) -> None:
    """Remove and empty logs in this checkout's folder ``lab``; those of another Pulumi are its owner's."""
    for log in sorted((lab / "pulumi" / "logs").glob("*.log"), key=_written_at)[:-KEPT]:
        log.unlink(missing_ok=True)
    for log in (lab / "log").glob("*.log"):
        if log.stat().st_size > MAXIMUM_BYTES:
            # Not renamed: who writes it, for months perhaps, has it open, and appends.
            shutil.copyfile(log, log.with_suffix(".before"))
            os.truncate(log, 0)


def _written_at(log: Path) -> float:
    try:
        return log.stat().st_mtime
    except FileNotFoundError:  # another command was quicker
        return 0.0
