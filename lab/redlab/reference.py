"""The commands as a document, docs/commands.md, made of their own help."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from redlab.cli import application
from redlab.commands import GROUPS
from redlab.errors import EXIT_CODE_MEANINGS
from redlab.predict.fault_kinds import KINDS
from redlab.stack import checkout

COMMAND = "python -m redlab.reference"
"""What writes the document anew, with the environment of the checkout."""


def markdown() -> str:
    """Return the document: what the commands are for, each with its arguments and options, and the kinds of faults."""
    known = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
    lines = [
        "# Commands",
        "",
        f"`{COMMAND}` makes this page of the help of the commands; a test holds it to them.",
        "",
        "Results go to standard output, progress to standard error. A command that changes something needs its stack",
        "named; one that only looks takes the only lab that is up. A DURATION is written like `90s`, `1.5s`, `15m` or",
        "`1h30m`; a number alone is seconds, or what the option's name says.",
        "",
        "| exit code | |",
        "|---|---|",
        *(f"| {code:d} | {meaning} |" for code, meaning in EXIT_CODE_MEANINGS.items()),
    ]
    for group, modules in GROUPS.items():
        names = [name for commands in modules.values() for name in commands]
        lines += ["", f"## {group}", "", "| command | |", "|---|---|"]
        lines += [f"| [`redlab {name}`](#redlab-{name}) | {_cell(_summary(known[name]))} |" for name in names]
        for name in names:
            lines += _section(("redlab", name), known[name])
    lines += ["", "## Kinds of faults", "", "What a drill does to what it hits, by the name that its result has.", ""]
    lines += ["| fault | |", "|---|---|", *(f"| {kind.name} | {_cell(kind.summary)} |" for kind in KINDS.values())]
    return "\n".join(lines) + "\n"


def _section(words: tuple[str, ...], command: Any) -> Iterator[str]:
    called = " ".join(words)
    yield from ("", f"### {called}", "")
    if hasattr(command, "commands"):
        yield from (_text(command), *(("", command.epilog) if command.epilog else ()))
        for name, each in command.commands.items():
            yield from _section((*words, name), each)
        return
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    said = [each.metavar or each.name.upper() for each in arguments]
    shown = [word if each.required else f"[{word}]" for word, each in zip(said, arguments, strict=True)]
    yield from (f"    {' '.join([called, *shown])}", "", _text(command))
    rows = [
        *((word, each.help) for word, each in zip(said, arguments, strict=True)),
        *(
            (", ".join([*each.opts, *each.secondary_opts]), each.help)
            for each in command.params
            if each.param_type_name == "option" and each.name != "help"
        ),
    ]
    if rows:
        yield from ("", "| | |", "|---|---|")
        yield from (f"| `{_cell(word)}` | {_cell(text or '')} |" for word, text in rows)


def _text(command: Any) -> str:
    return inspect.cleandoc(str(command.help or ""))


def _summary(command: Any) -> str:
    return " ".join(_text(command).split("\n\n")[0].split())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    checkout.ROOT.joinpath("docs", "commands.md").write_text(markdown(), encoding="utf-8")
