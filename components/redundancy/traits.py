"""The traits of each redundancy pattern, one row each: all that tells patterns apart outside their components. Pure.

Rules, loading and building ask a topology for them (:attr:`redundancy.topology.Topology.traits`), commands and drills a
lab's inventory. How to add a pattern: docs/how-to/add-a-pattern.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self, TypeAlias


class Failover(StrEnum):
    """Who decides that another site takes the place of a lost one."""

    NONE = "none"
    """Nobody: there is no other site."""
    OPERATOR = "operator"
    """An operator alone, because the lost site has to be fenced before its data are promoted."""
    EITHER = "either"
    """The load balancer before the sites where the topology allows that, or else an operator."""


@dataclass(frozen=True)
class Traits:
    """What a pattern is.

    ``sites``: how many data centers it stands in.   ``instances``: how many complete systems, each with a database of
    its own; fewer than sites: one instance spans them.   ``active_active``: all instances serve at once, and exchange
    their events; each has its own collectors and configuration.   ``replicated``: the databases of one instance follow
    those of the other.   ``failover``: who decides it.
    """

    sites: int
    instances: int
    failover: Failover
    active_active: bool = False
    replicated: bool = False

    @property
    def several_sites(self) -> bool:
        """Whether links, and a load balancer before the sites, belong to it."""
        return self.sites > 1

    @property
    def two_instances(self) -> bool:
        """Whether each site is an instance of its own."""
        return self.instances > 1

    @property
    def spans_sites(self) -> bool:
        """Whether one instance stands in several sites: they have to be near, and a witness decides between them."""
        return self.several_sites and not self.two_instances


class PatternName(StrEnum):
    """A pattern, by the name of its component; its :attr:`traits`."""

    traits: Traits
    _value_: str

    HIGH_AVAILABILITY = "HighAvailability", Traits(1, 1, Failover.NONE)
    DISTRIBUTED_HIGH_AVAILABILITY = "DistributedHighAvailability", Traits(2, 1, Failover.EITHER)
    DISASTER_RECOVERY = "DisasterRecovery", Traits(2, 2, Failover.OPERATOR, replicated=True)
    BUSINESS_CONTINUITY = "BusinessContinuity", Traits(2, 2, Failover.EITHER, active_active=True)

    def __new__(cls, name: str, *traits: Traits) -> Self:
        """Make the name of a pattern, which documents hold alone, with its traits."""
        pattern = str.__new__(cls, name)
        pattern._value_, (pattern.traits,) = name, traits
        return pattern


Trait: TypeAlias = Literal["several_sites", "two_instances", "spans_sites", "active_active", "replicated"]


def patterns(trait: Trait) -> tuple[PatternName, ...]:
    """Return the patterns that have a trait."""
    return tuple(pattern for pattern in PatternName if getattr(pattern.traits, trait))
