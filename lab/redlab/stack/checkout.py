"""Where this checkout is, and the environment in which its tools run."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from redlab.stack import proxies, records
from redundancy import reading

ROOT = Path(__file__).resolve().parents[3]
STACKS = ROOT / "stacks"
LAB = ROOT / ".lab"
RUN = LAB / "run"
"""State of this machine's running drills: journals of faults, one folder a lab."""


_OWNER = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class _Prepared:
    """What the toolchain has set up: folders with programs, variables, and those that Pulumi must not see."""

    path: tuple[str, ...]
    variables: Mapping[str, str]
    unset: tuple[str, ...] = ()


def owner() -> str:
    """Return what tells the labs of this checkout from those of the same name made elsewhere; random, made once."""
    file = LAB / "owner"
    if not file.is_file():
        file.parent.mkdir(exist_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}")
        temporary.write_text(secrets.token_hex(6))
        # The first one wins, should two commands get here at once.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, file)
        temporary.unlink()
    found = reading.read_text(file).strip()
    if not _OWNER.fullmatch(found):
        raise reading.DocumentError(
            f"{file}: found {reading.shown(found)}; allowed: 12 hexadecimal digits; why: it is a label on all "
            "that this checkout makes; remove the file to get a new one; `redlab sweep STACK --any-owner` removes what "
            "was made with it"
        )
    return found


def environment() -> dict[str, str]:
    """Return the environment for Pulumi: the caller's, with what the toolchain has set up for this checkout."""
    try:
        own = records.read(LAB / "environment.json", _Prepared)
    except reading.NoDocumentError:
        return {**os.environ, **proxies.bypass(os.environ)}
    except reading.DocumentError as error:
        raise reading.DocumentError(f"{error}; `make setup` writes it anew") from None
    path = os.pathsep.join([*own.path, os.environ.get("PATH", "")])
    # Program and provider start with every command: compiled once, and outside the source tree.
    left_out = {"PYTHONDONTWRITEBYTECODE", *own.unset}
    given = {key: value for key, value in os.environ.items() if key not in left_out}
    made = {**own.variables, "PATH": path, "PYTHONPYCACHEPREFIX": str(LAB / "pycache")}
    return {**given, **proxies.bypass(given), **made}
