"""Runs a command; only its success counts."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from redlab.errors import RedlabError


def run(name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command to its end. Raises RedlabError with its output if it fails; ``name`` is its name in the message."""
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RedlabError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")
