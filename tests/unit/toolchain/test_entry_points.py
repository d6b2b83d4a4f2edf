"""The files in the checkout's root with which users and continuous integration begin."""

import errno
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolchain import cli, setup
from toolchain.errors import SetupError
from toolchain.layout import Layout

ROOT = Layout.of_this_checkout().root


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_redlab_names_the_command_to_run_first(tmp_path: Path) -> None:
    shutil.copy(ROOT / "redlab", tmp_path)
    done = subprocess.run([tmp_path / "redlab", "inspect"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "make up" in done.stderr


def test_redlab_hands_over_its_arguments_and_exit_code(tmp_path: Path) -> None:
    shutil.copy(ROOT / "redlab", tmp_path)
    program = tmp_path / ".lab" / "venv" / "bin" / "redlab"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "%s|" "$@"\nexit 7\n')
    program.chmod(0o755)
    done = subprocess.run([tmp_path / "redlab", "a b", "c"], capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stdout) == (7, "a b|c|")


def test_files_and_messages_are_in_utf_8_in_any_locale(tmp_path: Path) -> None:
    shutil.copy(ROOT / "redlab", tmp_path)
    program = tmp_path / ".lab" / "venv" / "bin" / "redlab"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!{sys.executable}\nimport pathlib; p = pathlib.Path({str(tmp_path / 'x')!r}); "
        "p.write_text('5 × 10 → 50 …'); print(p.read_text())\n"
    )
    program.chmod(0o755)
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([tmp_path / "redlab"], capture_output=True, env=environment, check=False)
    assert (done.stdout.decode(), done.stderr) == ("5 × 10 → 50 …\n", b"")
    assert "\nexport PYTHONUTF8 := 1\n" in (ROOT / "Makefile").read_text()


def test_continuous_integration_runs_the_documented_test_command_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "exec make test"
    assert all(line.startswith(("set ", "cd ")) for line in lines[:-1])
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_make_alone_explains_every_command() -> None:
    done = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True)
    explained = set(re.findall(r"^make (\S+)", done.stdout, re.MULTILINE))
    assert explained >= {"up", "test", "check", "bench", "destroy", "setup", "engine-stop"}


def test_problems_give_exit_code_2_and_no_stack_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(Layout, "of_this_checkout", classmethod(lambda cls: cls(tmp_path)))
    problem = SetupError("No Docker engine is reachable.", "Install one.")
    monkeypatch.setattr(setup, "everything", lambda context: [("docker engine", problem)])
    assert cli.main(["setup"]) == 2
    said = capsys.readouterr().err
    assert "docker engine: No Docker engine is reachable.\n  Install one." in said
    assert "Traceback" not in said


def test_a_set_up_of_another_user_is_reported_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refused(context: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".lab" / "venv"))

    monkeypatch.setattr(Layout, "of_this_checkout", classmethod(lambda cls: cls(tmp_path)))
    monkeypatch.setattr(setup, "everything", refused)
    assert cli.main(["setup"]) == 2
    said = capsys.readouterr().err
    assert f"may not use {tmp_path}/.lab/venv (Permission denied)" in said
    assert f"{tmp_path}/.lab (or remove that folder)" in said


def test_an_interruption_gives_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupt(context: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Layout, "of_this_checkout", classmethod(lambda cls: cls(tmp_path)))
    monkeypatch.setattr(setup, "everything", interrupt)
    assert cli.main(["setup"]) == 130
    assert "run the same command again" in capsys.readouterr().err
