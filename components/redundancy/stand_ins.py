"""The stand-ins: what each is built from, and what its image is called. Pure but for reading their files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from redundancy.roles import IMAGES

STAND_INS = Path(__file__).parents[2] / "lab" / "images"
_NO_SOURCES = {"__pycache__", "wheels"}
"""Folders of an image that say nothing of its content; what is fetched into wheels/ is pinned beside it."""


def content_digest(*folders: Path) -> str:
    """Return a digest of what an image is built from: names, modes and contents; the same on every machine."""
    digest = hashlib.sha256()
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    for path in sorted(path for path in files if not _NO_SOURCES & set(path.parts)):
        executable = bool(path.stat().st_mode & 0o100)
        digest.update(f"{path.relative_to(STAND_INS).as_posix()}\0{executable}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def context(key: str) -> tuple[Path, str]:
    """Return the build context of a stand-in, and its Dockerfile inside that; ``key`` is that of the image.

    What shares the code of another folder has all of ``lab/images`` as its context.
    """
    folder = IMAGES[key].folder
    return (STAND_INS, f"{folder}/Dockerfile") if IMAGES[key].shares else (STAND_INS / folder, "Dockerfile")


def image(key: str) -> str:
    """Return what a stand-in is called.

    The tag is the content: labs of two checkouts do not overwrite each other's images.
    """
    folder, shared = IMAGES[key].folder, IMAGES[key].shares
    digest = content_digest(*(STAND_INS / each for each in (folder, shared) if each))
    return f"redlab/{folder.replace('_', '-')}:{digest}"
