from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redlab.drills.scenarios import SCENARIOS
from redlab.predict import derivations
from redlab.predict.derivations import Bound
from redlab.predict.scenario import predict
from tests.support.unit.samples import TIMERS

BOUNDS = sorted({one.bound for one in SCENARIOS if one.bound}, key=lambda bound: bound.__name__)


@pytest.mark.parametrize(
    ("bound", "collection", "user", "processing"),
    [
        # Common: next operation 0.1, held answer 2; users also 0.2 for the gateways to learn; processing 1 for a cycle.
        (derivations.gateway_lost, 2 * (0.25 + 0.25) + 2.1, 1 + 2.1, 1 + 3.1),
        (derivations.dps_lost, 2.1, 1.5 + 0.2 + 1 + 0.2 + 2.1, 2.7 + 3.1),
        (derivations.dps_switchover, 2.1, 1 + 0.5 + 0.3 + 1.2 + 0.2 + 2.1, 3 + 3.1),
        (derivations.load_balancer_lost, 1 + 4 * 0.1 + 0.2 + 0.3 + 2.1, 1.9 + 2.1 + 0.2, 1.9 + 3.1),
    ],
)
def test_bounds_worked_out_by_hand(bound: Bound, collection: float, user: float, processing: float) -> None:
    bounds = {d.service: d.seconds for d in predict("x", bound, TIMERS).derivations}
    assert bounds == pytest.approx({"collection": collection, "user": user, "processing": processing})


def test_an_only_load_balancer_must_come_back_itself() -> None:
    alone = replace(TIMERS, load_balancers=1, fault_seconds=4.0)
    collection = predict("x", derivations.load_balancer_lost, alone).derivations[0]
    assert dict(collection.terms)["fault lasts"] == 4.0


def test_users_of_a_lost_twin_wait_for_the_checks_of_the_wide_area_load_balancer() -> None:
    timers = replace(TIMERS, site_check_interval_seconds=0.25, site_check_fall=2)
    bounds = {d.service: d.seconds for d in predict("x", derivations.users_moved_automatic, timers).derivations}
    assert bounds["collection"] == pytest.approx(2.1)
    assert bounds["user"] == pytest.approx(2 * 0.5 + 0.2 + 2.1)


def test_users_wait_for_the_wide_area_load_balancer_itself_and_collectors_do_not() -> None:
    timers = replace(TIMERS, fault_seconds=2.0, node_start_seconds=5.0)
    bounds = {d.service: d.seconds for d in predict("x", derivations.users_cut_off, timers).derivations}
    assert bounds["collection"] == pytest.approx(2.1)
    assert bounds["user"] == pytest.approx(2 + 1 + 5 + 0.2 + 2.1)


@given(
    st.sampled_from(BOUNDS),
    st.floats(0, 60),
    st.floats(0, 60),
)
def test_the_terms_sum_to_the_bound_and_the_worst_service_gives_it(bound: Bound, lease: float, fault: float) -> None:
    prediction = predict("x", bound, replace(TIMERS, lease_seconds=lease, fault_seconds=fault))
    sums = [sum(seconds for _, seconds in derivation.terms) for derivation in prediction.derivations]
    assert [derivation.seconds for derivation in prediction.derivations] == sums
    assert prediction.rto_seconds == max(sums)


@given(st.sampled_from(BOUNDS), st.floats(0, 60))
def test_a_longer_lease_never_lowers_a_bound(bound: Bound, more_seconds: float) -> None:
    longer = replace(TIMERS, lease_seconds=TIMERS.lease_seconds + more_seconds)
    assert predict("x", bound, longer).rto_seconds >= predict("x", bound, TIMERS).rto_seconds
