"""The table of the best practices' statements names tests and commands that there are, and all that `advise` says."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from redlab.advice.tradeoffs import TRADEOFFS
from redlab.cli import application
from redlab.stack import checkout
from tests.support.drills.cover import CHOSEN
from tests.support.drills.mechanisms import STACKS, every_drill

TABLE = checkout.ROOT / "docs" / "specification.md"
ROW = re.compile(r"^\| (\d\.\w+) \| (.+?) \| (\w[\w ]*) \| (.+) \|$", re.MULTILINE)
ROWS = {number: (says, how, shown) for number, says, how, shown in ROW.findall(TABLE.read_text(encoding="utf-8"))}


def faults(shown: str) -> list[str]:
    """Return what is wrong with the tests and commands that a text names in backquotes."""
    return [f"{named}: {fault}" for named in re.findall(r"`([^`]+)`", shown) if (fault := _fault(named))]


def _fault(named: str) -> str:
    if named.startswith("tests/"):
        return _fault_of_test(named)
    if named.startswith("./redlab "):
        return _fault_of_command(shlex.split(named)[1:])
    if named.startswith("make "):
        known = re.search(rf"^{re.escape(named.split()[1])}:", (checkout.ROOT / "Makefile").read_text(), re.MULTILINE)
        return "" if known else "there is no such target"
    return ""


def _fault_of_test(named: str) -> str:
    path, _, function = named.partition("::")
    name, _, title = function.partition("[")
    file = checkout.ROOT / path
    if not file.is_file():
        return "there is no such file"
    if name not in (tests := _tests(file)):
        return "there is no such test"
    title = title.removesuffix("]")
    if not title:
        return ""
    if name == "test_message":
        return "" if file.with_name(f"{title}.yaml").is_file() else "there is no such document"
    stacks = re.findall(r"drills_of\('(.+?)'\)", " ".join(tests[name]))
    return "" if any(title in CHOSEN[stack] for stack in stacks) else "`make test` has no such drill"


@cache
def _tests(file: Path) -> dict[str, list[str]]:
    """The tests of a file with their decorators, as text."""
    found = ast.parse(file.read_text(encoding="utf-8")).body
    return {
        one.name: [ast.unparse(each) for each in one.decorator_list]
        for one in found
        if isinstance(one, ast.FunctionDef)
    }


def _fault_of_command(words: list[str]) -> str:
    command = typer.main.get_command(application())
    while isinstance(command, TyperGroup):
        name, *words = words
        if name not in command.commands:
            return f"there is no command {name}"
        command = command.commands[name]
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    unknown = [word for word in words if word.startswith("--") and word not in options]
    if unknown:
        return f"there is no option {', '.join(unknown)}"
    arguments = [each.name for each in command.params if each.param_type_name == "argument"]
    given = dict(zip(arguments, (word for word in words if not word.startswith("--")), strict=False))
    stack, scenario = given.get("stack"), given.get("scenario")
    if stack and stack not in STACKS:
        return f"there is no topology {stack}"
    if stack and scenario and scenario not in _scenarios(stack):
        return f"{stack} has no scenario {scenario}"
    return ""


@cache
def _scenarios(stack: str) -> frozenset[str]:
    return frozenset(scenario.name for drill, scenario in every_drill().items() if drill.stack == stack)


def statements() -> Iterator[tuple[str, str]]:
    for found in TRADEOFFS.values():
        yield from ((said.number, said.says) for said in (*found.advantages, *found.drawbacks))


def test_every_row_is_read() -> None:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d", line)]
    assert len(lines) == len(ROWS) >= 119
    assert {how for _, how, _ in ROWS.values()} <= {"seen", "read", "left out"}


@pytest.mark.parametrize("number", ROWS)
def test_everything_named_is_there(number: str) -> None:
    _, how, shown = ROWS[number]
    assert faults(shown) == []
    assert how != "seen" or "`" in shown or "every drill" in shown, "nothing shows it"


def test_what_speaks_for_a_pattern_and_against_it_is_said_in_the_same_words() -> None:
    assert {number: says for number, (says, *_) in ROWS.items() if number[2] in "AD"} == dict(statements())


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        ("tests/unit/test_specifications.py::test_every_row_is_read", "there is no such file"),
        ("tests/unit/test_specification.py::test_every_row_is_written", "there is no such test"),
        ("tests/errors/test_bad_topologies.py::test_message[nothing]", "there is no such document"),
        ("tests/drills/test_scenarios.py::test_drill[dps-crush]", "`make test` has no such drill"),
        ("./redlab advice", "there is no command advice"),
        ("./redlab link bench ha", "there is no command bench"),
        ("./redlab advise --rtoo 1h", "there is no option --rtoo"),
        ("./redlab inspect hay", "there is no topology hay"),
        ("./redlab drill ha dps-crush", "ha has no scenario dps-crush"),
        ("make tests", "there is no such target"),
    ],
)
def test_a_wrong_name_is_found(named: str, fault: str) -> None:
    assert faults(f"it is shown by `{named}`") == [f"{named}: {fault}"]
