import pytest

from redlab.measure.primaries import LeaseTerm, measure_dual_primary
from redlab.measure.stored_event import StoredEvent
from tests.support.unit.samples import stored


def commit(at: float, dps: str, epoch: int) -> StoredEvent:
    return stored(1, at, at, dps=dps, epoch=epoch)


def test_one_after_the_other_is_well() -> None:
    found = measure_dual_primary([commit(1, "a", 1), commit(2, "a", 1), commit(3, "b", 2)])
    assert (found.seconds, found.breaches) == (0.0, ())


def test_a_lower_epoch_after_a_higher_one_is_an_overlap() -> None:
    found = measure_dual_primary([commit(1, "a", 1), commit(3, "b", 2), commit(5, "a", 1)])
    assert found.seconds == pytest.approx(2.0)
    assert len(found.breaches) == 1


def test_one_epoch_used_by_two_is_a_breach() -> None:
    apart = measure_dual_primary([commit(1, "a", 1), commit(2, "b", 1)])
    assert (apart.seconds, apart.breaches) == (0.0, ("a and b both wrote in epoch 1",))
    interleaved = measure_dual_primary([commit(1, "a", 1), commit(2, "b", 1), commit(4, "a", 1), commit(5, "b", 1)])
    assert interleaved.seconds == pytest.approx(2.0)


def test_overlaps_are_not_counted_twice() -> None:
    # a (1..10) overlaps b (from 2) and c (from 3): 8 s in all, not 8 + 7.
    found = measure_dual_primary([commit(1, "a", 1), commit(10, "a", 1), commit(2, "b", 2), commit(3, "c", 3)])
    assert found.seconds == pytest.approx(8.0)


def test_the_lease_history_must_agree() -> None:
    terms = [LeaseTerm(1, "a", "first", 0.0, 0.1)]
    found = measure_dual_primary([commit(1, "b", 1), commit(2, "c", 2)], terms)
    assert found.breaches == (
        "b wrote in epoch 1, which belonged to a",
        "c wrote in epoch 2, which is not in the lease history",
    )
