"""What commands share with their terminal: tables for people, JSON for programs, messages, interruptions."""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_UNLIMITED = 10_000
_MOST_LINES = 6
"""A cell of more lines is read more easily as a paragraph."""


class Format(StrEnum):
    """How a listing is printed."""

    TABLE = "table"
    JSON = "json"


messages = Console(stderr=True, highlight=False)
"""For people: progress, hints, errors."""


def say(text: str) -> None:
    """Print progress, a hint or a warning for people on standard error. What was asked for: :func:`answer`."""
    messages.print(text, markup=False, soft_wrap=True)


def answer(text: str) -> None:
    """Print a line of what was asked for on standard output."""
    Console(highlight=False).print(text, markup=False, soft_wrap=True)


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show that something takes its time: a spinner on a terminal, one line elsewhere."""
    if messages.is_terminal:
        with messages.status(text):
            yield
    else:
        say(f"{text} …")
        yield


def print_json(document: Any) -> None:
    """Print a JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table on standard output.

    A terminal that is too narrow for its longest words, or for cells of a few lines, gets a paragraph for each row
    instead. Where there is no terminal, each row is one line, however long: logs are searched line by line.
    """
    cells = [columns, *([str(cell) for cell in row] for row in rows)]
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _UNLIMITED
    widths = _widths(cells, console.width)
    if widths is None:
        for paragraph in (title, *(_paragraph(columns, row, console.width) for row in cells[1:])):
            console.print(paragraph, markup=False, soft_wrap=True)
        return
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, width=width)
    for row in cells[1:]:
        table.add_row(*map(Text, row))
    console.print(table)


def _widths(cells: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Share the room among columns so that no word is broken; None where there is not enough of it."""
    columns = list(zip(*cells, strict=True))
    wanted = [max(cell_len(line) for cell in column for line in cell.split("\n")) for column in columns]
    # The first column names what a row is about: the others make room for it.
    least = [max((cell_len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    widths = [wanted[0], *least[1:]]
    spare = room - sum(widths) - 3 * len(widths) - 1  # a column has a border and two spaces
    if spare < 0:
        return None
    while spare and widths != wanted:
        most = max(range(len(widths)), key=lambda index: wanted[index] - widths[index])
        widths[most] += 1
        spare -= 1
    tallest = max(_lines(cell, width) for row in cells[1:] or cells for cell, width in zip(row, widths, strict=True))
    return widths if tallest <= _MOST_LINES else None


def _lines(cell: str, width: int) -> int:
    """Return how many lines a cell takes in a column of this width."""
    return sum(max(1, len(textwrap.wrap(line, max(width, 1)))) for line in cell.split("\n"))


def _paragraph(columns: Sequence[str], row: Sequence[str], width: int) -> str:
    """Name what a row is about; then, in a line each, say what its columns hold. Long lines are wrapped."""
    first, *others = row
    said = (f"{column}: {cell}" if column else cell for column, cell in zip(columns[1:], others, strict=True))
    wrapped = textwrap.TextWrapper(
        width, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
    return "\n".join([first, *(wrapped.fill(line) for line in said)])


def heed_interruptions() -> None:
    """Raise KeyboardInterrupt when asked to end, by Ctrl-C (which a background job of a shell ignores) or SIGTERM."""
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.default_int_handler)
