"""A runbook gone through by hand: by somebody who has nothing else."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from redlab.control.lab import Laboratory
from redlab.stack import checkout
from tests.support.stacks.commands import redlab


def followed(lab: Laboratory, *, only_checks: bool = False) -> dict[str, Any]:
    """Run every command that the runbook of a lab says, one after the other; returns the document.

    A command that fails is an AssertionError.
    """
    written: dict[str, Any] = json.loads(redlab("runbook", lab.inventory.lab, "--format", "json").stdout)
    environment = {**checkout.environment(), "ADMIN_TOKEN": lab.management.token}
    for instruction in written["instructions"]:
        for command in (instruction["check"], *([] if only_checks else [instruction["command"]])):
            done = subprocess.run(
                ["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, (instruction["step"], command, done.stderr)
    return written
