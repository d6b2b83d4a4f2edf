"""An image gets exactly the pinned Python libraries."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from redlab.stack import checkout

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = checkout.ROOT / "lab" / "images" / "common" / "libraries"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two wheels, both pinned for two processors."""
    (tmp_path / "wheels").mkdir()
    shutil.copy(FOLDER / "unpack", tmp_path)
    lines = []
    for module, package in (("some_thing", "some-thing==1.0"), ("other", "other==2.0")):
        wheel = tmp_path / "wheels" / f"{module}-{package.rpartition('=')[2]}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{module}.py", "")
        digests = ("0" * 64, hashlib.sha256(wheel.read_bytes()).hexdigest())
        lines.append(package + "".join(f" --hash=sha256:{digest}" for digest in digests))
    (tmp_path / "requirements.txt").write_text("# a comment\n" + "\n".join(lines) + "\n")
    return tmp_path


def unpack(folder: Path) -> str:
    """Return the reason of a refusal, '' if all wheels were unpacked."""
    command = [sys.executable, str(folder / "unpack"), str(folder / "wheels"), str(folder / "target")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert bool(done.returncode) == bool(done.stderr)
    assert (folder / "target").exists() != bool(done.returncode)
    return done.stderr.strip()


def test_pinned_wheels_are_unpacked(folder: Path) -> None:
    assert unpack(folder) == ""
    assert {file.name for file in (folder / "target").iterdir()} == {"some_thing.py", "other.py"}


def test_a_wheel_with_other_content_is_refused(folder: Path) -> None:
    wheel = next((folder / "wheels").glob("other*"))
    wheel.write_bytes(wheel.read_bytes() + b"0")
    assert unpack(folder) == f"{wheel.name}: requirements.txt does not pin it"


def test_a_missing_wheel_is_named(folder: Path) -> None:
    next((folder / "wheels").glob("some*")).unlink()
    assert unpack(folder) == "missing: some-thing 1.0"


def test_an_unpinned_wheel_is_refused(folder: Path) -> None:
    shutil.copy(next((folder / "wheels").glob("some*")), folder / "wheels" / "third-1.0-py3-none-any.whl")
    assert unpack(folder) == "third-1.0-py3-none-any.whl: requirements.txt does not pin it"


@pytest.mark.parametrize("requirements", sorted(checkout.ROOT.glob("lab/images/**/requirements.txt")), ids=str)
def test_each_library_is_pinned_by_version_and_hash(requirements: Path) -> None:
    lines = [line for line in requirements.read_text().splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+( --hash=sha256:[0-9a-f]{64})+", line), line


def test_the_python_libraries_of_stand_ins_come_from_nowhere_else() -> None:
    for dockerfile in checkout.ROOT.glob("lab/images/*/Dockerfile"):
        assert not re.search(r"python3-(aiohttp|psycopg)\b", dockerfile.read_text()), dockerfile
