"""Docker Compose, where it is installed."""

from __future__ import annotations

import subprocess


def version() -> str | None:
    """Return the version of the Compose plugin, None where there is none."""
    done = subprocess.run(["docker", "compose", "version", "--short"], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
