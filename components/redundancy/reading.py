"""Reads what people and other programs have written: any bytes end in a value or in one DocumentError. Pure.

YAML is read by the core schema of YAML 1.2 (docs/adr/0013), and what its older version would read as something else
is refused: a document means the same to every program that reads it. Size, values and depth are bounded, so that no
document keeps its reader busy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

MAXIMUM_BYTES = 1 << 20
"""Of one document: a full topology has 10 kB."""
MAXIMUM_LOG_BYTES = 1 << 28
"""Of a file of documents, one a line, that grows with use."""
MAXIMUM_DEPTH = 40
MAXIMUM_FAULTS = 20
"""As many faults are told of one document; of the others how many there are."""
SHOWN_CHARACTERS = 60


class DocumentError(ValueError):
    """A document cannot be used. The message has a line for each fault, with the document's name first."""


class NoDocumentError(DocumentError):
    """There is no such file."""


def read_text(path: Path, name: str = "", maximum_bytes: int = MAXIMUM_BYTES) -> str:
    """Return the text of a file, called ``name`` in messages (by default its path). Raises DocumentError."""
    name = name or str(path)
    try:
        if path.exists() and not path.is_file():
            raise DocumentError(f"{name}: this is no file")  # a pipe or a device would be read for ever
        with path.open("rb") as file:
            content = file.read(maximum_bytes + 1)
    except FileNotFoundError:
        raise NoDocumentError(f"no such file: {name}") from None
    except (OSError, ValueError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError(f"{shortened(name)}: cannot be read: {getattr(error, 'strerror', error)}") from error
    if len(content) > maximum_bytes:
        raise DocumentError(f"{name}: found more than {maximum_bytes:,} bytes; allowed: at most {maximum_bytes:,}")
    return decoded(content, name)


def decoded(content: bytes, name: str) -> str:
    """Return UTF-8 bytes as text, without a byte order mark. Raises DocumentError with the line of a wrong byte."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        utf_16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        line = 1 if utf_16 else content[: error.start].count(b"\n") + 1
        found = "UTF-16" if utf_16 else f"the byte 0x{content[error.start]:02x}"
        raise DocumentError(
            f"{name}:{line}: document: found {found}; allowed: UTF-8; why: in any other encoding a name would be read "
            "as another one; save the file as UTF-8"
        ) from None


def parse_json(text: str, name: str) -> Any:
    """Return what a JSON text says. Raises DocumentError, also for what is no JSON but Python takes: NaN, Infinity."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"found {constant}; allowed: numbers that are finite")

    try:
        value = json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        found = error.msg if text.strip() else "nothing"
        line = f":{error.lineno}" if "\n" in text else ""
        raise DocumentError(f"{name}{line}: broken JSON: {found}") from None
    except RecursionError:
        raise DocumentError(f"{name}: broken JSON: nested too deep") from None
    except ValueError as error:  # among them integers of more than 4,300 digits, which Python refuses
        raise DocumentError(f"{name}: broken JSON: {error}") from None
    if _depth(value) > MAXIMUM_DEPTH:
        raise DocumentError(f"{name}: nested too deep; allowed: {MAXIMUM_DEPTH} levels")
    return value


def _depth(value: Any) -> int:
    """Return how deep a value is nested, by levels, so that it does not matter how deep it is."""
    level, depth = [value], 0
    while level:
        depth += 1
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
    return depth


def read_json(path: Path, maximum_bytes: int = MAXIMUM_BYTES) -> dict[str, Any]:
    """Return the JSON object in a file. Raises DocumentError, NoDocumentError."""
    return json_object(read_text(path, maximum_bytes=maximum_bytes), str(path))


def json_object(text: str, name: str) -> dict[str, Any]:
    """Return the JSON object that a text is. Raises DocumentError."""
    document = parse_json(text, name)
    if not isinstance(document, dict):
        raise DocumentError(f"{name}: document: found {shown(document)}; allowed: an object")
    return document


def shown(value: object) -> str:
    """Write a value as JSON, on one line, shortened when it is long."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return f"a number of about {value.bit_length() * 30103 // 100000:,} digits"
    try:
        return shortened(json.dumps(value, default=str))
    except (ValueError, TypeError, RecursionError):  # a value that holds itself; keys that are no text
        return shortened(f"a {type(value).__name__}")


def shortened(text: str) -> str:
    """Return a text with its end left out when it is long."""
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."


def printable(text: str) -> str:
    """Return a name or file name on one line and not too long: with quotes and escapes when it has other characters."""
    return shortened(text if text.isprintable() else json.dumps(text))


def told(faults: Iterable[str]) -> str:
    """Put faults together, a line each; each once, and only the first ones of very many."""
    lines = list(dict.fromkeys(faults))
    more = len(lines) - MAXIMUM_FAULTS
    return "\n".join([*lines[:MAXIMUM_FAULTS], *([f"and {more:,} more faults"] if more > 0 else [])])
