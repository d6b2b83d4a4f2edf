"""The Python environment of the checkout: `.lab/venv` with the project, editable, and its development tools."""

import importlib.util
import sys
from pathlib import Path

from toolchain import debian_packages
from toolchain.context import Context, Ready
from toolchain.errors import SetupError
from toolchain.files import fingerprint, stamp_says, write_atomically

NOUN = "python packages"
LOCK = "requirements.lock"
"""Every package that pyproject.toml leads to, by version and hash."""
_INSTALL_DEADLINE_SECONDS = 1200.0


def ensure(context: Context) -> Ready:
    """Make the environment, or bring it up to pyproject.toml and its lock; trusts only what was completed."""
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
    # An interrupted installation leaves no stamp, so the next run does not take it for complete.
    stamp.unlink(missing_ok=True)
    install = [str(python), "-m", "pip", "install", "--no-deps", "--progress-bar", "off", "--disable-pip-version-check"]
    for what, wanted in (
        (f"installing what {LOCK} names", ["--require-hashes", "--requirement", str(lock)]),
        # What builds it is in the lock as well.
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
    """Spell the folders in a path configuration file (Python's `site`) so that they can be read in any locale.

    Python reads it in the locale's encoding, and does not even start where the checkout's path has a letter that is not
    of it (`LC_ALL=C`).
    """
    lines = paths.read_bytes().splitlines()
    spelled = [
        line if line.isascii() else f"import os, sys; sys.path.append(os.fsdecode({line!r}))".encode() for line in lines
    ]
    if spelled != lines:
        write_atomically(paths, b"\n".join(spelled).decode("ascii") + "\n")


def _usable(context: Context) -> bool:
    """Whether there is an environment of this Python's version in which pip works."""
    python = context.layout.venv / "bin" / "python"
    question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    answer = context.machine.ask(str(python), "-c", question)
    return answer.ok and answer.output == f"{sys.version_info.major}.{sys.version_info.minor}"


def _require_venv(context: Context) -> None:
    """Debian splits `ensurepip`, without which no environment gets a pip, into a package of its own."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    if context.machine.is_root and debian_packages.available(context.machine):
        debian_packages.install(context, NOUN, ["python3-venv"])
        return
    raise SetupError(
        "This Python cannot make virtual environments (its module ensurepip is missing).",
        "Debian, Ubuntu: sudo apt-get install python3-venv",
    )
