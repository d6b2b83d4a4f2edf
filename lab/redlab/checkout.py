"""Where this checkout is, and the environment in which its tools run."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path

from redlab import proxies

ROOT = Path(__file__).resolve().parents[2]
STACKS = ROOT / "stacks"
LAB = ROOT / ".lab"
RUN = LAB / "run"
"""State of this machine's running drills: journals of faults, one folder a lab."""


def owner() -> str:
    """Return what tells the labs of this checkout from those of the same name made elsewhere; random, made once."""
    file = LAB / "owner"
    if not file.is_file():
        file.parent.mkdir(exist_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}")
        temporary.write_text(secrets.token_hex(6))
        # The first one wins, should two commands get here at once.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, file)
        temporary.unlink()
    return file.read_text()


def environment() -> dict[str, str]:
    """Return the environment for Pulumi: the caller's, with what the toolchain has set up for this checkout."""
    prepared = LAB / "environment.json"
    if not prepared.is_file():
        return {**os.environ, **proxies.bypass(os.environ)}
    own = json.loads(prepared.read_text())
    path = os.pathsep.join([*own["path"], os.environ.get("PATH", "")])
    # Program and provider start with every command: compiled once, and outside the source tree.
    left_out = {"PYTHONDONTWRITEBYTECODE", *own.get("unset", ())}
    given = {key: value for key, value in os.environ.items() if key not in left_out}
    made = {**own["variables"], "PATH": path, "PYTHONPYCACHEPREFIX": str(LAB / "pycache")}
    return {**given, **proxies.bypass(given), **made}
