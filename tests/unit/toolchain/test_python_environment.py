import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.unit.workbench import Workbench
from toolchain import python_environment
from toolchain.errors import SetupError
from toolchain.layout import Layout

PYTHON = sys.executable


@pytest.fixture(autouse=True)
def fake_python(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python whose `-m venv` makes an environment of one program: a pip that logs."""
    version = "{}.{}".format(*sys.version_info[:2])
    body = f'case "$1" in -c) echo {version} ;; *) [ ! -e {bench.folder}/offline ] ;; esac'
    inner = f'#!/bin/sh\necho "pip $*" >> {bench.calls_file}\n{body}\n'
    (bench.folder / "inner").write_text(inner)
    (bench.folder / "inner").chmod(0o755)
    target = bench.layout.venv / "bin"
    python = bench.program("python3", f"mkdir -p {target} && cp {bench.folder}/inner {target}/python")
    monkeypatch.setattr(sys, "executable", str(python))


def installs(bench: Workbench) -> int:
    return len([call for call in bench.calls if "--require-hashes" in call])


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements.lock"])
def test_the_environment_is_made_once_and_updated_when_the_pins_change(bench: Workbench, changed: str) -> None:
    for _ in range(2):
        ready = python_environment.ensure(bench.context())
        assert ready.variables == {"VIRTUAL_ENV": str(bench.layout.venv)}
    assert installs(bench) == 1
    with (bench.layout.root / changed).open("a") as file:
        file.write("# changed\n")
    python_environment.ensure(bench.context())
    assert installs(bench) == 2
    assert len([call for call in bench.calls if call.startswith("python3 -m venv")]) == 1


def test_only_locked_packages_are_installed(bench: Workbench) -> None:
    python_environment.ensure(bench.context())
    locked, project = [call for call in bench.calls if call.startswith("pip -m pip install")]
    assert locked.endswith(f"--require-hashes --requirement {bench.layout.root / 'requirements.lock'}")
    assert project.endswith("--no-build-isolation --editable .")
    assert all("--no-deps" in call for call in (locked, project))


def test_the_lock_contains_the_pins_of_pyproject() -> None:
    """The command in the lock's second line creates it anew."""
    layout = Layout.of_this_checkout()
    lock = (layout.root / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock, re.MULTILINE))
    project = tomllib.loads(layout.pyproject.read_text())
    pinned = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"]]
    pinned += project["build-system"]["requires"]
    assert {name: locked.get(name) for name, _, _ in (one.partition("==") for one in pinned)} == {
        name: version for name, _, version in (one.partition("==") for one in pinned)
    }
    packages = re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in package for package in packages)


def test_an_installation_that_failed_is_not_taken_for_complete(bench: Workbench) -> None:
    offline = bench.folder / "offline"
    offline.touch()
    with pytest.raises(SetupError, match="exit code 1"):
        python_environment.ensure(bench.context())
    offline.unlink()
    python_environment.ensure(bench.context())
    assert installs(bench) == 2


def test_an_environment_that_does_not_work_is_made_anew(bench: Workbench) -> None:
    python_environment.ensure(bench.context())
    (bench.layout.venv / "bin" / "python").unlink()
    python_environment.ensure(bench.context())
    assert len([call for call in bench.calls if call.startswith("python3 -m venv --clear")]) == 2


def test_a_python_without_ensurepip_is_named(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r"ensurepip.*\n.*apt-get install python3-venv"):
        python_environment.ensure(bench.context())


def test_root_gets_ensurepip_from_debian(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    bench.program("apt-get", "")
    python_environment.ensure(bench.context(root=True))
    assert [call for call in bench.calls if call.endswith("python3-venv")]


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_a_checkout_in_any_folder_is_found_in_any_locale(tmp_path: Path, locale: str) -> None:
    folder = tmp_path / "Größe 試"
    folder.mkdir()
    (folder / "found_there.py").write_text("print('here')\n")
    paths = tmp_path / "checkout.pth"
    paths.write_text(f"{folder}\n{tmp_path}", encoding="utf-8")
    python_environment.spell_in_ascii(paths)
    assert paths.read_bytes().isascii()
    assert paths.read_text().splitlines()[1] == str(tmp_path)
    ask = f"import site; site.addsitedir({str(tmp_path)!r}); import found_there"
    said = subprocess.run([PYTHON, "-c", ask], env={"LC_ALL": locale}, capture_output=True, text=True, check=False)
    assert (said.stdout, said.stderr) == ("here\n", "")


def test_an_ascii_file_stays_unchanged(tmp_path: Path) -> None:
    paths = tmp_path / "checkout.pth"
    paths.write_bytes(b"/plain\n/folders")
    python_environment.spell_in_ascii(paths)
    assert paths.read_bytes() == b"/plain\n/folders"
