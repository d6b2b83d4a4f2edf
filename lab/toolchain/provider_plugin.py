"""The Docker provider in Pulumi's plugin folder: this checkout's native one, or the official one."""

import shlex
from pathlib import Path

from toolchain import pins
from toolchain.context import Context, Ready
from toolchain.errors import SetupError
from toolchain.files import write_atomically
from toolchain.layout import Layout

NOUN = "docker provider"
PROGRAM = "pulumi-resource-docker"
CHOICE = "REDLAB_PROVIDER"
_MARK = "# Made by lab/toolchain: runs this checkout's own provider."
_INSTALL_DEADLINE_SECONDS = 600.0


def ensure(context: Context) -> Ready:
    """Install the provider that the variable REDLAB_PROVIDER names: `native` (default) or `official`."""
    choice = context.machine.environ.get(CHOICE, "native")
    if choice == "native":
        _install_native(context.layout)
    elif choice == "official":
        _install_official(context)
    else:
        raise SetupError(f"{CHOICE} is {choice!r}.", "Allowed: native (default), official.")
    return Ready(f"{choice} {pins.docker_plugin_version(context.layout)}")


def plugin_folder(layout: Layout) -> Path:
    """Return the folder in which Pulumi looks for the version that the Python SDK requests."""
    return layout.pulumi_home / "plugins" / f"resource-docker-v{pins.docker_plugin_version(layout)}"


def _install_native(layout: Layout) -> None:
    folder = plugin_folder(layout)
    program = folder / PROGRAM
    bin_folder, provider = shlex.quote(str(layout.venv / "bin")), shlex.quote(str(layout.native_provider))
    script = f'#!/bin/sh\n{_MARK}\nPATH={bin_folder}:$PATH exec {provider} "$@"\n'
    if program.is_file() and not _is_native(program):
        with layout.scratch("plugin") as scratch:
            write_atomically(scratch / folder.name / PROGRAM, script, mode=0o755)
            _put(scratch / folder.name, folder, scratch)
    else:
        write_atomically(program, script, mode=0o755)


def _install_official(context: Context) -> None:
    layout = context.layout
    folder = plugin_folder(layout)
    program = folder / PROGRAM
    if program.is_file() and not _is_native(program):
        return
    pulumi = context.machine.which("pulumi", outside=layout.lab) or layout.pulumi_bin / "pulumi"
    version = pins.docker_plugin_version(layout)
    with layout.scratch("plugin") as scratch:
        # A separate home: a failed download leaves the present plugin untouched.
        context.progress.run(
            context.machine,
            NOUN,
            f"downloading the official plugin {version}",
            [str(pulumi), "plugin", "install", "resource", "docker", version],
            deadline_seconds=_INSTALL_DEADLINE_SECONDS,
            variables={"PULUMI_HOME": str(scratch), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        )
        made = scratch / "plugins" / folder.name
        if not (made / PROGRAM).is_file():
            raise SetupError(
                f"Pulumi said it installed the official plugin {version}, but there is no {PROGRAM} in it.",
                f"The present plugin stays. Try again, or leave {CHOICE} unset for the native provider.",
            )
        _put(made, folder, scratch)


def _put(made: Path, folder: Path, scratch: Path) -> None:
    """Replace the old folder by the new one; the old one is removed with the scratch folder."""
    if folder.exists():
        folder.rename(scratch / "replaced")
    folder.parent.mkdir(parents=True, exist_ok=True)
    made.rename(folder)


def _is_native(program: Path) -> bool:
    with program.open("rb") as file:
        return _MARK.encode() in file.read(4096)
