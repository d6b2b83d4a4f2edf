"""Runs a drill on twin instances (Business Continuity): both take in the same events, and act upon each once."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from redlab.control import global_load_balancer
from redlab.control.lab import Laboratory
from redlab.control.management import Services
from redlab.drift import databases
from redlab.drift.differences import Change
from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.drills.operator import Operator
from redlab.drills.preflight import PREFLIGHT_SECONDS
from redlab.drills.runner import Drill
from redlab.drills.scenario import Scenario
from redlab.drills.sessions import Sessions
from redlab.drills.storm import Storm
from redlab.drills.targets import Hit, other_site
from redlab.drills.twin_load import TwinLoad
from redlab.drills.twin_read import TwinRead, Watched
from redlab.errors import RedlabError
from redlab.faults import healing
from redlab.faults.fault import Fault
from redlab.predict.fault_kinds import DRIFT, HANG, STORM, SWITCHOVER
from redlab.probes import exchange
from redlab.waiting import until
from redundancy.roles import Role

_DRIFT = "drill-drift"


class TwinDrill(Drill):
    """One run of a scenario on a lab of twin instances; ``allow_drift``: also when they are configured differently."""

    def __init__(
        self, lab: Laboratory, scenario: Scenario, load: LoadSettings, say: Callable[[str], None], allow_drift: bool
    ) -> None:
        super().__init__(lab, scenario, load, say)
        self._allow_drift = allow_drift
        self._operator = Operator(lab, self.record, say, force=allow_drift)

    def _load(self) -> Load:
        # Else the other instance may see every event first: what is hit would own none of them.
        ahead = self._other_site if self._scenario.other_owns else None
        self._twins = TwinLoad(self._inventory, self.record.drill_id, self.record.load, ahead)
        self._storm = Storm(self.record.drill_id, self._users)
        self._link_bytes = 0
        return self._twins

    def _run(self) -> None:
        with ExitStack() as self._users:
            super()._run()

    # Before

    def _preflight(self) -> None:
        super()._preflight()
        if not until(self._both_active, PREFLIGHT_SECONDS, 0.1):
            raise RedlabError("pre-flight: the services are not active in both instances")
        found = [] if self._allow_drift else databases.differences(self._inventory)
        if found:
            raise RedlabError(
                f"pre-flight: the instances differ in {len(found)} places: see `redlab drift {self._inventory.lab}`; "
                "`--allow-drift` goes on all the same"
            )

    def _prepare(self) -> None:
        balancer = self._inventory.global_load_balancer
        declared = balancer.active_site if balancer else ""
        self._home = declared if declared in self._inventory.data_centers else self._inventory.data_centers[0]
        self._other_site = other_site(self._inventory, self._home)
        if self._scenario.other_owns:
            # Of two that see an event at once the one whose name comes first owns it: that one is hit, without users.
            self._other_site, self._home = sorted((self._home, self._other_site))
        self._say(f"pre-flight: users to {self._home}")
        self._operator.go_to(self._home, planned=True)

    def _reach_steady_state(self, load: Load) -> None:
        self._link_bytes = exchange.sent_bytes(self._inventory)
        self._sessions = self._users.enter_context(
            Sessions(self._inventory.urls["users"][0], self._lab.management.trusting)
        )
        super()._reach_steady_state(load)

    # The fault

    def _break(self, load: Load) -> None:
        services = self._aim(load)
        if self._upgrading:
            self._upgrading.run()
            return
        if self._scenario.fault is SWITCHOVER:
            self._switch_over(services)
        elif self._scenario.fault is STORM:
            self.record.fault_at = time.monotonic()
            collectors = [load.collector for load in self._twins.of_site.values()]
            self.record.evidence = self._storm.run(collectors, self._scenario.storm_events, self.record.load)
        elif self._scenario.fault is DRIFT:
            self._drift()
        else:
            self._strike()

    def _strike(self) -> None:
        if self._scenario.stalled_seconds:
            self._wait_until(self._stall_replication())
        hung = self._hang_desk() if self._scenario.desk_hangs_seconds else []
        super()._strike()
        healing.heal_all([fault.entry for fault in hung])

    def _hang_desk(self) -> list[Fault]:
        """Have events wait that were forwarded and not acted upon: what the desk was asked for last it does later."""
        roles = (Role.SERVICE_MANAGER, Role.OPERATIONS_ORCHESTRATION)
        desk = tuple(node for role in roles for node in self._inventory.of_role(role))
        self._say("the service desk hangs")
        hung = self._damage.make(Hit("service desk", desk), HANG)
        self._wait_until(time.monotonic() + self._scenario.desk_hangs_seconds)
        return hung

    def _drift(self) -> None:
        """Have the other instance differ, see the failover refused, make them alike, and fail over."""
        databases.tamper(self._inventory, self._other_site, _DRIFT)
        try:
            self._expect_refusal()
        finally:
            # That alone: what else may differ (--allow-drift) is people's own.
            databases.carry_out(self._inventory, self._other_site, [Change("alert", _DRIFT, None)])
        self.record.decided_at = self.record.fault_at = time.monotonic()
        self._operator.go_to(self._other_site, planned=False)

    def _expect_refusal(self) -> None:
        try:
            self._operator.go_to(self._other_site, planned=False)
        except RedlabError as error:
            self.record.evidence = f"refused: {error}"
        else:
            self.record.breach("a failover to an instance that differs was not refused")
        if global_load_balancer.active_site(self._inventory) != self._home:
            self.record.breach("the users were moved although the failover was refused")

    # What follows it

    def _redundant(self) -> bool:
        if not super()._redundant() or not self._both_active():
            return False
        try:
            return exchange.open_events(self._inventory, self.record.drill_id) < self.record.load.events_per_second
        except RedlabError:  # a database is just starting
            return False

    def final_read(self) -> None:
        """Read what both instances and the service desk hold, once nothing waits any more."""
        TwinRead(self._inventory, self.record, self._clock, self._say, self._watched).run()

    def _watched(self) -> Watched:
        return Watched(
            {site: load.history() for site, load in self._twins.of_site.items()},
            self._hit.nodes,
            self._storm,
            self._sessions.count,
            self._sessions.ended,
            self._link_bytes,
        )

    # Helpers

    def _services(self) -> Services:
        """Those of an instance that serves, the one with the users first."""
        sites = sorted(self._inventory.data_centers, key=lambda site: site != self._home)
        found = [self._lab.management_of(site).reachable_services() for site in sites]
        return next((services for services in found if services.state == "active"), found[0])

    def _both_active(self) -> bool:
        return all(management.reachable_services().state == "active" for management in self._lab.managements)
