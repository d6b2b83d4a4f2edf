"""libpq reads a password with any printable character unchanged."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from redlab.stack import checkout

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = checkout.ROOT / "lab" / "images" / "database" / "database-passwords"
PRINTABLE = [chr(code) for code in range(0x21, 0x7F)]


def fields(line: str) -> list[str]:
    """The fields of a line as libpq reads them: a backslash stands before a colon or backslash that belongs to one."""
    found, escaped = [""], False
    for letter in line:
        if not escaped and letter == "\\":
            escaped = True
        elif not escaped and letter == ":":
            found.append("")
        else:
            found[-1] += letter
            escaped = False
    return found


def written(password: str, folder: Path) -> str:
    (folder / "replication-password").write_text(password)
    environment = {**os.environ, "REDLAB_SECRETS": str(folder)}
    command = ["bash", str(SCRIPT), "pgpass"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("place", ["{}b", "a{}b", "a{}"])
def test_each_printable_character(tmp_path: Path, place: str) -> None:
    everything = "".join(place.format(letter) for letter in PRINTABLE)
    assert fields(written(everything, tmp_path)) == ["*", "*", "*", "replicator", f"{everything}\n"]


@pytest.mark.parametrize(
    "password", [*(letter * 2 for letter in PRINTABLE if not letter.isalnum()), "\\:", ":\\", "#x"]
)
def test_a_password_of_few_characters(tmp_path: Path, password: str) -> None:
    assert fields(written(password, tmp_path)) == ["*", "*", "*", "replicator", f"{password}\n"]


def test_a_missing_secret_is_reported(tmp_path: Path) -> None:
    command, environment = ["bash", str(SCRIPT), "pgpass"], {**os.environ, "REDLAB_SECRETS": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no secret replication-password" in done.stderr


@pytest.mark.parametrize("password", ["a:b", "a\\b"])
def test_an_unescaped_password_would_be_read_wrongly(password: str) -> None:
    assert fields(f"*:*:*:replicator:{password}")[4:] != [password]
