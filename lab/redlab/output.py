"""What commands share with their terminal: tables for people, JSON for programs, messages, interruptions."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table


class Format(StrEnum):
    """How a listing is printed."""

    TABLE = "table"
    JSON = "json"


messages = Console(stderr=True, highlight=False)
"""For people: progress, hints, errors."""


def say(text: str) -> None:
    """Print a message for people on standard error."""
    messages.print(text, markup=False, soft_wrap=True)


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
    """Print a table on standard output."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for index, column in enumerate(columns):
        # The first column names what a row is about: the others make room for it.
        table.add_column(column, overflow="fold", no_wrap=index == 0)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(highlight=False).print(table)


def heed_interruptions() -> None:
    """Raise KeyboardInterrupt when asked to end, by Ctrl-C (which a background job of a shell ignores) or SIGTERM."""
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.default_int_handler)
