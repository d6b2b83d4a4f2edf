"""Where this checkout is, and the environment in which its tools run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STACKS = ROOT / "stacks"
LAB = ROOT / ".lab"
RUN = LAB / "run"
"""State of this machine's running drills: journals of faults, one folder a lab."""
REPORTS = ROOT / "reports"


def environment() -> dict[str, str]:
    """Return the environment for Pulumi: the caller's, with what the toolchain has set up for this checkout."""
    prepared = LAB / "environment.json"
    own: Mapping[str, str] = json.loads(prepared.read_text()) if prepared.is_file() else {}
    return {**os.environ, **own}
