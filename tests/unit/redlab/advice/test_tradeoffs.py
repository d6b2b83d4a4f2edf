"""Needs taken from what the best practices say for each pattern and against it, and the pattern that they lead to."""

from __future__ import annotations

from typing import Any

import pytest

from redlab.advice.judgement import Verdict
from redlab.advice.needs import parse
from redlab.advice.tradeoffs import TRADEOFFS
from tests.unit.redlab.advice.test_judgement import BC, COUNTED, DHA, DR, FAR, HA, NEAR, advised, chosen

STATEMENTS = {said.number: said for found in TRADEOFFS.values() for said in (*found.advantages, *found.drawbacks)}
FIBER = {**NEAR, "dedicatedFiber": True}
SCRIPTS = {"duplicateConfiguration": True, "customIntegration": True}
TWICE = ("duplicateConfiguration", "customIntegration")
"""What Business Continuity demands, and is a condition where nothing is said of it."""

# The number of a statement, needs that it decides, the pattern that is recommended then, and on which conditions.
LED: tuple[tuple[str, dict[str, Any], str | None, tuple[str, ...]], ...] = (
    ("1.A1", {"supportedOnly": True, "sites": 1}, HA, ()),
    ("1.A2", {"sites": 2, **SCRIPTS, "dedicatedFiber": True}, HA, ()),
    ("1.A3", {"rpo": 0, "sites": 2}, HA, ()),
    ("1.A4", {"rto": "1h", "supportedOnly": True, "distanceKilometers": 1500}, HA, ()),
    ("1.D1", {"rto": "10m", "sites": 1, "supportedOnly": True}, None, ()),
    ("1.D1", {"rto": "20m", "sites": 1}, HA, ("rto",)),
    ("1.D2", {"surviveSiteLoss": True, "sites": 1}, None, ()),
    ("1.D3", {**FIBER, "surviveDisaster": True, "rto": "1d", "rpo": "1d"}, DR, ()),
    ("2.A1", {**FIBER, "supportedOnly": True, "rto": "1h"}, DHA, ()),
    ("2.A2", {**FIBER, **SCRIPTS}, DHA, ()),
    ("2.A3", {**NEAR, "rto": "1h"}, DHA, ("dedicatedFiber",)),
    ("2.A3", {"surviveSiteLoss": True, "dedicatedFiber": True}, DHA, ("distanceKilometers", "latencyMilliseconds")),
    ("2.A4", {**FIBER, "rpo": "1m"}, DHA, ()),
    ("2.A5", {**FIBER, "rto": "1h", "duplicateConfiguration": False}, DHA, ()),
    ("2.D1", {**FIBER, "rto": "20m", "supportedOnly": True}, None, ()),
    ("2.D2", {**FIBER, "manualHours": 0.25, "supportedOnly": True}, None, ()),
    ("2.D2", {**FIBER, "manualHours": 0.25, **SCRIPTS}, BC, ()),
    ("2.D5", {**FIBER, "latencyMilliseconds": 6, "rto": "1d", "rpo": "1d"}, DR, ()),
    ("2.D6", {**FIBER, "distanceKilometers": 450, "rto": "1d", "rpo": "1d"}, DR, ()),
    ("2.D6", {**NEAR, "dedicatedFiber": False, "rto": "1d", "rpo": "1d"}, DR, ()),
    ("3.A1", {**FAR, **SCRIPTS, "rto": "1d", "rpo": "1d"}, DR, ()),
    ("3.A2", {"surviveSiteLoss": True, "distanceKilometers": 800}, DR, ()),
    ("3.A3", {"surviveDisaster": True, "distanceKilometers": 15_000, "latencyMilliseconds": 300}, DR, ()),
    ("3.A4", {**FAR, "rto": "4h", "rpo": "1d"}, DR, ("rto",)),
    ("3.D1", {**FIBER, "rto": "1d", "rpo": "1d"}, DHA, ()),
    ("3.D2", {**FAR, "rpo": "1h", "supportedOnly": True}, None, ()),
    ("3.D3", {**FAR, "rto": "1h", "supportedOnly": True}, None, ()),
    ("4.A1", {**FAR, **SCRIPTS, "rto": "1h"}, BC, ()),
    ("4.A2", {**FAR, **SCRIPTS, "rpo": "1m"}, BC, ()),
    ("4.A3", {**FAR, **SCRIPTS, "rto": "1m"}, BC, ()),
    ("4.D1", {**FAR, "rto": "1h", "duplicateConfiguration": False}, None, ()),
    ("4.D2", {**FAR, "rto": "1h", "customIntegration": True}, BC, ("duplicateConfiguration",)),
    ("4.D4", {**FAR, "rto": "1h", "equalMeasurements": True}, None, ()),
    ("4.D4", {**FAR, "rto": "1d", "rpo": "1d", "equalMeasurements": True}, DR, ()),
    ("4.D7", {**FAR, "rto": "1h", "customIntegration": False}, None, ()),
    ("4.D8", {**FAR, "rto": "1h"}, BC, TWICE),
    ("4.D8", {**FAR, "rto": "1d", "rpo": "1d", "customIntegration": False}, DR, ()),
    ("4.D10", {**FAR, **SCRIPTS, "rto": "1h", "supportedOnly": True}, None, ()),
)


@pytest.mark.parametrize(("number", "document", "expected", "conditions"), LED)
def test_a_statement_leads_to_a_pattern(
    number: str, document: dict[str, Any], expected: str | None, conditions: tuple[str, ...]
) -> None:
    says = STATEMENTS[number].says
    advice = advised(parse(document))
    assert chosen(advice) == expected, says
    reasons = advice.recommended.reasons if advice.recommended else ()
    found = [reason.requirement for reason in reasons if reason.verdict is Verdict.CONDITIONAL]
    assert set(found) == set(conditions), says


def test_every_pattern_has_advantages_and_drawbacks_with_their_chapter() -> None:
    assert {candidate.pattern for candidate, _ in COUNTED[False]} == TRADEOFFS.keys()
    for chapter, found in enumerate(TRADEOFFS.values(), 1):
        assert found.advantages
        assert found.drawbacks
        for said in (*found.advantages, *found.drawbacks):
            assert said.number.startswith(f"{chapter}.")
            assert said.source.startswith(f"best practices, chapter {chapter}, ")
            assert said.says.endswith(".") is False
