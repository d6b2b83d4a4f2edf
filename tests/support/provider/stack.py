"""A stack of the reference program, run by the Pulumi CLI with the native provider as its plugin."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support import CHECKOUT
from tests.support.provider.client import EXECUTABLE

_PROGRAM = CHECKOUT / "tests" / "provider" / "program"
_TOOLS = CHECKOUT / ".lab" / "pulumi" / "bin"


class Stack:
    """Everything of the stack (state, plugins, program) is in one folder."""

    def __init__(self, folder: Path, name: str, subnet: str) -> None:
        self.name = name
        self.folder = shutil.copytree(_PROGRAM, folder / "program")
        plugins = folder / "home" / "plugins" / "resource-docker-v5.2.0"
        plugins.mkdir(parents=True)
        (plugins / EXECUTABLE.name).symlink_to(EXECUTABLE)
        (folder / "state").mkdir()
        environment = Path(sys.prefix)
        self._environment = os.environ | {
            "PATH": f"{_TOOLS}:{environment / 'bin'}:{os.environ['PATH']}",
            "VIRTUAL_ENV": str(environment),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PROGRAM_NAME": name,
            "PROGRAM_OWNER": name,
            "PROGRAM_SUBNET": subnet,
        }
        self._environment.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
        self.run("stack", "init", "test")

    def start(self, *arguments: str, edit: dict[str, Any] | None = None) -> subprocess.Popen[str]:
        """Start a command of the CLI without waiting for it."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self._environment | {"PROGRAM_EDIT": json.dumps(edit or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, edit: dict[str, Any] | None = None, succeeds: bool = True) -> str:
        """Run a command of the CLI to its end and return what it says."""
        process = self.start(*arguments, edit=edit)
        output = process.communicate(timeout=300)[0]
        assert (process.returncode == 0) == succeeds, output
        return output

    def up(self, *arguments: str, edit: dict[str, Any] | None = None, succeeds: bool = True) -> str:
        return self.run("up", "--yes", "--skip-preview", *arguments, edit=edit, succeeds=succeeds)

    def plan(self, *arguments: str, edit: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
        """Return the planned changes by logical name; for a replacement the step that stands for the whole of it."""
        output = self.run("preview", "--json", *arguments, edit=edit)
        document = json.loads(output[output.index("{") :])
        return {
            step["urn"].rsplit("::", 1)[-1]: step
            for step in document["steps"]
            if step["op"] in ("create", "delete", "replace", "update")
        }

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the resources of the state by logical name."""
        deployment = json.loads(self.run("stack", "export"))["deployment"]
        return {item["urn"].rsplit("::", 1)[-1]: item for item in deployment.get("resources", [])}
