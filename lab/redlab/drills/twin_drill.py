"""Runs a drill on twin instances (Business Continuity): both take in the same events, and act upon each once."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from redlab import drift, global_load_balancer, procedure, recovery
from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.drills.preflight import PREFLIGHT_SECONDS
from redlab.drills.runner import DRAIN_SECONDS, Drill
from redlab.drills.scenario import Scenario
from redlab.drills.sessions import Sessions
from redlab.drills.targets import Hit, other_site
from redlab.drills.twin_load import TwinLoad
from redlab.errors import RedlabError
from redlab.faults import healing
from redlab.faults.fault import Fault
from redlab.laboratory import Laboratory
from redlab.management import Services
from redlab.measure.configuration import Change
from redlab.measure.exchange import ExchangeRecord, InstanceRecord
from redlab.measure.fault_kinds import DRIFT, HANG, STORM, SWITCHOVER
from redlab.measure.history import History
from redlab.measure.stored_event import StoredEvent
from redlab.probes import exchange
from redlab.probes.stored_events import lease_terms, stored_events
from redlab.probes.stored_kinds import stored_kinds
from redlab.waiting import until

STORM_EVENTS_PER_SECOND, STORM_BATCH_EVENTS = 1000, 20
_TAKE_IN = ("gateway", "loadBalancer")
"""Roles without which a site may take in nothing; the other one must not notice."""
_DRIFT = "drill-drift"


class TwinDrill(Drill):
    """One run of a scenario on a lab of twin instances; ``allow_drift``: also when they are configured differently."""

    def __init__(
        self, lab: Laboratory, scenario: Scenario, load: LoadSettings, say: Callable[[str], None], allow_drift: bool
    ) -> None:
        super().__init__(lab, scenario, load, say)
        self._allow_drift = allow_drift

    def _load(self) -> Load:
        # Else the other instance may see every event first: what is hit would own none of them.
        ahead = self._other_site if self._scenario.other_owns else None
        self._twins = TwinLoad(self._inventory, self.record.drill_id, self.record.load, ahead)
        self._storms: list[Load] = []
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
        found = [] if self._allow_drift else drift.differences(self._inventory)
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
        self._go_to(self._home, planned=True)

    def _reach_steady_state(self, load: Load) -> None:
        self._link_bytes = exchange.sent_bytes(self._inventory)
        self._sessions = self._users.enter_context(Sessions(self._inventory.urls["users"][0]))
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
            self._storm()
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
        roles = ("serviceManager", "operationsOrchestration")
        desk = tuple(node for role in roles for node in self._inventory.of_role(role))
        self._say("the service desk hangs")
        hung = self._inject(Hit("service desk", desk), HANG)
        self._wait_until(time.monotonic() + self._scenario.desk_hangs_seconds)
        return hung

    def _storm(self) -> None:
        self.record.fault_at = time.monotonic()
        seconds = self._scenario.storm_events / STORM_EVENTS_PER_SECOND
        settings = replace(
            self.record.load,
            events_per_second=STORM_EVENTS_PER_SECOND,
            users_per_second=0,
            seconds=seconds,
            batch_events=STORM_BATCH_EVENTS,
            only_events=True,
            # A burst may wait: what is asked is that nothing of it is lost, or done twice.
            timeout_seconds=10,
        )
        for load in self._twins.of_site.values():
            storm = Load(load.collector, f"{self.record.drill_id}-storm", settings)
            self._storms.append(self._users.enter_context(storm))
        if not until(lambda: all(storm.ended for storm in self._storms), seconds + 30):
            raise RedlabError("the storm did not end")
        acknowledged = sum(op.events for op in self._storm_history().operations if op.outcome == "ok")
        self.record.evidence = f"{acknowledged} events were acknowledged in bursts of {STORM_BATCH_EVENTS}"

    def _drift(self) -> None:
        """Have the other instance differ, see the failover refused, make them alike, and fail over."""
        drift.tamper(self._inventory, self._other_site, _DRIFT)
        try:
            self._expect_refusal()
        finally:
            # That alone: what else may differ (--allow-drift) is people's own.
            drift.carry_out(self._inventory, self._other_site, [Change("alert", _DRIFT, None)])
        self.record.decided_at = self.record.fault_at = time.monotonic()
        self._go_to(self._other_site, planned=False)

    def _expect_refusal(self) -> None:
        try:
            self._go_to(self._other_site, planned=False)
        except RedlabError as error:
            self.record.evidence = f"refused: {error}"
        else:
            self.record.breaches.append("a failover to an instance that differs was not refused")
        if global_load_balancer.active_site(self._inventory) != self._home:
            self.record.breaches.append("the users were moved although the failover was refused")

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
        inventory, identity = self._inventory, self.record.drill_id
        since = self._drain()
        self._account_for_others(since, inventory.of_role("database"))
        if not until(lambda: exchange.open_events(inventory, identity) == 0, DRAIN_SECONDS, 0.25):
            waiting = exchange.open_events(inventory, identity)
            self.record.breaches.append(
                f"{waiting} events still wait for their exchange, or for what is done upon them"
            )
        histories = {site: load.history() for site, load in self._twins.of_site.items()}
        instances = tuple(self._instance(site, history) for site, history in histories.items())
        # Metrics and topology are each twin's own: what its collector was told is safe is in its databases.
        self.record.others = [
            one
            for site, history in histories.items()
            for one in stored_kinds(inventory, inventory.of_site(site, "database")[0], self._clock, history)
        ]
        self.record.read_at = time.monotonic()
        self.record.events = earliest([event for one in instances for event in one.events])
        storm = self._storm_history().operations
        self.record.exchange = ExchangeRecord(
            instances,
            tuple(exchange.actions(inventory, "serviceManager", identity)),
            tuple(exchange.actions(inventory, "operationsOrchestration", identity)),
            acknowledged=frozenset(
                (op.collector_id, seq) for op in storm if op.outcome == "ok" for seq in op.numbers("event")
            ),
            sessions=self._sessions.count,
            ended_sessions=self._sessions.ended,
            moved=self._scenario.moves_users,
            link_bytes=max(0, exchange.sent_bytes(inventory) - self._link_bytes),
        )

    def _instance(self, site: str, history: History) -> InstanceRecord:
        (server,) = self._inventory.of_site(site, "database")
        identity = self.record.drill_id
        events = stored_events(server, self._clock, identity)
        if self._storms:
            events += stored_events(server, self._clock, f"{identity}-storm")
        return InstanceRecord(
            site,
            tuple(events),
            tuple(lease_terms(server, self._clock)),
            tuple(exchange.shared_records(server, identity)),
            sum(
                op.outcome != "ok" and op.completed < (self.record.load_stopped_at or 0.0)
                for op in history.of("collect")
            ),
            spared=site not in {node.site for node in self._hit.nodes if node.role in _TAKE_IN},
        )

    def _storm_history(self) -> History:
        histories = [storm.history() for storm in self._storms]
        operations = tuple(operation for history in histories for operation in history.operations)
        return History(f"{self.record.drill_id}-storm", operations, 0)

    # Helpers

    def _go_to(self, site: str, *, planned: bool) -> None:
        self._perform(recovery.steps(self._lab, site, planned=planned, force=self._allow_drift))

    def _perform(self, steps: list[procedure.Step]) -> None:
        def before(step: procedure.Step) -> None:
            self._say(f"operator: {step.description}")
            if step.name == "clients" and self.record.fault_at is not None:
                self.record.rerouted_at = time.monotonic()

        procedure.perform(steps, before)

    def _services(self) -> Services:
        """Those of an instance that serves, the one with the users first."""
        sites = sorted(self._inventory.data_centers, key=lambda site: site != self._home)
        found = [self._lab.management_of(site).reachable_services() for site in sites]
        return next((services for services in found if services.state == "active"), found[0])

    def _both_active(self) -> bool:
        return all(management.reachable_services().state == "active" for management in self._lab.managements)


def earliest(events: list[StoredEvent]) -> list[StoredEvent]:
    """Return each event of two instances once, as the one holds it that committed it first. Pure."""
    found: dict[tuple[str, int], StoredEvent] = {}
    for event in sorted(events, key=lambda event: event.processed_at):
        found.setdefault(event.key, event)
    return list(found.values())
