"""What ends a command is said in one line, with its exit code; a fault of the program itself keeps its stack trace."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from redlab import cli
from redlab.commands import modules
from redlab.engine import EngineError, MissingError
from redlab.errors import DrillInterruptedError, ExitCode, RedlabError
from redlab.stack import checkout
from redundancy.reading import DocumentError, read_text
from tests.support.command_line import every_command


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        (RedlabError("no lab of that name"), "redlab: no lab of that name\n", ExitCode.BAD_USAGE),
        (EngineError("no space left"), "redlab: the Docker engine: no space left\n", ExitCode.BAD_USAGE),
        (MissingError("No such x", "gw1 is gone"), "redlab: gw1 is gone\n", ExitCode.BAD_USAGE),
        (
            DocumentError("ha.yaml:1: document: found null"),
            "redlab: ha.yaml:1: document: found null\n",
            ExitCode.BAD_USAGE,
        ),
        (
            FileNotFoundError(errno.ENOENT, "No such file", "/a/report.html"),
            "redlab: /a/report.html: No such file\n",
            ExitCode.BAD_USAGE,
        ),
        (DrillInterruptedError("ended"), "redlab: ended\n", ExitCode.ABORTED),
    ],
)
def test_an_error_ends_a_command_with_one_line_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, said: str, code: ExitCode
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "application", lambda _: fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert capsys.readouterr().err == said


def test_a_fault_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "application", lambda _: {}["wrong"])
    with pytest.raises(KeyError):
        cli.main()


@pytest.mark.parametrize("reading", [True, False])
def test_what_root_made_and_a_user_may_not_use_is_said_with_the_way_out(
    reading: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkout, "LAB", tmp_path / ".lab")
    file, owner = tmp_path / ".lab" / "run" / "ha" / "drill.lock", tmp_path.owner()

    def refused() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    def refused_while_reading() -> None:
        with monkeypatch.context() as patched:
            patched.setattr(Path, "open", lambda *_: refused())
            read_text(file)

    monkeypatch.setattr(cli, "application", lambda _: refused_while_reading if reading else refused)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines() == [
        f"redlab: {file}: Permission denied. {tmp_path} belongs to {owner}, but {owner} runs this command: run it as "
        f"{owner}, or change the owner with `sudo chown -R {owner} {tmp_path}/.lab`"
    ]


def test_a_file_elsewhere_that_may_not_be_written_is_just_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/report.html")

    monkeypatch.setattr(cli, "application", lambda _: refused)
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err == "redlab: /report.html: Permission denied\n"


def is_number(parameter: Any) -> bool:
    return bool(parameter.type_descriptor.annotation is float)


def numbers() -> Iterator[Any]:
    """Arguments that give one option of a command a value that is not finite, and the others what they need."""
    for names, command in every_command():
        for option in command.params:
            if is_number(option):
                needed = [each for each in command.params if each.required and each is not option]
                given = [["5" if is_number(each) else "ha"] for each in needed]
                words = [
                    word
                    for each, value in zip(needed, given, strict=True)
                    for word in ([each.opts[0], *value] if each.opts[0].startswith("-") else value)
                ]
                yield pytest.param([*names, *words, option.opts[0]], id=f"{names[-1]}{option.opts[0]}")


@pytest.mark.parametrize("arguments", list(numbers()))
@pytest.mark.parametrize("number", ["nan", "inf"])
def test_a_number_that_is_not_finite_is_refused(arguments: list[str], number: str) -> None:
    """An option with limits refuses it by them."""
    done = CliRunner().invoke(cli.application(), [*arguments, number])
    assert done.exit_code == 2
    said = " ".join(done.output.replace("│", " ").split())
    allowed = (f"found {number}; allowed: a finite number", f'found "{number}"; allowed: a duration', "Input should be")
    assert any(each in said for each in allowed), said


def test_a_command_gets_its_own_module_alone_and_each_module_has_the_commands_that_are_said() -> None:
    for module, names in modules().items():
        for name in names:
            found = typer.main.get_command(cli.application([name, "--help"]))
            assert tuple(found.commands) == names, module  # type: ignore[attr-defined]
    every = tuple(name for names in modules().values() for name in names)
    for arguments in ([], ["--help"], ["nonsense", "drill"]):
        found = typer.main.get_command(cli.application(arguments))
        assert sorted(found.commands) == sorted(every)  # type: ignore[attr-defined]


def test_what_takes_long_to_import_is_left_out_where_it_is_not_needed() -> None:
    program = "import sys; from redlab.cli import application; application(['inspect']); print(*sys.modules)"
    imported = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "redlab.commands.inspect" in imported
    assert {"numpy", "jinja2", "docker", "matplotlib", "redlab.commands.drill"} & {*imported} == set()
