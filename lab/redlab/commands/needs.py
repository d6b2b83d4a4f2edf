"""Reading the needs of `redlab advise`: from a file, options that override it, and answers at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from redlab.advice.needs import READERS, Needs, NeedsError, parse
from redlab.errors import RedlabError
from redlab.output import say
from redundancy import loading
from redundancy.reading import DocumentError, told
from redundancy.yaml_reading import parse_yaml


def read_needs(file: Path | None, given: Mapping[str, Any], *, ask: bool) -> Needs:
    """Return the needs: those of the file, overridden by the options, and if ``ask``, answers for the others.

    Raises RedlabError for invalid needs, or a file that is a topology.
    """
    document: dict[str, Any] = {}
    if file is not None:
        source = loading.read(file).sound()
        if {"pattern", "sites"} <= source.document.keys():
            raise RedlabError(
                f"{file} is a topology; advise takes a file of needs, like `rto: 1h`. "
                f"`redlab validate {file}` checks a topology"
            )
        faults = []
        for key, value in source.document.items():
            try:
                parse({key: value})
            except NeedsError as error:
                faults.append(f"{source.place([key]).rpartition(': ')[0]}: {error}")
        if faults:
            raise RedlabError(told(faults))
        document = dict(source.document)
    document |= {key: value for key, value in given.items() if value is not None}
    if ask:
        document |= _answers([key for key in READERS if key not in document])
    return _parsed(document, "needs")


def _parsed(document: Mapping[str, Any], place: str) -> Needs:
    try:
        return parse(document)
    except NeedsError as error:
        raise RedlabError(f"{place}: {error}") from None


def _answers(keys: Sequence[str]) -> dict[str, Any]:
    """Ask for needs one by one. An empty answer leaves a need open; an invalid one is asked again."""
    if not sys.stdin.isatty():
        raise RedlabError("--ask needs a terminal; give the needs as options or in a file")
    found: dict[str, Any] = {}
    for key in keys:
        while True:
            answer = typer.prompt(f"{key} (empty: no requirement)", default="", show_default=False, err=True)
            if not answer:
                break
            try:
                value = parse_yaml(answer, key, strict=False).value
                parse({key: value})
            except (NeedsError, DocumentError) as error:
                say(str(error))
                continue
            found[key] = value
            break
    return found
