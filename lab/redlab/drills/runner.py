"""Runs one drill: steady state, fault, recovery, heal, final read. What it saw goes into a Record."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

from redlab.control import global_load_balancer
from redlab.control.fencing import Fencer
from redlab.control.lab import Laboratory
from redlab.control.management import Services
from redlab.drills import preflight, upgrading
from redlab.drills.assembly import prediction_of
from redlab.drills.damage import Damage, proof
from redlab.drills.discoveries import Discoveries
from redlab.drills.final_read import FinalRead
from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.drills.operator import Operator
from redlab.drills.preflight import PREFLIGHT_SECONDS
from redlab.drills.record import STEADY_SECONDS, Record
from redlab.drills.roles import part_of
from redlab.drills.scenario import Scenario
from redlab.drills.sight import LabSight
from redlab.drills.targets import Hit, joining_link, other_site, witness
from redlab.drills.upgrading import Upgrading
from redlab.errors import RedlabError
from redlab.faults import healing, journal, residue
from redlab.faults.way import Way
from redlab.measure.outage import SUSTAINED_SECONDS
from redlab.model.inventory import Node
from redlab.predict.fault_kinds import CRASH, CUT, SWITCHOVER, TEST_FAILOVER
from redlab.predict.part import Part
from redlab.predict.parts import home_of
from redlab.probes import database, gateway_queue, replication_lag, topology
from redlab.probes.clock import Clock
from redlab.probes.disk_watch import DiskWatch
from redlab.probes.node_state import all_ready
from redlab.recovery import readiness, two_instances
from redlab.recovery.readiness import Finding
from redlab.recovery.rehearsal import fail_over_copy
from redlab.waiting import until
from redundancy.roles import Role

STEADY_DEADLINE_SECONDS = 30
# What is seen of a takeover is seen this much later: a run of successes has to be sustained, and is looked at in turns.
TAKEOVER_MARGIN_SECONDS = SUSTAINED_SECONDS + 1.0
# A database server that hung for a minute may take more than another one until it is rewound and follows again.
REDUNDANCY_SECONDS = 150
# How long before the fault the lag is begun to be read: it takes about so long.
LAG_READING_SECONDS = 0.75
# What is watched after the last event of a drill: a recovery must hold, and a heal may disturb.
TAIL_SECONDS = SUSTAINED_SECONDS + 1.0


class Drill:
    """One run of a scenario on a lab; ``say`` is told of the progress."""

    def __init__(self, lab: Laboratory, scenario: Scenario, load: LoadSettings, say: Callable[[str], None]) -> None:
        self._lab = lab
        self._inventory = lab.inventory
        self._scenario = scenario
        self._say = say
        self._clock = Clock.now()
        self._hit = Hit("")
        self._home, self._other_site = home_of(lab.inventory), ""
        self._discoveries: Discoveries | None = None
        if scenario.fault in upgrading.FAULTS:
            load = replace(load, seconds=upgrading.LOAD_SECONDS)
        identity = f"{scenario.name}-{uuid.uuid4().hex[:8]}"
        self.record = Record(identity, datetime.now(UTC).isoformat(timespec="seconds"), scenario, load)
        self._operator = Operator(lab, self.record, say)
        self._damage = Damage(self._inventory, scenario, lambda: self._recovery_limit_seconds)
        self._upgrading = Upgrading(lab, self.record, say) if scenario.fault in upgrading.FAULTS else None

    def run(self) -> Record:
        """Run the drill. Whatever happens, the lab is healed and set back before this returns or raises."""
        with journal.exclusive(self._inventory.lab):
            two_instances.resume(self._lab)
            residue.heal_interrupted(self._lab)
            try:
                self._run()
            except (RedlabError, OSError) as error:
                # Also what the engine fails at, or does not answer to, aborts this drill alone, not those after it.
                self.record.abort(str(error))
            finally:
                self._clean_up()
        return self.record

    def _run(self) -> None:
        self._preflight()
        self._prepare()
        if self._upgrading:
            self._say("pre-flight: making the new images")
            self._upgrading.prepare()
        self.record.watched_since, self.record.held = time.monotonic(), gateway_queue.held(self._inventory)
        with self._load() as load, DiskWatch() as disk:
            self.record.disk_stalls = disk.stalls
            self._reach_steady_state(load)
            with Fencer(self._inventory, self._say) if self._scenario.fencing else nullcontext() as fencer:
                self._break(load)
                self._operate()
                recovered = self._await_recovery(load, self._recovery_limit_seconds)
            self._wait_until((self.record.fault_at or 0.0) + self._scenario.lasts_seconds)
            self.record.detected_at = fencer.fenced_at if fencer else self.record.detected_at
            self._heal()
            if self._scenario.element and not recovered:
                self._await_recovery(load, 2 * self._bound_seconds + 10)
            self._await_redundancy()
            load.goes_on(TAIL_SECONDS)
            # Who is kept waiting just then is watched until it is over: the result is how long that took.
            until(lambda: load.succeeding(SUSTAINED_SECONDS + 0.5), 2 * self._bound_seconds + 10, 0.1)
            self.record.load_stopped_at = time.monotonic()
        load.check()
        self.record.history = load.history()
        self._say("final read")
        self.final_read()

    # Before

    def _load(self) -> Load:
        return Load(self._inventory.of_role(Role.COLLECTOR)[0], self.record.drill_id, self.record.load)

    def _preflight(self) -> None:
        self._say("pre-flight: nodes, services, empty queues")
        preflight.check(self._inventory, self._scenario, self._services)
        preflight.set_automation(self._lab, self._scenario)
        self.record.software = preflight.software()
        self.record.images = residue.images_of(self._inventory)

    def _prepare(self) -> None:
        """Bring a lab with several sites into the state that the scenario begins with."""
        balancer = self._inventory.global_load_balancer
        if balancer is None:
            return
        self._home, self._other_site = balancer.active_site, other_site(self._inventory, balancer.active_site)
        if self._scenario.from_other_site:
            self._home, self._other_site = self._other_site, self._home
        self._say(f"pre-flight: everything to {self._home}")
        self._operator.go_to(self._home, planned=True)
        if not until(lambda: database.standby(self._inventory), PREFLIGHT_SECONDS, 0.25):
            raise RedlabError("pre-flight: the database has no standby that could take over")
        if self._inventory.replicated and not until(lambda: not self._unready(), PREFLIGHT_SECONDS, 0.5):
            unready = "; ".join(f"{found.name}: {found.found}" for found in self._unready())
            raise RedlabError(f"pre-flight: not ready: {unready}")
        if self._scenario.without_witness:
            lost = witness(self._inventory)
            self._say(f"pre-flight: crash of {lost.name}")
            self._damage.make_beforehand(Hit(lost.name, (lost,)), CRASH)

    def _unready(self) -> list[Finding]:
        """What keeps the failover instance from taking over."""
        return [finding for finding in readiness.takeover(self._inventory) if not finding.ready]

    def _reach_steady_state(self, load: Load) -> None:
        self._say(f"load: waiting for {STEADY_SECONDS:g} s of success")
        if not until(lambda: load.steady(STEADY_SECONDS + 0.5), STEADY_DEADLINE_SECONDS, 0.1):
            load.check()
            raise RedlabError(f"no steady state: {load.unsteadiness(STEADY_SECONDS)}")

    # The fault

    def _aim(self, load: Load) -> Services:
        """Find what is hit; returns who had the services then."""
        services = self._services()
        recent = load.recent(STEADY_SECONDS)
        active = services.active or ""
        sight = LabSight(self._inventory, self._scenario.element, recent, active)
        self._hit = self._scenario.target.find(sight)
        if self._scenario.element:
            self.record.part = part_of(self._inventory, self._scenario, self._hit, self._home, active)
        self.record.target, self.record.epoch_before = self._hit.name, services.epoch
        self.record.down_gateways = tuple(node.name for node in self._stranded())
        self._say(f"fault: {self._scenario.fault} of {self._hit.name}")
        return services

    def _break(self, load: Load) -> None:
        services = self._aim(load)
        if self._upgrading:
            self._upgrading.run()
            return
        if self._scenario.fault is SWITCHOVER:
            self._switch_over(services)
            return
        if self._scenario.fault is TEST_FAILOVER:
            self._fail_over_copy()
            return
        stalled_until = self._stall_replication() if self._scenario.stalled_seconds else time.monotonic()
        if self._inventory.replicated and self._scenario.procedure:
            # Within the stated time: what the reading takes is not to be lost on top of it.
            self._wait_until(stalled_until - LAG_READING_SECONDS)
            self.record.replication_lag = replication_lag.read(self._inventory, self.record.drill_id)
        self._wait_until(stalled_until)
        self._strike()
        if self._scenario.automatic_failover and self.record.part in (None, Part.ACTIVE_SERVER):
            self.record.detected_at = self._lease_expiry()

    def _strike(self) -> None:
        """Make the fault and prove that it landed."""
        faults = self._damage.make(self._hit)
        self.record.fault_at = faults[0].injected_at
        self.record.evidence = proof(faults)
        if self._scenario.discovers:
            self._discoveries = Discoveries(self._inventory, self._home, self.record.drill_id)
            self._discoveries.make()

    def _fail_over_copy(self) -> None:
        self.record.fault_at = time.monotonic()
        outcome = fail_over_copy(self._inventory, self._other_site, self._say)
        self.record.evidence = str(outcome)
        self.record.breach(*(f"test failover: {problem}" for problem in outcome.problems))
        self._say(self.record.evidence)

    def _stall_replication(self) -> float:
        """Cut the link that it takes; returns when it has been stalled for the stated time."""
        link = joining_link(self._inventory, self._home, self._other_site)
        self._say(f"replication: stalled, {link} is cut")
        cut = self._damage.make(Hit(link, ways=(Way(link),)), CUT)
        return cut[0].injected_at + self._scenario.stalled_seconds

    def _stranded(self) -> tuple[Node, ...]:
        """The gateways whose queues nobody can reach while the fault lasts."""
        if self._upgrading:
            return ()  # a node that is made anew keeps its queue, and is back before the load ends
        if self._hit.site:
            return self._inventory.of_site(self._hit.site, Role.GATEWAY)
        return tuple(node for node in self._hit.nodes if node.role == Role.GATEWAY)

    def _switch_over(self, services: Services) -> None:
        if self._scenario.procedure:
            self.record.decided_at = time.monotonic()
            self._operator.go_to(self._other_site, planned=True)
            self.record.evidence = f"procedure: everything is in {self._other_site}"
        elif self._hit.nodes:
            self._operator.reassign(self._other_server(self._hit.nodes[0].name))
            self.record.evidence = f"management API: epoch {services.epoch} ended, assigned to another server"
        else:
            self.record.decided_at = time.monotonic()
            global_load_balancer.set_active_site(self._inventory, self._other_site)
            self.record.evidence = f"global load balancer: clients go to {self._other_site}"
        self.record.fault_at = self.record.decided_at

    def _lease_expiry(self) -> float | None:
        """When the dead holder's lease ends: the first moment at which anybody may notice."""
        services = self._services()
        rest = services.expires_in_seconds
        return None if services.epoch != self.record.epoch_before or rest is None else time.monotonic() + rest

    # What follows it

    def _operate(self) -> None:
        """What others than the lab itself do: an operator, or a second fault."""
        fault_at = self.record.fault_at or time.monotonic()
        if self._scenario.operator_delay_seconds is not None:
            self._wait_until(fault_at + self._scenario.waits_seconds)
            if self._scenario.procedure:
                self.record.decided_at = time.monotonic()
                if self._scenario.interrupted:
                    self._operator.interrupt(self._other_site)
                self._operator.go_to(self._other_site, planned=False)
            else:
                self._operator.reassign(self._other_server(self.record.target))
        if self._scenario.second_fault_seconds is not None:
            heir = self._inventory.node(self._other_server(self.record.target))
            if not until(lambda: self._services().epoch > self.record.epoch_before, self._bound_seconds + 10, 0.05):
                raise RedlabError(f"{heir.name} did not begin to take over, so the second fault could not be made")
            self._say(f"second fault: {self._scenario.fault} of {heir.name}")
            (second,) = self._damage.make(Hit(heir.name, (heir,)))
            proof([second])
            self._wait_until(second.injected_at + self._scenario.second_fault_seconds)
            healing.heal(second.entry)
        if self._scenario.heal_after_seconds is not None:
            self._wait_until(fault_at + self._scenario.heal_after_seconds)
            self._heal()

    def _await_recovery(self, load: Load, limit_seconds: float) -> bool:
        self._say("waiting for recovery")
        recovered = until(lambda: self._recovered(load), limit_seconds, 0.1)
        if not recovered:
            # Not an abort: that nothing recovered is a result, and the measurement will say so.
            self._say("not recovered in time")
        load.check()
        return bool(recovered)

    def _heal(self) -> None:
        if self.record.heal_at is not None:
            return
        if not self._damage.done:
            self.record.heal_at = self.record.healed_at = time.monotonic()
            return
        self._say("healing")
        self.record.heal_at = time.monotonic()
        self._damage.heal()
        self.record.healed_at = time.monotonic()

    def _await_redundancy(self) -> None:
        if self._inventory.replicated and self._scenario.procedure:
            self._operator.perform([two_instances.reprotection(self._inventory, self._other_site)])
        if until(self._redundant, REDUNDANCY_SECONDS, 0.2):
            self.record.redundancy_restored_at = time.monotonic()
        elif self._discoveries:
            self.record.breach(*self._discoveries.missing())

    def _redundant(self) -> bool:
        if not all_ready(self._inventory) or self._services().state != "active":
            return False
        if self._inventory.of_role(Role.UCMDB) and not topology.settled(self._inventory):
            return False
        if self._discoveries and self._discoveries.missing():
            return False
        replicated = self._inventory.has_database_cluster or self._inventory.replicated
        return not replicated or database.standby(self._inventory) is not None

    def final_read(self) -> None:
        """Read what the databases hold, once everything that waits has been processed."""
        FinalRead(self._inventory, self.record, self._clock, self._say).run()

    def _clean_up(self) -> None:
        """Leave the lab as it was found, also after Ctrl-C in the middle of a fault."""
        for line in two_instances.resume(self._lab):
            self._say(line)
        if residue.restore_images(self._inventory):
            self._say("the images that were there before are back")
        if self._upgrading:
            self._upgrading.forget()
        # The journal knows a fault before it is made; an interrupt may come before this object does.
        if journal.entries(self._inventory.lab):
            residue.heal(self._lab)
        remembered = journal.remembered_automation(self._inventory.lab)
        if remembered is not None:
            residue.restore_automation(self._lab, remembered)

    # Helpers

    @property
    def _bound_seconds(self) -> float:
        return prediction_of(self.record, self._inventory).rto_seconds

    @property
    def _recovery_limit_seconds(self) -> float:
        part = self.record.part
        if part is not None:
            # What takes over has its time. Where nothing is known to, the scenario's own has to show it.
            lasts = self._scenario.lasts_seconds
            return lasts if part.alone else max(lasts, self._bound_seconds + TAKEOVER_MARGIN_SECONDS)
        return 2 * self._bound_seconds + 10

    def _services(self) -> Services:
        """Who has the services."""
        return self._lab.management.reachable_services()

    def _other_server(self, server: str) -> str:
        servers = self._inventory.instance(self._inventory.node(server).site, Role.DATA_PROCESSING_SERVER)
        return next(node.name for node in servers if node.name != server)

    def _wait_until(self, instant: float) -> None:
        """Wait for a moment that the scenario itself states, such as an operator's delay."""
        time.sleep(max(0.0, instant - time.monotonic()))

    def _recovered(self, load: Load) -> bool:
        fault_at = self.record.fault_at or 0.0
        # A client may hold an operation until its time-out: before that, no failure has shown itself yet.
        window = SUSTAINED_SECONDS + self.record.load.timeout_seconds
        return (
            time.monotonic() >= fault_at + window
            and load.succeeding(SUSTAINED_SECONDS + 0.5)
            and self._services().state == "active"
        )
