"""Packages for images are downloaded once and completely, and again when the pins change."""

from pathlib import Path

import pytest

from tests.support.unit.workbench import Workbench
from toolchain import image_wheels
from toolchain.errors import SetupError


@pytest.fixture
def folder(bench: Workbench) -> Path:
    """An image's folder, and a Python whose `pip download` leaves a wheel, unless the machine is offline."""
    images = bench.layout.root / "lab" / "images"
    for name in ("database_cluster", "common/libraries"):
        (images / name).mkdir(parents=True)
        (images / name / "requirements.txt").write_text("patroni==4.1.5 --hash=sha256:00\n")
    image = images / "database_cluster"
    fetched = 'while [ "$1" != --dest ]; do shift; done; echo wheel > "$2/patroni-4.1.5-py3-none-any.whl"'
    bench.program("python", f"{fetched}; [ ! -e {bench.folder}/offline ]")
    (bench.layout.venv / "bin").mkdir(parents=True)
    (bench.layout.venv / "bin" / "python").symlink_to(bench.bin / "python")
    return image


def test_packages_are_downloaded_once_and_again_when_the_pins_change(bench: Workbench, folder: Path) -> None:
    for _ in range(2):
        assert image_wheels.ensure(bench.context()).detail == "patroni-4.1.5, patroni-4.1.5"
    assert len(bench.calls) == 2
    (folder / "wheels" / "patroni-4.0.0.whl").touch()
    (folder / "requirements.txt").write_text("patroni==4.1.5 --hash=sha256:11\n")
    image_wheels.ensure(bench.context())
    assert len(bench.calls) == 3  # of the one folder alone
    assert [wheel.name for wheel in (folder / "wheels").glob("*.whl")] == ["patroni-4.1.5-py3-none-any.whl"]


def test_packages_fit_the_images_python_on_this_processor(
    bench: Workbench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    image_wheels.ensure(bench.context())
    assert all("--implementation cp --python-version 3.11" in call for call in bench.calls)
    assert all("--platform manylinux_2_28_aarch64" in call for call in bench.calls)


def test_an_incomplete_download_is_not_trusted(bench: Workbench, folder: Path) -> None:
    (bench.folder / "offline").touch()
    with pytest.raises(SetupError, match="fetching the packages of database_cluster in the images"):
        image_wheels.ensure(bench.context())
    assert not (folder / "wheels").exists()
    (bench.folder / "offline").unlink()
    image_wheels.ensure(bench.context())
    assert (folder / "wheels" / "patroni-4.1.5-py3-none-any.whl").read_text() == "wheel\n"
