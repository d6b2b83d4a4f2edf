"""Python packages of the images that Debian lacks or has too old, downloaded here: a build may have no network."""

import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from toolchain.context import Context, Ready
from toolchain.files import fingerprint, stamp_says, write_atomically

NOUN = "image packages"
_DEADLINE_SECONDS = 300.0
_FOLDERS = ("database_cluster", "common/libraries")
_PROCESSORS = {"arm64": "aarch64"}
"""Processor names of macOS, and those of Linux."""


def ensure(context: Context) -> Ready:
    """Download the packages that the images' requirements.txt pin, unless a completed download is in place."""
    images = context.layout.root / "lab" / "images"
    return Ready(", ".join(name for folder in _FOLDERS for name in _fetch(context, images / folder)))


def _fetch(context: Context, folder: Path) -> Iterator[str]:
    requirements, wheels = folder / "requirements.txt", folder / "wheels"
    stamp = wheels / "requirements.sha256"
    expected = fingerprint(requirements)
    if not stamp_says(stamp, expected):
        python = str(context.layout.venv / "bin" / "python")
        with context.layout.scratch("wheels") as scratch:
            # The requirements contain hashes: pip therefore demands a hash for every package.
            options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--progress-bar", "off"]
            options += _for_the_images()
            context.progress.run(
                context.machine,
                NOUN,
                f"fetching the packages of {folder.name} in the images",
                [python, "-m", "pip", "download", *options, "--dest", str(scratch), "-r", str(requirements)],
                deadline_seconds=_DEADLINE_SECONDS,
            )
            shutil.rmtree(wheels, ignore_errors=True)
            wheels.mkdir()
            for wheel in scratch.glob("*.whl"):
                shutil.copy(wheel, wheels)
        write_atomically(stamp, expected + "\n")
    return ("-".join(wheel.name.split("-")[:2]) for wheel in sorted(wheels.glob("*.whl")))


def _for_the_images() -> list[str]:
    """Choose wheels for the images, on any machine: Debian 12 on this processor, with its glibc and CPython 3.11."""
    processor = _PROCESSORS.get(platform.machine(), platform.machine())
    systems = ("manylinux_2_28", "manylinux_2_17", "manylinux2014", "manylinux_2_5", "manylinux1")
    platforms = [option for system in systems for option in ("--platform", f"{system}_{processor}")]
    return ["--implementation", "cp", "--python-version", "3.11", *platforms]
