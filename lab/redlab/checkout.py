"""Where this checkout is, and the environment in which its tools run."""

from __future__ import annotations

import json
import os
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
    if not prepared.is_file():
        return dict(os.environ)
    own = json.loads(prepared.read_text())
    path = os.pathsep.join([*own["path"], os.environ.get("PATH", "")])
    return {**os.environ, **own["variables"], "PATH": path}
