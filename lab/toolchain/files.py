"""Files that are written completely or not at all."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write_atomically(path: Path, content: str, mode: int = 0o644) -> None:
    """Write `content` to `path` atomically: no reader sees a part of it. An equal file stays untouched."""
    if path.is_file() and path.stat().st_mode & 0o777 == mode and path.read_bytes() == content.encode():
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


def read_record(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file; None if the file does not exist or holds no JSON object."""
    try:
        said = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def fingerprint(*paths: Path) -> str:
    """Return one hash over the contents of files, in the given order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def stamp_says(stamp: Path, expected: str) -> bool:
    """Tell whether the work that `stamp` records was completed with the inputs of the fingerprint `expected`."""
    return stamp.is_file() and stamp.read_bytes().strip() == expected.encode()
