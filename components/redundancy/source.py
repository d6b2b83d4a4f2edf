"""A document as its author wrote it, and how its faults are told: file, line, path, in the author's spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redundancy.model import Document, snake_case
from redundancy.reading import DocumentError, printable, read_text, shown, told
from redundancy.yaml_reading import parse_yaml

OVERRIDES = "redundancy:overrides"
"""The config value that lays single values over the document of a stack."""
SHOWN_KEYS = 10
"""As many keys of a path are shown; of a longer one its ends. No path of the schema has more than 6."""
_OF_NAMES = ("sites", "links", "nodes")
"""Parts of a document whose keys are names that its author chose."""
_CAMEL_CASE = re.compile(r"\b[a-z]+(?:[A-Z][a-z]*)+\b")


@dataclass(frozen=True)
class Source:
    """A parsed document: what it is called in messages, its content, and the line of each path in it.

    ``overrides``: what a stack's config has laid over it: it is told as such, the file says otherwise.
    ``unread``: the faults of single values, told, by their path: what the document has there means nothing.
    ``snake_case``: its author is a Python program, which spells ``queue_limit_events`` what YAML calls
    ``queueLimitEvents``.
    """

    name: str
    document: Document
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    unread: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    overrides: Document = field(default_factory=dict)
    snake_case: bool = False

    def place(self, path: Iterable[str | int]) -> str:
        """``file:line: path`` of a path in the document; the line is that of the nearest ancestor in the file."""
        keys = tuple(str(key) for key in path)
        line = next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), None)
        where = self.name if line is None else f"{self.name}:{line}"
        if self._overridden(keys):
            where = f"config {OVERRIDES} (over {self.name})"
        said = [
            printable(key if index and keys[index - 1] in _OF_NAMES else self._spelled(key))
            for index, key in enumerate(keys)
        ]
        if len(said) > SHOWN_KEYS:
            said[SHOWN_KEYS // 2 : -SHOWN_KEYS // 2] = ["..."]
        return f"{where}: {'.'.join(said) or 'document'}"

    def sound(self) -> Source:
        """Return it when every value of it was understood. Raises DocumentError with those that were not."""
        if self.unread:
            raise DocumentError(told(self.unread.values()))
        return self

    def fault(self, path: Sequence[str | int], what: str, allowed: str, why: str = "") -> str:
        """Tell a fault: its place, what is there, what is allowed, and why."""
        reason = f"; why: {self._spelled(why)}" if why else ""
        return f"{self.place(path)}: {what}; allowed: {self._spelled(allowed)}{reason}"

    def _overridden(self, keys: Sequence[str]) -> bool:
        """Whether the config has the last word at a path."""
        part: object = self.overrides
        for key in keys:
            if not isinstance(part, Mapping):
                return True
            if key not in part:
                return False
            part = part[key]
        return bool(keys) and not (isinstance(part, Mapping) and tuple(keys) in self.lines)

    def _spelled(self, text: str) -> str:
        return _CAMEL_CASE.sub(lambda word: snake_case(word[0]), text) if self.snake_case else text


def parse(text: str, name: str) -> Source:
    """Parse YAML. Raises DocumentError for broken YAML, or a document that is no mapping."""
    parsed = parse_yaml(text, name)
    if not isinstance(parsed.value, dict):
        raise DocumentError(f"{name}: document: found {shown(parsed.value)}; allowed: a mapping")
    return Source(name, parsed.value, parsed.lines, parsed.faults)


def read(path: Path, name: str = "") -> Source:
    """Read a YAML file, called ``name`` in messages (by default its path). Raises DocumentError as :func:`parse`."""
    name = name or str(path)
    return parse(read_text(path, name), name)
