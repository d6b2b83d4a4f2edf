"""The machine of a run."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from redlab.engine import connection
from redlab.stack.pulumi import Stack


def describe() -> dict[str, Any]:
    """Return date, kernel, processors, load and versions."""
    found = connection.client().version()
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "kernel": platform.release(),
        "processors": os.cpu_count(),
        "load_average_1_minute": round(os.getloadavg()[0], 2),
        "docker_engine": found["Version"],
        "python": platform.python_version(),
        "pulumi_cli": Stack("").run("version").strip(),
        "pulumi_sdk": version("pulumi"),
    }
