"""Output of all commands: tables, JSON, messages; and the handling of Ctrl-C."""

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
"""Lines in the tallest cell of a table. With more, a paragraph for each row is easier to read."""


class Format(StrEnum):
    """The format of a printed result."""

    TABLE = "table"
    JSON = "json"


messages = Console(stderr=True, highlight=False)
"""Standard error: progress, hints and errors."""


def say(text: str) -> None:
    """Print progress, a hint or a warning on standard error. Results are printed by :func:`answer`."""
    messages.print(text, markup=False, soft_wrap=True)


def answer(text: str) -> None:
    """Print a line of a command's result on standard output."""
    Console(highlight=False).print(text, markup=False, soft_wrap=True)


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show ``text`` while the body runs: with a spinner on a terminal, as one line elsewhere."""
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

    On a terminal too narrow for the longest words, or for cells of at most six lines, each row becomes a paragraph.
    Without a terminal, each row is one line of any length: logs are searched line by line.
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
    """Distribute ``room`` characters among the columns so that no word is broken; None if there is too little room."""
    columns = list(zip(*cells, strict=True))
    wanted = [max(cell_len(line) for cell in column for line in cell.split("\n")) for column in columns]
    # The first column names the row's subject, and is never wrapped.
    least = [max((cell_len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    widths = [wanted[0], *least[1:]]
    spare = room - sum(widths) - 3 * len(widths) - 1  # each column has a border and two spaces
    if spare < 0:
        return None
    while spare and widths != wanted:
        most = max(range(len(widths)), key=lambda index: wanted[index] - widths[index])
        widths[most] += 1
        spare -= 1
    tallest = max(_lines(cell, width) for row in cells[1:] or cells for cell, width in zip(row, widths, strict=True))
    return widths if tallest <= _MOST_LINES else None


def _lines(cell: str, width: int) -> int:
    """Return the number of lines of a cell in a column of this width."""
    return sum(max(1, len(textwrap.wrap(line, max(width, 1)))) for line in cell.split("\n"))


def _paragraph(columns: Sequence[str], row: Sequence[str], width: int) -> str:
    """Return a row as a paragraph: its first cell, then a line `column: cell` for each other, wrapped to ``width``."""
    first, *others = row
    said = (f"{column}: {cell}" if column else cell for column, cell in zip(columns[1:], others, strict=True))
    wrapped = textwrap.TextWrapper(
        width, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
    return "\n".join([first, *(wrapped.fill(line) for line in said)])


def heed_interruptions() -> None:
    """Make SIGINT, which background jobs of a shell ignore by default, and SIGTERM raise KeyboardInterrupt."""
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.default_int_handler)
