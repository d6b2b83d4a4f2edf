"""The container's environment: typed values by name, and one clear message for each mistake."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

SECRETS = Path("/etc/redlab/secrets")
_MEMORY_LIMITS = tuple(Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory/memory.limit_in_bytes"))
_MEMORY_WITHOUT_LIMIT_BYTES = 256 * 1024 * 1024
INSTANCE = Path("/etc/redlab/instance.json")


class InvalidEnvironmentError(Exception):
    """A variable or a secret is missing or malformed; the message names it."""


def text(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a required variable."""
    value = environment.get(name, "").strip()
    if not value:
        raise InvalidEnvironmentError(f"{name} is not set")
    return value


def number(name: str, default: float, environment: Mapping[str, str] = os.environ) -> float:
    """Return a non-negative number."""
    raw = environment.get(name, "").strip()
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        raise InvalidEnvironmentError(f"{name}={raw!r} is not a number") from None
    if not 0 <= value < float("inf"):
        raise InvalidEnvironmentError(f"{name}={raw!r} is negative or not finite")
    return value


def flag(name: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a variable is `true`; a missing one counts as `false`."""
    raw = environment.get(name, "").strip() or "false"
    if raw not in ("true", "false"):
        raise InvalidEnvironmentError(f"{name}={raw!r} is neither true nor false")
    return raw == "true"


def texts(name: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return texts by name from a variable with a JSON object; a missing variable gives none."""
    return _texts(environment.get(name, "").strip() or "{}", name)


def instance(file: Path = INSTANCE) -> dict[str, str]:
    """Return the parameters of this node's instance from its configuration file; none without the file."""
    return _texts(file.read_text(encoding="utf-8"), str(file)) if file.exists() else {}


def _texts(raw: str, place: str) -> dict[str, str]:
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) and value for value in found.values()):
        raise InvalidEnvironmentError(f"{place}={raw!r} is not a JSON object of texts")
    return found


def peers(name: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return peers by name from `gw1=http://gw1:8082,gw2=http://gw2:8082`."""
    found: dict[str, str] = {}
    for item in text(name, environment).split(","):
        peer, separator, url = item.strip().partition("=")
        if not (peer and separator and url.startswith(("http://", "https://"))):
            raise InvalidEnvironmentError(f"{name}: {item.strip()!r} is not name=http://host:port, nor by https")
        if peer in found:
            raise InvalidEnvironmentError(f"{name}: {peer} appears twice")
        found[peer] = url.rstrip("/")
    return found


def memory_bytes(limits: Sequence[Path] = _MEMORY_LIMITS) -> int:
    """Return the memory limit of this container; without a limit a moderate size."""
    for file in limits:
        try:
            said = file.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if said.isdecimal():
            return min(int(said), _MEMORY_WITHOUT_LIMIT_BYTES * 64)
    return _MEMORY_WITHOUT_LIMIT_BYTES


def secret(name: str, folder: Path = SECRETS) -> str:
    """Return a secret from its file."""
    try:
        value = (folder / name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidEnvironmentError(f"secret {name} cannot be read: {error.strerror}") from None
    if not value:
        raise InvalidEnvironmentError(f"secret {name} is empty")
    return value
