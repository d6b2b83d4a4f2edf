"""What holds for every command: which need a stack, where they answer, their groups, exit codes and documents."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from redlab import cli, reference
from redlab.commands import GROUPS, arguments, drill
from redlab.errors import EXIT_CODE_MEANINGS, ExitCode, RedlabError
from redlab.measure.verdict import EXIT_CODES
from redlab.stack import checkout, pulumi
from tests.support.command_line import every_command, looks, stack_argument

CHANGE_NOTHING = {
    ("validate",),
    ("graph",),
    ("inspect",),
    ("watch",),
    ("password",),
    ("certificate",),
    ("sbom",),
    ("readiness",),
    ("runbook",),
    ("link", "show"),
    ("topology",),
    ("drift",),  # with --apply it needs the stack named
}
"""The commands that may find out by themselves which lab is meant. A new command is none of these until it is added."""
OF_A_STACK = [pytest.param(words, command, id=" ".join(words)) for words, command in every_command()]
ANSWERS = {"answer", "print_json", "print_table", "echo", "write"}
"""What writes to standard output: of redlab.output, of Typer, of sys.stdout and sys.stdout's callers."""


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.application(), list(words))


@pytest.mark.parametrize(("words", "command"), OF_A_STACK)
def test_only_what_changes_nothing_does_without_a_stack(words: tuple[str, ...], command: Any) -> None:
    if stack_argument(command) is None or words in {("drill",), *CHANGE_NOTHING}:
        return
    assert not looks(command)
    done = run(*words)
    assert done.exit_code == ExitCode.BAD_USAGE
    assert "Missing argument" in done.output
    assert "STACK" in done.output


@pytest.mark.parametrize("words", sorted(CHANGE_NOTHING), ids=" ".join)
def test_what_looks_names_the_labs_that_are_up(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "stacks_up", lambda: ["dr", "ha"])
    done = run(*words)
    assert isinstance(done.exception, RedlabError), done.output
    assert "these labs are up: dr, ha" in str(done.exception)
    assert done.exception.exit_code == ExitCode.BAD_USAGE
    monkeypatch.setattr(pulumi, "stacks_up", list)
    assert "no lab is up" in str(run(*words).exception)


def test_the_only_lab_that_is_up_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "stacks_up", lambda: ["ha"])
    done = run("validate")
    assert done.stdout == "ha: HighAvailability, 1 site(s), 8 nodes: valid\n"
    assert done.stderr == "stack ha: it is the only lab that is up\n"


def test_twins_are_made_alike_only_where_the_stack_is_named() -> None:
    said = str(run("drift", "--apply", "dc1:dc2").exception)
    assert "which stack?" in said
    assert "`redlab drift STACK --apply dc1:dc2`" in said


def test_stacks_without_resources_are_not_up(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = '[{"name": "organization/x/ha", "resourceCount": 9}, {"name": "new", "resourceCount": 0}, {"name": "old"}]'
    monkeypatch.setattr(pulumi, "_run", lambda *_: listed)
    assert pulumi.stacks_up() == ["ha"]
    assert [pulumi.Stack(name).exists() for name in ("ha", "new", "other")] == [True, True, False]


@pytest.mark.parametrize("what", ["up", "destroy"])
def test_what_pulumi_says_is_no_result(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A stack is forgotten by the command that destroys it: else that ends with how to remove the stack."""
    program = tmp_path / "pulumi"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(pulumi, "_executable", lambda: str(program))
    monkeypatch.setattr(pulumi.Stack, "release_stale_lock", lambda _: None)
    getattr(pulumi.Stack("ha"), what)()
    out, err = capfd.readouterr()
    assert out == ""
    assert f"{what} --yes" in err
    assert ("--remove" in err) == (what == "destroy")


@pytest.mark.parametrize(
    ("words", "up", "said"),
    [
        (["dps-crash"], [], "drill dps-crash: the stack is missing: `redlab drill ha dps-crash`"),
        (["dps-crash"], ["mine"], "drill dps-crash: the stack is missing: `redlab drill mine dps-crash`"),
        (["production-loss"], [], "`redlab drill dr production-loss`"),
        (["dps-crash"], ["dr", "ha"], "`redlab drill ha dps-crash`; these labs are up: dr, ha"),
        (["ha"], [], "drill ha: which scenario? `redlab drill ha SCENARIO`; there are: gateway-crash, "),
        ([], [], "`redlab drill STACK SCENARIO`, for example `redlab drill ha dps-crash`"),
    ],
)
def test_a_drill_without_its_words_says_the_right_command(
    words: list[str], up: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drill, "stacks_up", lambda: up)
    done = run("drill", *words)
    assert isinstance(done.exception, RedlabError)
    assert said in str(done.exception)
    assert done.exception.exit_code == ExitCode.BAD_USAGE


def test_the_list_of_a_stack_has_what_it_can_run() -> None:
    ha, dr, every = (run("drill", *words, "--list").stdout for words in (["ha"], ["dr"], []))
    assert [name in ha for name in ("dps-crash", "node-cut", "production-loss", "link-cut")] == [
        True,
        True,
        False,
        False,
    ]
    assert [name in dr for name in ("production-loss", "link-cut", "load-balancer-crash")] == [True, True, False]
    assert all(name in every for name in ("dps-crash", "production-loss", "wan-cut", "link-cut"))


def test_the_list_of_scenarios_is_readable_on_a_narrow_terminal() -> None:
    environment = os.environ | {"COLUMNS": "80"}
    lines = CliRunner().invoke(cli.application(), ["drill", "--list"], env=environment).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("The active DPS is killed; the High Availability" in line for line in lines)


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    return {name: each for name, each in vars(module).items() if isinstance(each, FunctionType)}


def names_called(function: FunctionType, seen: set[FunctionType]) -> Iterator[str]:
    """Every name that a function calls, and those that the functions of the commands call that it calls."""
    if function in seen:
        return
    seen.add(function)
    module = sys.modules[function.__module__]
    for node in ast.walk(ast.parse(inspect.getsource(function).lstrip())):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute):
            yield called.attr
            owner = getattr(module, called.value.id, None) if isinstance(called.value, ast.Name) else None
            found = getattr(owner, called.attr, None)
        elif isinstance(called, ast.Name):
            yield called.id
            found = getattr(module, called.id, None)
        else:
            continue
        if isinstance(found, FunctionType) and found.__module__.startswith(("redlab.commands", "redlab.report")):
            yield from names_called(found, seen)


@pytest.mark.parametrize(("words", "command"), OF_A_STACK)
def test_every_command_answers_on_standard_output(words: tuple[str, ...], command: Any) -> None:
    """`redlab exec` leaves standard output to the program that it runs; `tests/stacks` looks at what is printed."""
    called = set(names_called(inspect.unwrap(command.callback), set()))
    assert called & (ANSWERS | ({"run"} if words == ("exec",) else set()))


def test_the_help_lists_commands_in_named_groups() -> None:
    said = run("--help").stdout
    titles = [line.strip("╭─╮ ") for line in said.splitlines() if line.startswith("╭")]
    assert titles == ["Options", *GROUPS]
    for code, meaning in EXIT_CODE_MEANINGS.items():
        assert f"{code:d}: {meaning}" in " ".join(said.split())


def test_the_version_is_printed() -> None:
    version = run("--version")
    assert (version.exit_code, version.stdout) == (0, "redlab 0.1.0\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str) -> None:
    assert "_REDLAB_COMPLETE=complete_" in run("completion", shell).stdout


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("redlab rea", "readiness"),
        ("redlab inspect distr", "distributed-ha"),
        ("redlab drill dr production-l", "production-loss"),
        ("redlab link sh", "show"),
        ("redlab drill ha --operator-d", "--operator-delay"),
    ],
)
def test_words_are_completed(line: str, completed: str) -> None:
    asked = {"_REDLAB_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    redlab = Path(sys.executable).with_name("redlab")
    done = subprocess.run([redlab], env=os.environ | asked, capture_output=True, text=True, check=False)
    found = done.stdout.split()
    assert completed in found, done.stderr
    assert [word for word in found if not word.startswith(line.split()[-1])] == []


def test_what_proves_nothing_has_a_code_of_its_own() -> None:
    assert EXIT_CODES == {"passed": 0, "failed": 1, "aborted": 3}


@pytest.mark.parametrize(
    ("written", "unit", "read"),
    [
        ("90", "s", 90),
        ("1.5s", "s", 1.5),
        ("1h30m", "s", 5400),
        ("90", "m", 90),
        ("1h30m", "m", 90),
        ("2s", "ms", 2000),
    ],
)
def test_a_duration_is_read_in_the_unit_of_its_option(written: str, unit: str, read: float) -> None:
    assert arguments.duration_in(unit)(written) == pytest.approx(read)


@pytest.mark.parametrize("written", ["9", "10m1s"])
def test_a_duration_beyond_its_limits_is_refused(written: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"found {written}; allowed: at least 10s and at most 10m"):
        arguments.duration_in(least=10, greatest=600)(written)


def test_a_topology_file_may_stand_for_a_stack(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("pattern: HighAvailability\nsites: {dc1: {}}\n")
    assert run("validate", str(file)).stdout == f"{file}: HighAvailability, 1 site(s), 8 nodes: valid\n"
    assert run("graph", str(file)).stdout.startswith("flowchart")
    assert "dps-crash" in run("drill", str(file), "--list").stdout


def test_the_commands_are_documented_as_they_are() -> None:
    document = checkout.ROOT / "docs" / "commands.md"
    assert document.read_text(encoding="utf-8") == reference.markdown(), f"`{reference.COMMAND}` writes it anew"


def test_each_module_is_named_by_a_command_of_it_or_by_what_they_share() -> None:
    for group in GROUPS.values():
        for module, commands in group.items():
            importlib.import_module(f"redlab.commands.{module}")
            assert module in {*commands, "lifecycle", "bill_of_materials"}
