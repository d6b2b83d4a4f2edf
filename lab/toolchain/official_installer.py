"""Pulumi's official installer, used where it can be reached."""

import urllib.error
import urllib.request
from pathlib import Path

from toolchain import pins
from toolchain.context import Context
from toolchain.errors import SetupError

NOUN = "pulumi"
INSTALLER = "https://get.pulumi.com"
_REACH_SECONDS = 5.0
_DEADLINE_SECONDS = 600.0


def install(context: Context, destination: Path, installer: str) -> bool:
    """Put the pinned version's programs into the new folder `destination`; False, said why, where it does not work."""
    version = pins.pulumi_version(context.layout)
    try:
        with urllib.request.urlopen(installer, timeout=_REACH_SECONDS) as response:
            script = response.read()
    except (urllib.error.URLError, OSError) as error:
        context.progress.say(NOUN, f"{installer} cannot be reached ({getattr(error, 'reason', error)})")
        return False
    work = destination.parent / "installer"
    work.mkdir()
    (work / "install.sh").write_bytes(script)
    command = ["sh", str(work / "install.sh"), "--version", version.removeprefix("v")]
    command += ["--install-root", str(work / "root"), "--no-edit-path"]
    what = f"installing {version} with the official installer"
    try:
        context.progress.run(context.machine, NOUN, what, command, deadline_seconds=_DEADLINE_SECONDS)
    except SetupError as error:
        context.progress.say(NOUN, error.what)
        return False
    made = work / "root" / "bin"
    if not (made / "pulumi").is_file() or not (made / "pulumi-language-python").is_file():
        context.progress.say(NOUN, "the official installer left no pulumi with a Python language host")
        return False
    made.rename(destination)
    return True
