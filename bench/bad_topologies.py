"""Thousands of bad topologies: each must have exactly one clear outcome, a topology or a DocumentError.

Good documents are changed in their bytes, in their tokens and in their structure, as the seed says.
`python -m bench.bad_topologies` prints how many ended otherwise; the exit code is 1 when there is one.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from redundancy import loading, rules
from redundancy.reading import DocumentError, decoded
from redundancy.source import Source
from redundancy.yaml_reading import parse_yaml

NAME = "bad.yaml"
LONGEST_LINE = 1500
STACKS = Path(__file__).parents[1] / "stacks"
SMALL = (
    "pattern: HighAvailability\nsites:\n  dc1: {gateways: {count: 3}, database: {availability: cluster}}\n"
    "databaseCluster: {leaseSeconds: 30}\nobjectives: {rtoSeconds: 2.5, rpoEvents: 0}\n"
)
_PLACE = re.compile(rf"({NAME}(:\d+)?|config redundancy:overrides( \(over {NAME}\))?): .*\S|and [\d,]+ more faults")
TOKENS = (
    *(
        "",
        "~",
        "null",
        "true",
        "no",
        "y",
        "-1",
        "0",
        "2.0",
        "1e3",
        "1e999",
        ".nan",
        "-.inf",
        "010000",
        "0x1F",
        "0b1",
        "1_0",
    ),
    *(
        "12:30",
        "2024-13-45",
        "2024-02-30",
        "9" * 5000,
        "x" * 300,
        "*a",
        "&a",
        "*pattern",
        "!!binary x",
        "!x",
        "<<",
        "? ",
        "- ",
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        "|",
        ">",
        "%",
        "@",
        "`",
        "'",
        '"',
        ": ",
        "#",
        "---",
        "...",
        '"a\\nb"',
        '"\\0"',
        '"\\e[31m"',
        "é",
        "﻿",
        "\u2028",
    ),
    *(
        "a//b::c@@",
        "dc1",
        "dc2",
        "dc1-dc2",
        "access",
        "nearest",
        "spread",
        "10.0.0.0/8",
        "127.0.0.0/20",
        "0.0.0.0/20",
        "٣.0.0.0/20",
    ),
    *("DisasterRecovery", "BusinessContinuity", "DistributedHighAvailability", "HighAvailability", "cluster", "single"),
)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        2.0,
        0.5,
        10**400,
        math.nan,
        math.inf,
        -math.inf,
        "",
        "no",
        "dc1\n",
        "x" * 300,
        "\x00",
        "\ud800",
    ),
    *([], {}, [[]], {"a": {}}, [None] * 6000, {"": 1}, {1: 2}, {None: 3}, b"bytes", (1, 2), {1, 2}, object),
)


@dataclass
class Found:
    """The outcomes: the number of each kind, and descriptions of the first wrong ones."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def documents() -> list[str]:
    """Return the valid documents."""
    return [SMALL, *(path.read_text() for path in sorted(STACKS.glob("*.yaml")) if not path.name.startswith("Pulumi."))]


def of_bytes(good: str, chance: random.Random) -> Source:
    """Change some bytes of a document, and load it."""
    content = bytearray(good.encode())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.choice((0, 1, 1, 2, 30)))
        content[at:end] = chance.choice(
            (b"", chance.randbytes(chance.choice((1, 1, 2, 40))), bytes(content[at : at + 200]))
        )
    if chance.random() < 0.02:
        content = bytearray(content.decode(errors="replace").encode(chance.choice(("utf-16", "utf-16-le", "utf-32"))))
    return loading.parse(decoded(bytes(content), NAME), NAME)


def of_tokens(good: str, chance: random.Random) -> Source:
    """Change some words and lines of a document, and load it."""
    text = good
    for _ in range(chance.randint(1, 3)):
        words = list(re.finditer(r"[\w./'\"-]+", text)) or list(re.finditer(r"", text))
        one, other = chance.choice(words), chance.choice(words)
        token = chance.choice((*TOKENS, other[0]))
        if chance.random() < 0.2:
            lines = text.splitlines(keepends=True)
            at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
            lines.insert(to, " " * chance.choice((0, 0, 1, 2)) + lines[at])
            text = "".join(lines)
        else:
            text = text[: one.start()] + chance.choice((token, token, f"&a {token}", f"*a {token}")) + text[one.end() :]
    return loading.parse(text, NAME)


def of_structure(good: str, chance: random.Random) -> Source:
    """Change some values of a document, and load it as arguments, overrides or a file, as a program would."""
    document = parse_yaml(good, NAME).value
    for _ in range(chance.randint(1, 3)):
        holders = list(_holders(document))
        holder, other = chance.choice(holders), chance.choice(holders)
        value = deepcopy(
            chance.choice((*VALUES, other))
        )  # of its own: the next document must not have what this one got
        value = holder if chance.random() < 0.005 else value
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = chance.choice(keys) if keys else None
        if isinstance(holder, dict) and (key is None or chance.random() < 0.3):
            holder[chance.choice(("new", "dc3", "nodes", "links", "witness", "ucmdb", 7, None, "x" * 300))] = value
        elif key is not None and chance.random() < 0.2:
            del holder[key]
        elif key is not None:
            holder[key] = value
    way = chance.randrange(3)
    if way == 0:
        return Source(NAME, document, snake_case=True)
    if way == 1:
        return loading.override(loading.parse(good, NAME), document)
    try:
        text = yaml.safe_dump(document, allow_unicode=True)
    except (yaml.YAMLError, RecursionError):  # values that YAML cannot express
        return Source(NAME, document)
    return loading.parse(decoded(text.encode(errors="surrogatepass"), NAME), NAME)


def _holders(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield every mapping and list in a value."""
    if isinstance(value, (dict, list)) and depth < 8:
        yield value
        for part in value.values() if isinstance(value, dict) else value[:20]:
            yield from _holders(part, depth + 1)


MUTATIONS: tuple[Callable[[str, random.Random], Source], ...] = (of_bytes, of_tokens, of_structure)


def outcome(made: Callable[[], Source]) -> str:
    """Return a document's outcome: ``accepted``, ``refused``, or the fault of its outcome."""
    try:
        rules.accept(made(), "bad")
    except DocumentError as error:
        return _clear(str(error))
    except Exception as error:  # noqa: BLE001 the search is for any other exception
        return f"{type(error).__name__}: {error}"[:200]
    return "accepted"


def _clear(message: str) -> str:
    """Return ``refused`` for a message of readable lines that each name place and fault; else the message's fault."""
    lines = message.split("\n")
    if len(lines) != len(set(lines)):
        return f"told twice: {message[:200]!r}"
    for line in lines:
        if len(line) > LONGEST_LINE or not line.isprintable():
            return f"not readable: {line[:200]!r}"
        if not _PLACE.match(line):
            return f"no place: {line[:200]!r}"
    return "refused"


def run(count: int, seed: int) -> Found:
    """Make ``count`` documents and count their outcomes; equal seeds make equal documents."""
    found, good = Found(), documents()
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")  # noqa: S311 documents, not secrets
        mutation, text = MUTATIONS[number % len(MUTATIONS)], chance.choice(good)
        ended = outcome(lambda: mutation(text, chance))  # noqa: B023 called at once
        found.outcomes[ended if ended in ("accepted", "refused") else "wrong"] += 1
        if ended not in ("accepted", "refused") and len(found.wrong) < 20:
            found.wrong.append(f"{mutation.__name__} {seed}-{number}: {ended}")
    return found


def main() -> int:
    """Run the campaign as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="how many documents (default 100,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    given = parser.parse_args()
    begun = time.perf_counter()
    found = run(given.count, given.seed)
    taken = time.perf_counter() - begun
    wrong = found.outcomes["wrong"]
    if given.format == "json":
        said = {"count": given.count, "seed": given.seed, "seconds": round(taken, 1), **found.outcomes}
        print(json.dumps({**said, "without_one_clear_outcome": wrong, "examples": found.wrong}, indent=2))
    else:
        print(
            f"{given.count:,} documents (seed {given.seed}) in {taken:.0f} s: {found.outcomes['accepted']:,} accepted, "
            f"{found.outcomes['refused']:,} refused, {wrong:,} without exactly one clear outcome"
        )
        print("\n".join(found.wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
