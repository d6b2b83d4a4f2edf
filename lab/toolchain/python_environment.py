"""The Python environment of the checkout: `.lab/venv` with the project (editable) and its development tools."""

import importlib.util
import sys
from pathlib import Path

from toolchain import debian_packages
from toolchain.context import Context, Ready
from toolchain.errors import SetupError
from toolchain.files import fingerprint, stamp_says, write_atomically

NOUN = "python packages"
LOCK = "requirements.lock"
"""The lock file: every package that pyproject.toml requires, directly or not, with version and hash."""
_INSTALL_DEADLINE_SECONDS = 1200.0


def ensure(context: Context) -> Ready:
    """Create the environment, or update it to pyproject.toml and the lock, unless a completed one is in place."""
    layout = context.layout
    python = layout.venv / "bin" / "python"
    stamp = layout.venv / "pyproject.sha256"
    lock = layout.root / LOCK
    expected = f"{sys.version_info.major}.{sys.version_info.minor} {fingerprint(layout.pyproject, lock)}"
    ready = Ready(".lab/venv", (layout.venv / "bin",), {"VIRTUAL_ENV": str(layout.venv)})
    if python.exists() and stamp_says(stamp, expected):
        return ready
    if not _usable(context):
        _require_venv(context)
        make = [sys.executable, "-m", "venv", "--clear", str(layout.venv)]
        context.progress.run(context.machine, NOUN, "making .lab/venv", make, deadline_seconds=120)
    # An interrupted installation leaves no stamp: the next run does not take it for complete.
    stamp.unlink(missing_ok=True)
    install = [str(python), "-m", "pip", "install", "--no-deps", "--progress-bar", "off", "--disable-pip-version-check"]
    for what, wanted in (
        (f"installing the packages of {LOCK}", ["--require-hashes", "--requirement", str(lock)]),
        # The lock contains the build tools, too.
        ("installing the project", ["--no-build-isolation", "--editable", "."]),
    ):
        context.progress.run(
            context.machine,
            NOUN,
            what,
            [*install, *wanted],
            cwd=layout.root,
            deadline_seconds=_INSTALL_DEADLINE_SECONDS,
        )
    for paths in layout.venv.glob("lib/python*/site-packages/*.pth"):
        spell_in_ascii(paths)
    write_atomically(stamp, expected + "\n")
    return ready


def spell_in_ascii(paths: Path) -> None:
    """Write the folders of a path configuration file (Python's module `site`) in ASCII, for any locale.

    Python reads the file in the locale's encoding. It does not start when the checkout's path has a letter outside that
    encoding (`LC_ALL=C`).
    """
    lines = paths.read_bytes().splitlines()
    spelled = [
        line if line.isascii() else f"import os, sys; sys.path.append(os.fsdecode({line!r}))".encode() for line in lines
    ]
    if spelled != lines:
        write_atomically(paths, b"\n".join(spelled).decode("ascii") + "\n")


def _usable(context: Context) -> bool:
    """Tell whether there is an environment with this Python's version and a working pip."""
    python = context.layout.venv / "bin" / "python"
    question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    answer = context.machine.ask(str(python), "-c", question)
    return answer.ok and answer.output == f"{sys.version_info.major}.{sys.version_info.minor}"


def _require_venv(context: Context) -> None:
    """Install Debian's package with `ensurepip`, which new environments need for pip, or raise SetupError."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    if context.machine.is_root and debian_packages.available(context.machine):
        debian_packages.install(context, NOUN, ["python3-venv"])
        return
    raise SetupError(
        "This Python cannot make virtual environments (its module ensurepip is missing).",
        "Debian, Ubuntu: sudo apt-get install python3-venv",
    )
