"""Packages of a Debian machine, or of a distribution derived from Debian."""

import threading
from collections.abc import Sequence

from toolchain.context import Context
from toolchain.machine import Machine

_DEADLINE_SECONDS = 900.0
_one_at_a_time = threading.Lock()


def available(machine: Machine) -> bool:
    """Tell whether this machine installs packages with apt."""
    return machine.which("apt-get") is not None


def install(context: Context, noun: str, packages: Sequence[str]) -> None:
    """Install packages as root, without questions."""
    variables = {"DEBIAN_FRONTEND": "noninteractive"}
    run = context.progress.run
    with _one_at_a_time:
        # Another program (unattended upgrades) may hold dpkg's lock for a moment; apt waits for it.
        update = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "update"]
        run(
            context.machine,
            noun,
            "reading package lists",
            update,
            deadline_seconds=_DEADLINE_SECONDS,
            variables=variables,
        )
        what = f"installing {', '.join(packages)}"
        command = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "--yes", "--no-install-recommends", *packages]
        run(context.machine, noun, what, command, deadline_seconds=_DEADLINE_SECONDS, variables=variables)
