"""Two thousand bad documents, and the generator's own detection of wrong outcomes."""

from __future__ import annotations

import pytest
from bench import bad_topologies

from redundancy.reading import DocumentError


@pytest.mark.parametrize("seed", [1, 2])
def test_each_document_has_exactly_one_clear_outcome(seed: int) -> None:
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
def test_another_outcome_is_detected(error: Exception) -> None:
    def fail() -> None:
        raise error

    assert bad_topologies.outcome(fail) not in ("accepted", "refused")  # type: ignore[arg-type]


def test_a_clear_message_counts_as_refused() -> None:
    def fail() -> None:
        raise DocumentError("bad.yaml:1: a: found 1\nand 3 more faults")

    assert bad_topologies.outcome(fail) == "refused"  # type: ignore[arg-type]


def test_equal_seeds_make_equal_documents() -> None:
    values = repr(bad_topologies.VALUES)
    assert bad_topologies.run(300, 7) == bad_topologies.run(300, 7)
    assert repr(bad_topologies.VALUES) == values
