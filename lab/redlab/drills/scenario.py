"""A scenario: what breaks, in which patterns, who must act, when it is healed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from redlab.drills.targets import Target
from redlab.errors import RedlabError
from redlab.predict.derivations import Bound
from redlab.predict.fault_kinds import TEST_FAILOVER, FaultKind
from redundancy.roles import Role
from redundancy.traits import PatternName

ACTORS = ("manual", "automatic")
"""Who acts upon a fault, as the end of a name says it where there is one for each: an operator, or the lab itself."""


@dataclass(frozen=True)
class Scenario:
    """One drill.

    ``name``: what fails and how, ``<element>-<fault>``, and who acts where both can (:data:`ACTORS`). In every pattern
    a name stands for the same fault of the same target, with an operator in all of them or in none.

    ``bound``: derives how long its outage lasts at most; None: that depends on the part that the element plays.
    ``heal_after_seconds``: the
    fault ends then, by restart, since nothing else can recover from it; None: after the services have recovered
    without the node. ``operator_delay_seconds``: an operator reassigns the services so long after the fault.
    ``second_fault_seconds``: the server that takes over dies too, and comes back after so long.
    ``automatic_site``: the global load balancer chooses another site by itself while the active one is down.
    ``procedure``: what the operator does is the site failover procedure. ``fencing``: the controller fences a database
    primary that it can prove dead. ``without_witness``: the witness was lost before. ``from_other_site``: everything
    was moved to the other site before. ``lasts_seconds``: the fault lasts
    at least so long, also when everything has recovered without the node. ``stalled_seconds``: the link between the
    instances was cut so long before. ``interrupted``: the procedure is killed before each of its steps in turn.
    ``storm_events``: so many are handed to each twin in bursts.   ``desk_hangs_seconds``: Service Manager and
    Operations Orchestration hung so long before.
    ``moves_users``: after it no user is at the site where he was.
    ``discovers``: something is discovered meanwhile, which has to reach every instance in the end.
    ``other_owns``: the users are in the instance that does not own the events.   ``nothing_takes_over``: what is
    promised is not how soon everything is back, but that nothing is lost.
    ``time_scale``: so many seconds of the operator's delay pass in one of the drill.
    ``element``: what fails, where that may be anything: a name, or what the target is called. Such a fault is healed
    after ``lasts_seconds``, whether or not everything has recovered without what fails.   ``https``: only where HTTP
    goes over TLS.
    """

    name: str
    summary: str
    target: Target
    fault: FaultKind
    bound: Bound | None = field(kw_only=True)
    moves_users: bool = False
    automatic_failover: bool = False
    heal_after_seconds: float | None = None
    operator_delay_seconds: float | None = None
    second_fault_seconds: float | None = None
    needs: tuple[tuple[Role, int], ...] = ()
    patterns: tuple[PatternName, ...] = tuple(each for each in PatternName if not each.traits.active_active)
    automatic_site: bool = False
    procedure: bool = False
    fencing: bool = False
    without_witness: bool = False
    from_other_site: bool = False
    lasts_seconds: float = 0.0
    stalled_seconds: float = 0.0
    interrupted: bool = False
    storm_events: int = 0
    desk_hangs_seconds: float = 0.0
    time_scale: float = 1.0
    discovers: bool = False
    other_owns: bool = False
    nothing_takes_over: bool = False
    element: str = ""
    https: bool = False

    @property
    def title(self) -> str:
        """Its name, and what fails where that may be anything."""
        return f"{self.name} {self.element}" if self.element else self.name

    @property
    def waits_seconds(self) -> float:
        """How long a drill waits for its operator: the model's delay, shortened by the time scale."""
        return (self.operator_delay_seconds or 0.0) / self.time_scale

    @property
    def plain(self) -> bool:
        """Whether its fault is the only one."""
        return not (
            self.without_witness
            or self.stalled_seconds
            or self.desk_hangs_seconds
            or self.interrupted
            or self.second_fault_seconds
        )

    @property
    def healed_at_will(self) -> bool:
        """Whether the drill heals when it likes, so that no objective is about the time that only the heal ended."""
        return bool(self.element) or self.nothing_takes_over

    @property
    def practises_failover(self) -> bool:
        """Whether passing it shows that the recovery procedure works."""
        return self.procedure or self.fault is TEST_FAILOVER

    def with_operator(self, delay_seconds: float, time_scale: float) -> Scenario:
        """Return the same with an operator who takes so long. Raises RedlabError when nobody acts in it."""
        if self.operator_delay_seconds is None:
            raise RedlabError(f"nobody acts in {self.name}: it recovers by itself, or is planned")
        return replace(self, operator_delay_seconds=delay_seconds, time_scale=time_scale)
