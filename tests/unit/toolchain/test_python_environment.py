import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from toolchain import python_environment
from toolchain.errors import SetupError

from .workbench import Workbench

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
    return len([call for call in bench.calls if call.startswith("pip -m pip install")])


def test_it_is_made_once_and_brought_up_to_date_when_pyproject_changes(bench: Workbench) -> None:
    for _ in range(2):
        ready = python_environment.ensure(bench.context())
        assert ready.variables == {"VIRTUAL_ENV": str(bench.layout.venv)}
    assert installs(bench) == 1
    with bench.layout.pyproject.open("a") as file:
        file.write("# changed\n")
    python_environment.ensure(bench.context())
    assert installs(bench) == 2
    assert len([call for call in bench.calls if call.startswith("python3 -m venv")]) == 1


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


def test_a_file_that_all_can_read_stays_as_it_is(tmp_path: Path) -> None:
    paths = tmp_path / "checkout.pth"
    paths.write_bytes(b"/plain\n/folders")
    python_environment.spell_in_ascii(paths)
    assert paths.read_bytes() == b"/plain\n/folders"
