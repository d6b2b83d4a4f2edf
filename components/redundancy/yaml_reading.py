"""YAML texts, read strictly (docs/adr/0013): the core schema of YAML 1.2, bounded, and with the line of each value."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import yaml

from redundancy.reading import MAXIMUM_DEPTH, DocumentError, printable, shortened, shown, told

MAXIMUM_VALUES = 5_000
"""Of one document, each alias counted as what it stands for: a full topology has 300."""
MAXIMUM_DIGITS = 30

Path = tuple[str, ...]
Lines = dict[Path, int]

_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUTHS = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NUMERAL = "a number without leading zeros, '_', '0o' and '0b', or text in quotes"
_OF_YAML_1_1 = (
    (re.compile(r"y|yes|n|no|on|off", re.IGNORECASE), "true or false", "true or false, or text in quotes"),
    (re.compile(r"[-+]?0[0-9_]+"), "an octal number", _NUMERAL),
    (re.compile(r"0o[0-7]+"), "text", _NUMERAL),
    (re.compile(r"[-+]?0b[01_]+"), "a binary number", _NUMERAL),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "a number to the base 60", "text in quotes"),
    (re.compile(r"[-+]?(0x[0-9a-fA-F]*_[0-9a-fA-F_]*|[0-9]+_[0-9_]*(\.[0-9_]*)?)"), "a number", _NUMERAL),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?"), "a date", "text in quotes"),
    (re.compile(r"="), "a default value", "text in quotes"),
)
"""What plain words are to YAML 1.1, and to programs that still read by it, which YAML 1.2 reads otherwise."""


@dataclass(frozen=True)
class Parsed:
    """What a YAML text says, the line of each path in it, and the faults of single values, told, by their path."""

    value: Any
    lines: Lines
    faults: dict[Path, str]


def parse_yaml(text: str, name: str, *, strict: bool = True) -> Parsed:
    """Read a YAML text. Raises DocumentError where it cannot be read to its end.

    Without ``strict`` words that YAML 1.1 reads as something else are text, and so are numbers that are not finite:
    for files that another program writes.
    """
    reader = _Reader(name, strict=strict)
    try:
        return Parsed(reader.read(text), reader.lines, reader.faults)
    except _EndError as end:
        fault = str(end)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        there = text[mark.index :].partition("\n")[0]
        fault = f"{name}:{mark.line + 1}: broken YAML at {shown(there)}: {error.problem or error.context}"
    except yaml.reader.ReaderError as error:
        # Its position is one in the bytes.
        line = text.encode()[: max(error.position, 0)].count(b"\n") + 1
        fault = f"{name}:{line}: broken YAML: {error.reason}"
    raise DocumentError(told([*reader.faults.values(), fault]))


class _EndError(Exception):
    """The document is not read any further; the message tells why."""


@dataclass
class _Anchored:
    """What an anchor stands for, and how many values it has; None while it is read."""

    value: Any = None
    values: int | None = None


@dataclass
class _Reader:
    """One reading of one text."""

    name: str
    strict: bool
    faults: dict[Path, str] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)
    values: int = 0
    anchors: dict[str, _Anchored] = field(default_factory=dict)
    events: Iterator[Any] = field(default_factory=lambda: iter(()))

    def fault(self, line: int, path: Path, what: str) -> None:
        self.faults.setdefault(path, self._told(line, path, what))

    def _told(self, line: int, path: Path, what: str) -> str:
        where = f"{'.'.join(map(printable, path))}: " if path else ""
        return f"{self.name}:{line}: {where}{what}"

    def read(self, text: str) -> Any:
        self.events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return self._document()

    def _document(self) -> Any:
        value, begun = None, False
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if begun:
                    self._end(event, (), "found a second document; allowed: one in a file")
                begun = True
                value = self._value(next(self.events), ())
        return value

    def _end(self, event: Any, path: Path, what: str) -> None:
        raise _EndError(self._told(event.start_mark.line + 1, path, what))

    def _value(self, event: Any, path: Path) -> Any:
        self._count(event, path, 1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        self._refuse_a_tag(event, path)
        anchored = _Anchored()
        if event.anchor is not None:
            self.anchors[event.anchor] = anchored
        before = self.values - 1
        if len(path) > MAXIMUM_DEPTH:
            self._end(event, path[:3], f"nested too deep; allowed: {MAXIMUM_DEPTH} levels")
        if isinstance(event, yaml.MappingStartEvent):
            value: Any = self._mapping(path)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(path)
        else:
            value = self._scalar(event, path)
        anchored.value, anchored.values = value, self.values - before
        return value

    def _refuse_a_tag(self, event: Any, path: Path) -> None:
        if event.tag is not None:
            self.fault(
                event.start_mark.line + 1,
                path,
                f"found the tag {shortened(event.tag)}; allowed: none; why: "
                "what a value is follows from how it is written",
            )

    def _count(self, event: Any, path: Path, values: int) -> None:
        self.values += values
        if self.values > MAXIMUM_VALUES:
            self._end(
                event,
                path,
                f"found more than {MAXIMUM_VALUES:,} values; allowed: at most so many in a document, "
                "each alias counted as what it stands for",
            )

    def _alias(self, event: Any, path: Path) -> Any:
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            self._end(event, path, f"found *{shortened(event.anchor)}; allowed: an alias of an anchor before it")
        elif anchored.values is None:
            self._end(
                event,
                path,
                f"found *{shortened(event.anchor)} within what it stands for; allowed: values that "
                "do not hold themselves",
            )
        else:
            self._count(event, path, anchored.values - 1)
            return deepcopy(anchored.value)
        return None

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*path, str(len(found)))
            self.lines[here] = event.start_mark.line + 1
            found.append(self._value(event, here))
        return found

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        given: dict[str, int] = {}
        merged: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = event.start_mark.line + 1
            key = self._key(event, path)
            merge = key == "<<" and _is_plain(event)
            here = (*path, key)
            if key in given:
                self.fault(line, here, f"given twice (first in line {given[key]})")
            given[key] = line
            # A fault in a value that is given twice has the line where it stands.
            self.lines[here] = line
            value = self._value(next(self.events), here)
            if merge:
                merged = self._merged(value, line, here)
            else:
                found[key] = value
        return {**merged, **found}

    def _merged(self, value: Any, line: int, path: Path) -> dict[str, Any]:
        """Return what a merge key (``<<: *anchor``) adds; compose files have made people used to them."""
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            self.fault(line, path, f"found {shown(value)}; allowed: a mapping, or a list of mappings")
            return {}
        return {key: part[key] for part in reversed(parts) for key in part}

    def _key(self, event: Any, path: Path) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._end(event, path, "found a key that is no text; allowed: keys of text")
        key = str(event.value)
        self._refuse_a_tag(event, (*path, key))
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(key, 1)
        if _is_plain(event) and key != "<<":
            if self._ambiguous(event, (*path, key)):
                return key
            value = self._plain(event, (*path, key))
            if not isinstance(value, str):
                self.fault(
                    event.start_mark.line + 1,
                    (*path, key),
                    f"found {shown(value)} as a key; allowed: text; "
                    "why: every key is a name; put it in quotes if it is meant to be one",
                )
        return key

    def _scalar(self, event: Any, path: Path) -> Any:
        if not _is_plain(event) or self._ambiguous(event, path):
            return event.value
        return self._plain(event, path)

    def _ambiguous(self, event: Any, path: Path) -> bool:
        """Whether a plain word is something else to YAML 1.1; then it is text here, and a fault where it matters."""
        found = next((known for known in _OF_YAML_1_1 if known[0].fullmatch(event.value)), None)
        if found and self.strict:
            _, other, allowed = found
            self.fault(
                event.start_mark.line + 1,
                path,
                f"found {printable(event.value)}; allowed: {allowed}; why: to programs that read YAML 1.1 it is "
                f"{other}, to those that read YAML 1.2 it is not, so nobody can tell what was meant",
            )
        return found is not None

    def _plain(self, event: Any, path: Path) -> Any:
        """Return what a word without quotes stands for in the core schema of YAML 1.2."""
        word = event.value
        if word in _NULLS:
            return None
        if word in _TRUTHS:
            return _TRUTHS[word]
        allowed = ""
        if _WHOLE.fullmatch(word) or _OTHER_BASE.fullmatch(word):
            if len(word) <= MAXIMUM_DIGITS:
                return int(word) if _WHOLE.fullmatch(word) else int(word, 0)
            allowed = f"a number of at most {MAXIMUM_DIGITS} digits; why: nothing here is as large"
        elif _NUMBER.fullmatch(word):
            if math.isfinite(float(word)):
                return float(word)
            allowed = "a smaller number; why: nothing here is as large"
        elif _NOT_FINITE.fullmatch(word):
            allowed = "a number that is finite; why: no limit could be held against it"
        if allowed and self.strict:
            found = f"a number of {len(word):,} digits" if len(word) > MAXIMUM_DIGITS else word
            self.fault(event.start_mark.line + 1, path, f"found {found}; allowed: {allowed}")
        return word


def number(text: str) -> int | float | None:
    """Return the number that a text would be in YAML without its quotes; None when it would be none."""
    if len(text) > MAXIMUM_DIGITS or any(pattern.fullmatch(text) for pattern, _, _ in _OF_YAML_1_1):
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) and math.isfinite(float(text)) else None


def _is_plain(event: Any) -> bool:
    """Whether a scalar is written without quotes (and is no block), so that its kind follows from its letters."""
    return not event.style and event.tag is None
