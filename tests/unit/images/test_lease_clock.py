"""The lease on the services while the database's clock is set: no needless takeover, and none is missed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from redlab_dps.decision import Action, Decision, Reason, Situation, decide
from redlab_node.lease import Lease

LEASE_SECONDS, RENEW_SECONDS, CHECK_SECONDS = 1.5, 0.4, 0.2
STEP_AT, DIES_AT = 5.0, 8.0


@dataclass
class World:
    """A holder that renews until it dies, a standby that looks, a database whose clock jumps by ``step`` at STEP_AT."""

    step_seconds: float
    dies_at: float | None = None
    expires: float = 0.0
    renewed: float = 0.0
    unchanged_since: float = 0.0
    seen: float = field(default=-1.0)

    def clock(self, now: float) -> float:
        return 1_000_000 + now + (self.step_seconds if now >= STEP_AT else 0)

    def taken_over_at(self, until_seconds: float) -> float | None:
        """When the standby decides to take over; times are in steps of 10 ms of a clock that nobody sets."""
        for tick in range(round(until_seconds * 100)):
            now = tick / 100
            alive = self.dies_at is None or now < self.dies_at
            if alive and tick % round(RENEW_SECONDS * 100) == 0:
                self.renewed, self.expires = self.clock(now), self.clock(now) + LEASE_SECONDS
            if tick % round(CHECK_SECONDS * 100) == 7 and self._decides(now) == Action.ACQUIRE:
                return now
        return None

    def _decides(self, now: float) -> Action:
        if self.renewed != self.seen:
            self.seen, self.unchanged_since = self.renewed, now
        lease = Lease("dps1", "dps1", 3, "active", self.expires - self.clock(now), "dps1", self.renewed)
        situation = Situation("dps2", None, True, now, now - self.unchanged_since, 0.0, LEASE_SECONDS, 0.3)
        found = decide(lease, situation)
        assert found in (Decision(Action.WAIT), Decision(Action.ACQUIRE, Reason.AUTOMATIC_FAILOVER))
        return found.action


@pytest.mark.parametrize("step_seconds", [-86400, -10, -1.6, -1, 0, 1, 1.6, 10, 86400])
def test_no_standby_takes_over_from_a_holder_that_renews(step_seconds: float) -> None:
    assert World(step_seconds).taken_over_at(20) is None


@pytest.mark.parametrize("step_seconds", [-86400, -10, -1.6, -1, 0, 1, 1.6, 10, 86400])
@pytest.mark.parametrize("dies_at", [STEP_AT - 0.3, STEP_AT, STEP_AT + 0.1, DIES_AT])
def test_a_dead_holder_has_a_successor_within_two_leases(step_seconds: float, dies_at: float) -> None:
    taken_at = World(step_seconds, dies_at).taken_over_at(30)
    assert taken_at is not None
    last_renewal = dies_at - RENEW_SECONDS
    assert last_renewal + LEASE_SECONDS * 2 / 3 <= taken_at <= dies_at + 2 * LEASE_SECONDS + CHECK_SECONDS


def test_an_untouched_clock_delays_no_takeover() -> None:
    """It is decided at the first look after the lease has expired, as before."""
    taken_at = World(0, DIES_AT).taken_over_at(30)
    last_renewal = max(n * RENEW_SECONDS for n in range(100) if n * RENEW_SECONDS < DIES_AT)
    assert taken_at is not None
    assert 0 <= taken_at - (last_renewal + LEASE_SECONDS) <= CHECK_SECONDS


def test_a_standby_that_trusts_only_the_databases_clock_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redlab_dps.decision._over", lambda lease, _: lease.expired)
    assert World(10).taken_over_at(20) == pytest.approx(STEP_AT, abs=CHECK_SECONDS + 0.1)
    assert World(-86400, STEP_AT).taken_over_at(30) is None
