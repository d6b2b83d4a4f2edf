"""Generate docs/commands.md, the reference of all commands, from their help texts."""

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
"""The command that generates the document; it runs in the checkout's Python environment."""


def markdown() -> str:
    """Return the document: every command with its purpose, arguments and options, then the kinds of faults."""
    known = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
    lines = [
        "# Commands",
        "",
        f"`{COMMAND}` generates this page from the help texts of the commands; a test fails when it is out of date.",
        "",
        "Results go to standard output, progress to standard error. A command that changes something requires STACK;",
        "a read-only command uses the lab that is up, if there is only one. A DURATION is written like `90s`, `1.5s`,",
        "`15m` or `1h30m`; a number without a unit is in seconds, or in the unit that the option's name states.",
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
    lines += ["", "## Kinds of faults", "", "A drill injects one of these faults; its result states the name.", ""]
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
