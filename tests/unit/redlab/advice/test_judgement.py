"""The advisor against needs with answers derived by hand from the best practices; relaxing never worsens."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redlab.advice.candidates import Candidate, candidates, counted_nodes
from redlab.advice.judgement import Advice, Verdict, advise
from redlab.advice.needs import Needs, parse
from redlab.stack import checkout
from redundancy import loading, topology_file

NEAR = {"sites": 2, "distanceKilometers": 200, "latencyMilliseconds": 3, "surviveSiteLoss": True}
FAR = {"sites": 2, "distanceKilometers": 1500, "latencyMilliseconds": 20, "surviveSiteLoss": True}

HA, DHA = "High Availability", "Distributed High Availability"
DR, DR_HA, DR_UCMDB = "Disaster Recovery", "Disaster Recovery + High Availability", "Disaster Recovery with UCMDB"
BC = "Business Continuity"

ANSWERS: tuple[tuple[dict[str, Any], str | None, str], ...] = (
    ({}, HA, "the simplest, least expensive solution"),
    ({"rto": "1h", "rpo": 0, "sites": 1}, HA, "RPO zero, RTO 15 to 60 minutes, one data center"),
    ({"rto": "1h", "rpo": 0, "sites": 2}, HA, "a second data center need not be used"),
    ({"rto": "15m", "sites": 1}, HA, "the lower end of 15 to 60 minutes, depending on the environment"),
    ({"rto": "14m", "sites": 1}, None, "below 15 minutes, and one data center allows nothing else"),
    ({"rto": "14m", "sites": 2}, BC, "only Business Continuity has an RTO close to zero"),
    ({"manualHours": 0, "sites": 1}, HA, "automatic failover can be enabled"),
    ({"surviveSiteLoss": True, "sites": 1}, None, "one data center cannot survive its own loss"),
    ({"rto": "1h", "rpo": 0, **NEAR}, DHA, "two data centers near each other, 30 to 60 minutes, RPO close to zero"),
    ({"rto": "1h", **NEAR, "distanceKilometers": 399}, DHA, "within 400 km"),
    ({"rto": "1h", **NEAR, "distanceKilometers": 400}, BC, "400 km is too far for it, an hour too short for DR"),
    ({"rto": "1h", **NEAR, "latencyMilliseconds": 4.9}, DHA, "below 5 ms"),
    ({"rto": "1h", **NEAR, "latencyMilliseconds": 5}, BC, "5 ms is not below 5 ms"),
    ({"rto": "1h", **NEAR, "dedicatedFiber": False}, BC, "it needs dedicated fiber"),
    ({"rto": "1h", **NEAR, "dedicatedFiber": True}, DHA, "which it has"),
    ({"rto": "30m", **NEAR}, DHA, "the lower end of 30 to 60 minutes"),
    ({"rto": "29m", **NEAR}, BC, "below 30 minutes"),
    ({"rto": "1d", "rpo": "1h", **NEAR}, DHA, "its RPO is close to zero"),
    ({"manualHours": 1, **NEAR}, DHA, "somebody has to be there for its 30 to 60 minutes"),
    ({"manualHours": 0, **NEAR}, BC, "failover is manual in it"),
    ({"surviveSiteLoss": True, "sites": 2}, DHA, "nothing is known of the link: on that condition"),
    ({"rto": "1d", "rpo": "1d", **NEAR, "surviveDisaster": True}, DR, "near data centers are no disaster recovery"),
    ({"rto": "1h", **NEAR, "surviveDisaster": True}, BC, "the same, and DR takes 2 to 24 hours"),
    ({"rto": "1d", "rpo": "1d", **FAR}, DR, "any distance, any link; 2 to 24 hours"),
    ({"rto": "2h", "rpo": "2h", **FAR}, DR, "the lower end of 2 to 24 hours"),
    ({"rto": "1h", **FAR}, BC, "an hour is below 2 hours"),
    ({"rto": "1d", "rpo": "1h", **FAR}, BC, "so is an RPO of an hour"),
    ({"rto": "1d", "rpo": "1d", **FAR, "serverRto": "1h"}, DR_HA, "one server's failure must not be a disaster"),
    ({"manualHours": 1, **FAR}, DR, "manual steps take one to three hours"),
    ({"manualHours": 0.5, **FAR}, BC, "less than an hour is not enough for them"),
    ({"rto": "1h", **FAR, "duplicateConfiguration": False}, None, "all of it is kept twice in Business Continuity"),
    ({"rto": "1d", **FAR, "duplicateConfiguration": False}, DR, "Disaster Recovery keeps it once"),
    ({"rto": "1d", **FAR, "duplicateConfiguration": True}, DR, "DR is less expensive to maintain than BC"),
    ({"rto": "1h", **FAR, "supportedOnly": True}, None, "BC is not fully tested, documented or supported"),
    ({"rto": "1d", "rpo": "1d", **FAR, "existingUcmdb": True}, DR_UCMDB, "only three databases are replicated then"),
    ({"rto": 0, "rpo": 0, **FAR}, BC, "RPO and RTO close to zero"),
    ({"budgetNodes": 7}, HA, "two gateways, two DPS, two load balancers, a database"),
    ({"budgetNodes": 6}, None, "nothing is smaller"),
    ({"budgetNodes": 9, **FAR}, DR, "four servers in each site and the global load balancer"),
    ({"budgetNodes": 8, **FAR}, None, "one less than that"),
)

STRICT: tuple[tuple[dict[str, Any], str | None], ...] = (
    ({"rto": "1h", "rpo": 0, "sites": 1}, HA),
    ({"rto": "30m", "sites": 1}, None),
    ({"rto": "1h", "rpo": 0, **NEAR}, None),
    ({"rto": "1h", "rpo": "1m", **NEAR}, DHA),
    ({"rto": "2h", "rpo": "2h", **FAR}, BC),
    ({"rto": "1d", "rpo": "1d", **FAR}, DR),
)


def counted(existing_ucmdb: bool = False) -> list[tuple[Candidate, int]]:
    found = []
    for one in candidates(existing_ucmdb=existing_ucmdb):
        source = topology_file.read(checkout.STACKS, one.stack, one.overrides)
        found.append((one, counted_nodes(loading.load(source, one.stack))))
    return found


COUNTED = {existing: counted(existing) for existing in (False, True)}


def advised(needs: Needs, *, strict: bool = False) -> Advice:
    return advise(needs, COUNTED[needs.existing_ucmdb], strict=strict)


def chosen(advice: Advice) -> str | None:
    return advice.recommended.candidate.name if advice.recommended else None


@pytest.mark.parametrize(("document", "expected", "because"), ANSWERS)
def test_answers_derived_by_hand(document: dict[str, Any], expected: str | None, because: str) -> None:
    assert chosen(advised(parse(document))) == expected, because


@pytest.mark.parametrize(("document", "expected"), STRICT)
def test_strictly_the_worst_end_of_a_figure_counts(document: dict[str, Any], expected: str | None) -> None:
    assert chosen(advised(parse(document), strict=True)) == expected


def test_when_nothing_satisfies_it_says_what_to_relax_and_that_helps() -> None:
    needs = parse({"rto": "1h", **FAR, "duplicateConfiguration": False})
    assert advised(needs).recommended is None
    assert advised(needs).relax == (
        "High Availability would do with surviveSiteLoss false",
        "Disaster Recovery would do with rto 2h to 1d",
        "Disaster Recovery + High Availability would do with rto 2h to 1d",
        "Business Continuity would do with duplicateConfiguration true",
        "Business Continuity + High Availability would do with duplicateConfiguration true",
    )
    assert chosen(advised(replace(needs, rto_seconds=86400))) == DR
    assert chosen(advised(replace(needs, duplicate_configuration=True))) == BC


def test_every_candidate_has_a_reason_with_a_source_for_every_need() -> None:
    needs = parse({"rto": "1h", "rpo": "1h", **NEAR, "manualHours": 2, "budgetNodes": 20, "supportedOnly": True})
    for judged in advised(needs).ranked:
        named = {reason.requirement for reason in judged.reasons}
        assert {"rto", "rpo", "surviveSiteLoss", "sites", "manualHours", "budgetNodes", "supportedOnly"} <= named
        assert all(reason.why and reason.source for reason in judged.reasons)
        assert all((reason.relax_to is None) == (reason.verdict is Verdict.PASSES) for reason in judged.reasons)


_objective = st.one_of(st.none(), st.sampled_from([0.0, 60.0, 900.0, 1800.0, 3600.0, 7200.0, 86400.0]))
_truth = st.sampled_from([None, True, False])
_needs = st.builds(
    Needs,
    rto_seconds=_objective,
    server_rto_seconds=_objective,
    rpo_seconds=_objective,
    sites=st.sampled_from([None, 1, 2, 3]),
    distance_kilometers=st.sampled_from([None, 100.0, 399.0, 400.0, 2000.0]),
    latency_milliseconds=st.sampled_from([None, 1.0, 4.9, 5.0, 20.0]),
    dedicated_fiber=_truth,
    survive_site_loss=st.booleans(),
    survive_disaster=st.booleans(),
    budget_nodes=st.sampled_from([None, 6, 7, 9, 13, 15, 30]),
    manual_hours=st.sampled_from([None, 0.0, 0.25, 0.5, 1.0, 3.0]),
    duplicate_configuration=_truth,
    custom_integration=_truth,
    equal_measurements=st.booleans(),
    existing_ucmdb=st.booleans(),
    supported_only=st.booleans(),
)
_ALLOWED = ("dedicated_fiber", "duplicate_configuration", "custom_integration")
_GREATER = ("rto_seconds", "server_rto_seconds", "rpo_seconds", "sites", "budget_nodes", "manual_hours")


def relaxed(needs: Needs, field: str) -> Needs:
    """Return the needs with one of them relaxed as far as it goes."""
    if field in _GREATER:
        value = getattr(needs, field)
        return needs if value is None else replace(needs, **{field: value * 10 + 1})
    if field in {"distance_kilometers", "latency_milliseconds"}:
        value = getattr(needs, field)
        return needs if value is None else replace(needs, **{field: value / 10})
    return replace(needs, **{field: field in _ALLOWED})


@given(needs=_needs, field=st.sampled_from([name for name in asdict(Needs()) if name != "existing_ucmdb"]))
def test_relaxing_a_need_never_worsens_the_answer(needs: Needs, field: str) -> None:
    for strict in (False, True):
        before, after = advised(needs, strict=strict), advised(relaxed(needs, field), strict=strict)
        if before.recommended is not None:
            assert after.recommended is not None
            assert after.recommended.cost <= before.recommended.cost
