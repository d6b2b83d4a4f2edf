"""Packages for images are fetched once, whole or not at all, and again when what is pinned changes."""

from pathlib import Path

import pytest

from toolchain import image_wheels
from toolchain.errors import SetupError

from .workbench import Workbench


@pytest.fixture
def folder(bench: Workbench) -> Path:
    """The image's folder, and a Python whose `pip download` leaves a wheel, unless the machine is offline."""
    image = bench.layout.root / "lab" / "images" / "database_cluster"
    image.mkdir(parents=True)
    (image / "requirements.txt").write_text("patroni==4.1.5 --hash=sha256:00\n")
    fetched = 'while [ "$1" != --dest ]; do shift; done; echo wheel > "$2/patroni-4.1.5.whl"'
    bench.program("python", f"{fetched}; [ ! -e {bench.folder}/offline ]")
    (bench.layout.venv / "bin").mkdir(parents=True)
    (bench.layout.venv / "bin" / "python").symlink_to(bench.bin / "python")
    return image


def test_they_are_fetched_once_and_again_when_the_pins_change(bench: Workbench, folder: Path) -> None:
    for _ in range(2):
        assert image_wheels.ensure(bench.context()).detail == "patroni-4.1.5.whl"
    assert len(bench.calls) == 1
    (folder / "wheels" / "patroni-4.0.0.whl").touch()
    (folder / "requirements.txt").write_text("patroni==4.1.5 --hash=sha256:11\n")
    image_wheels.ensure(bench.context())
    assert len(bench.calls) == 2
    assert [wheel.name for wheel in (folder / "wheels").glob("*.whl")] == ["patroni-4.1.5.whl"]


def test_what_was_not_completed_is_not_trusted(bench: Workbench, folder: Path) -> None:
    (bench.folder / "offline").touch()
    with pytest.raises(SetupError, match="fetching what the database cluster's image needs"):
        image_wheels.ensure(bench.context())
    assert not (folder / "wheels").exists()
    (bench.folder / "offline").unlink()
    image_wheels.ensure(bench.context())
    assert (folder / "wheels" / "patroni-4.1.5.whl").read_text() == "wheel\n"
