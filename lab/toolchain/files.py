"""Files that are there whole or not at all."""

import hashlib
import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: str, mode: int = 0o644) -> None:
    """Write `content` to `path` so that no reader ever sees a part of it; leaves an equal file alone."""
    if path.is_file() and path.stat().st_mode & 0o777 == mode and path.read_text() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def fingerprint(*paths: Path) -> str:
    """One hash over the contents of files, in the given order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def stamp_says(stamp: Path, expected: str) -> bool:
    """Whether what `stamp` belongs to was completed, and from these inputs."""
    return stamp.is_file() and stamp.read_text().strip() == expected
