"""Two thousand of the bad documents, and what the generator calls wrong."""

from __future__ import annotations

import pytest
from bench import bad_topologies

from redundancy.reading import DocumentError


@pytest.mark.parametrize("seed", [1, 2])
def test_each_ends_in_exactly_one_clear_outcome(seed: int) -> None:
    found = bad_topologies.run(1000, seed)
    assert not found.wrong
    assert found.outcomes.total() == 1000
    assert found.outcomes["refused"] > 500
    assert found.outcomes["accepted"] > 10


@pytest.mark.parametrize(
    "error",
    [
        KeyError("sites"),
        RecursionError(),
        DocumentError(""),
        DocumentError("something is wrong"),
        DocumentError("bad.yaml:1: a: found \x1b[31m"),
        DocumentError("bad.yaml:1: a: " + "x" * 2000),
        DocumentError("bad.yaml:1: a: found 1\nbad.yaml:1: a: found 1"),
    ],
)
def test_another_end_is_seen(error: Exception) -> None:
    def fail() -> None:
        raise error

    assert bad_topologies.outcome(fail) not in ("accepted", "refused")  # type: ignore[arg-type]


def test_a_clear_message_is_one() -> None:
    def fail() -> None:
        raise DocumentError("bad.yaml:1: a: found 1\nand 3 more faults")

    assert bad_topologies.outcome(fail) == "refused"  # type: ignore[arg-type]


def test_the_same_seed_makes_the_same_documents() -> None:
    values = repr(bad_topologies.VALUES)
    assert bad_topologies.run(300, 7) == bad_topologies.run(300, 7)
    assert repr(bad_topologies.VALUES) == values
