"""Chromium, with which the tests operate the web pages: an installed one, or Debian's package."""

from pathlib import Path

from toolchain import debian_packages
from toolchain.context import Context, Ready
from toolchain.errors import SetupError
from toolchain.machine import Machine

NOUN = "browser"
PROGRAMS = ("chromium", "google-chrome", "google-chrome-stable")
_PACKAGE = "chromium"


def ensure(context: Context) -> Ready:
    """Find a Chromium, or install Debian's package where that is allowed."""
    found = find(context.machine)
    if found is None:
        _install(context)
        found = find(context.machine)
    if found is None:
        raise SetupError(
            f"The package {_PACKAGE} is installed, but there is no {' or '.join(PROGRAMS)} on PATH.",
            "Put the program's folder on PATH.",
        )
    return Ready(str(found))


def find(machine: Machine) -> Path | None:
    """Find this machine's Chromium or Chrome; None if it has neither."""
    return next((found for name in PROGRAMS if (found := machine.which(name)) is not None), None)


def _install(context: Context) -> None:
    if not context.machine.is_root:
        raise SetupError(
            "No Chromium is on PATH, and installing one needs root.",
            "Debian: sudo apt-get install chromium. Elsewhere: Google Chrome will do, too.",
        )
    if not debian_packages.available(context.machine):
        raise SetupError(
            "No Chromium is on PATH, and there is no apt-get to install one.", "Install Chromium or Google Chrome."
        )
    debian_packages.install(context, NOUN, [_PACKAGE])
