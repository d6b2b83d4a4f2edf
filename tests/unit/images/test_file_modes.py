"""An image does not depend on the umask of its checkout: copied files get their modes in the image."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

IMAGES = Path(__file__).parents[3] / "lab" / "images"
DOCKERFILES = sorted(IMAGES.glob("*/Dockerfile"))
REMOVED = "/tmp/"  # noqa: S108  (a path in an image, whose files the same Dockerfile installs with their modes)


def copied(text: str) -> set[str]:
    """The targets of copied files."""
    joined = text.replace("\\\n", " ")
    return {line.split()[-1].rstrip("/") for line in joined.splitlines() if line.startswith("COPY ")}


def normalised(text: str) -> set[str]:
    """What of an image is readable for everybody, and writable for its owner alone, whatever it was."""
    joined = text.replace("\\\n", " ")
    return {path for paths in re.findall(r"chmod -R u=rwX,go=rX ((?:/\S+ ?)+)", joined) for path in paths.split()}


def test_there_are_images() -> None:
    assert len(DOCKERFILES) >= 12


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_copied_files_get_their_modes_in_the_image(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    for target in copied(text):
        folders = normalised(text)
        assert target.startswith(REMOVED) or any(Path(target).is_relative_to(one) for one in folders), target
