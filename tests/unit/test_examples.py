"""The commands in the documents work: each is parsed by the command line itself; those that need no lab are run."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from redlab import cli
from redlab.drills.element_scenarios import ELEMENT_SCENARIOS
from redlab.drills.matrix import runnable
from redlab.stack import checkout
from tests.support.command_line import every_command
from tests.support.unit.inventories import inventory_of

DOCUMENTS = [
    *(checkout.ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(
        page
        for page in sorted((checkout.ROOT / "docs").rglob("*.md"))
        # One is made of the commands; the other keeps the names that commands had on their day.
        if page.name not in {"commands.md", "measurements-log.md"}
    ),
]
NAMED = re.compile(r"(?:`|^ {0,4})(?:\./)?redlab ([a-z][^`\n]*)", re.MULTILINE)
STANDS_FOR = {
    "STACK": "ha",
    "LAB": "ha",
    "SCENARIO": "dps-crash",
    "FILE": str(checkout.STACKS / "ha.yaml"),
    "…": "business-continuity",
}
"""What a reader puts in the place of a word."""
NEEDS_NO_LAB = {"advise", "validate", "graph"}


@dataclass(frozen=True)
class Example:
    """A command as a document says it."""

    document: Path
    line: str

    def __str__(self) -> str:
        return f"{self.document.name}: {self.line}"

    @property
    def words(self) -> list[str]:
        said = self.line.partition("  #")[0].replace("'s ", " ")
        return [STANDS_FOR.get(word, word) for word in shlex.split(said)]


@cache
def known() -> dict[tuple[str, ...], Any]:
    return dict(every_command())


def examples() -> list[Example]:
    return [
        Example(document, found.strip())
        for document in DOCUMENTS
        for found in dict.fromkeys(NAMED.findall(document.read_text(encoding="utf-8")))
    ]


def named_by(words: list[str]) -> tuple[str, ...]:
    """Return the words that name the command; none if there is no such command."""
    return next((name for name in (tuple(words[:2]), tuple(words[:1])) if name in known()), ())


def wrong_with(example: Example) -> str:
    """Say what keeps an example from being a command; '' for one that is right.

    The name of a command, or of a group of commands, stands for the command as well.
    """
    words, name = example.words, named_by(example.words)
    if not name:
        return "" if len(words) == 1 and words[0] in {names[0] for names in known()} else "no such command"
    if len(words) == len(name):
        return ""
    try:
        said = known()[name].make_context(" ".join(name), words[len(name) :]).params
    except Exception as error:  # noqa: BLE001 (the parser's own, of no public class)
        return str(getattr(error, "message", error)) or type(error).__name__
    return wrong_scenario(example, str(said["stack"]), said["scenario"]) if name == ("drill",) else ""


def wrong_scenario(example: Example, stack: str, scenario: str | None) -> str:
    """Say that a stack has no such scenario, unless the document itself adds it."""
    names = {one.name for one in (*runnable(inventory_of(stack)), *ELEMENT_SCENARIOS)}
    added = f'"{scenario}",' in example.document.read_text(encoding="utf-8")
    return "" if scenario is None or scenario in names or added else f"{stack} has no scenario {scenario}"


def test_every_command_that_the_documents_name_is_one() -> None:
    found = examples()
    assert len(found) > len(known())
    assert [(str(one), fault) for one in found if (fault := wrong_with(one))] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("inspct ha", "no such command"),
        ("link mend dr", "no such command"),
        ("drill ha dps-crash --delay 3s", "No such option: --delay"),
        ("drill ha dps-crash --runs thrice", "valid integer"),
        ("drill dr load-balancer-crash", "dr has no scenario load-balancer-crash"),
        ("graph ha --format gif", "gif"),
        ("drill ha dps-crash --runs 3  # thrice", ""),
        ("exec STACK gw1 -- ls --no-such-option", ""),
    ],
)
def test_a_wrong_command_is_seen(line: str, fault: str) -> None:
    found = wrong_with(Example(checkout.ROOT / "README.md", line))
    assert fault in found
    assert bool(fault) == bool(found)


RUN = [one for one in examples() if len(one.words) > 1 and ({one.words[0]} & NEEDS_NO_LAB or "--list" in one.words)]


@pytest.mark.parametrize("example", RUN, ids=str)
def test_an_example_that_needs_no_lab_runs(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (checkout.ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    said = re.findall(r"`([a-zA-Z]+: \w+)`", guide.partition("A file has them")[2].partition("\n\n")[0])
    assert said
    (tmp_path / "needs.yaml").write_text("\n".join(said) + "\n", encoding="utf-8")
    (tmp_path / "stacks").mkdir()
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.application(), example.words)
    assert done.exit_code == 0, done.output
    assert done.stdout
