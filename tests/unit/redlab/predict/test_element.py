from dataclasses import replace

import pytest

from redlab.predict import derivations
from redlab.predict.derivations import Bound
from redlab.predict.element import predict_part
from redlab.predict.fault_kinds import CRASH, CUT, HANG, FaultKind
from redlab.predict.part import Part
from redlab.predict.scenario import predict
from tests.support.unit.samples import TIMERS

LASTING = replace(TIMERS, fault_seconds=4.0)
FAULTS = (CRASH, HANG, CUT)


def bounds(part: Part, fault: FaultKind, *, twins: bool = False) -> dict[str, float]:
    found = predict_part("node-crash gw1", part, fault, LASTING, active_active=twins).derivations
    return {derivation.service: derivation.seconds for derivation in found}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("part", list(Part))
def test_every_part_has_a_bound_whose_terms_sum_to_it(part: Part, fault: FaultKind) -> None:
    prediction = predict_part("any", part, fault, LASTING)
    assert prediction.scenario == "any"
    for derivation in prediction.derivations:
        assert derivation.seconds == pytest.approx(sum(seconds for _, seconds in derivation.terms))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("part", list(Part))
def test_the_fault_lasts_in_the_bound_only_where_nothing_takes_over(part: Part, fault: FaultKind) -> None:
    terms = [name for name, _ in predict_part("any", part, fault, LASTING).worst.terms]
    assert ("fault lasts" in terms) is part.alone


@pytest.mark.parametrize(
    ("part", "bound"),
    [
        (Part.GATEWAY, derivations.gateway_lost),
        (Part.ACTIVE_SERVER, derivations.dps_lost),
        (Part.LOAD_BALANCER, derivations.load_balancer_lost),
    ],
)
def test_what_is_taken_over_takes_as_long_as_in_the_scenario_of_a_name(part: Part, bound: Bound) -> None:
    assert predict_part("x", part, CRASH, LASTING).rto_seconds == predict("x", bound, TIMERS).rto_seconds


def test_a_spare_one_is_not_missed() -> None:
    assert bounds(Part.SPARE, CUT) == pytest.approx({"collection": 2.1, "user": 2.1, "processing": 3.1})


def test_collection_goes_on_without_the_only_database() -> None:
    # Fault 4, healing 1, start 5, recovery 10; connection 2, lease 1.5, takeover 1.2; users also 0.2; the load's 2.1.
    found = bounds(Part.ONLY_DATABASE, CRASH)
    assert found["collection"] == pytest.approx(2.1)
    assert found["user"] == pytest.approx(4 + 1 + 5 + 10 + 2 + 1.5 + 1.2 + 0.2 + 2.1)


def test_what_only_hung_needs_no_start() -> None:
    assert bounds(Part.ONLY_SERVER, CRASH)["user"] - bounds(Part.ONLY_SERVER, HANG)["user"] == pytest.approx(5)


def test_a_dead_primary_is_fenced_and_one_that_hangs_is_waited_for() -> None:
    timers = replace(LASTING, database_lease_seconds=20.0)
    crash, hang = (predict_part("x", Part.DATABASE_PRIMARY, fault, timers).rto_seconds for fault in (CRASH, HANG))
    assert (crash < 20, hang > 20) == (True, True)


def test_of_twins_the_other_collects() -> None:
    timers = replace(LASTING, site_check_interval_seconds=0.5, site_check_fall=2)
    alone, twin = (predict_part("x", Part.ENTRANCE, CUT, timers, active_active=twins) for twins in (False, True))
    assert [derivation.seconds for derivation in alone.derivations] == pytest.approx([3.6, 3.8, 4.6])
    assert [derivation.seconds for derivation in twin.derivations] == pytest.approx([2.1, 3.8, 4.6])
