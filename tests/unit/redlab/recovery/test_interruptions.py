"""No interruption of the recovery procedure, anywhere and in any order, leaves two primaries."""

from __future__ import annotations

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from redlab.control import database_role
from redlab.errors import RedlabError
from redlab.recovery import two_instances
from tests.support.unit.two_instances import SERVERS, KilledError, World, go, replaced, replicated


class Interruptions(RuleBasedStateMachine):
    """Procedures to both sides, killed anywhere, mixed with crashes and restarts of the servers."""

    logical = False

    @initialize()
    def begin(self) -> None:
        self.world = replicated(logical=self.logical)

    @rule()
    def copy(self) -> None:
        self.world.copy()

    @rule(site=st.sampled_from(("dc1", "dc2")), planned=st.booleans(), killed_at=st.none() | st.integers(0, 14))
    def procedure(self, site: str, planned: bool, killed_at: int | None) -> None:
        self.world.effects, self.world.killed_at = 0, killed_at
        try:
            go(self.world, site, planned=planned)
        except (KilledError, RedlabError):
            return
        assert self.world.servers[f"{site}-db1"].serves

    @rule(name=st.sampled_from(SERVERS))
    def crash(self, name: str) -> None:
        self.world.servers[name].running = False

    @rule(name=st.sampled_from(SERVERS))
    def restart(self, name: str) -> None:
        self.world.start(self.world.servers[name])

    @rule()
    def heal(self) -> None:
        """Whatever happened: afterwards one serves, and the other follows it."""
        self.world.effects, self.world.killed_at = 0, None
        with replaced(self.world) as lab:
            two_instances.resume(lab)
            for _ in range(2):  # the primary first, whichever it is
                for server in self.world.servers.values():
                    self.world.start(server)
            two_instances.resume(lab)
            self.world.copy()
        assert [server.serves for server in self.world.servers.values()].count(True) == 1
        assert all(server.running for server in self.world.servers.values())

    @invariant()
    def one_primary_at_most(self) -> None:
        serving = [server for server in getattr(self, "world", World({})).servers.values() if server.serves]
        assert len(serving) <= 1


class InterruptionsOfSubscribers(Interruptions):
    """The same of servers that subscribe to each other's databases."""

    logical = True


TestInterruptions = Interruptions.TestCase
TestInterruptionsOfSubscribers = InterruptionsOfSubscribers.TestCase
TestInterruptions.settings = hypothesis_settings(max_examples=100, stateful_step_count=15)
TestInterruptionsOfSubscribers.settings = hypothesis_settings(TestInterruptions.settings, max_examples=50)


def test_a_procedure_that_forgets_to_fence_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_role, "fenced", lambda *_: "taken on trust")
    with pytest.raises(AssertionError, match=r"[<=]= 1"):
        run_state_machine_as_test(
            Interruptions,
            settings=hypothesis_settings(max_examples=100, database=None, report_multiple_bugs=False),
        )
