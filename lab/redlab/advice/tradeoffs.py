"""Advantages and drawbacks of each pattern according to the best practices, paraphrased. Pure data.

Source: HP Business Service Management, BSM Redundancy – Best Practices, software version 9.26, document release date
February 2016. docs/specification.md proves each statement by a command or a test, under its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from redundancy.traits import PatternName

_SECTIONS = {"A": "advantages", "D": "disadvantages"}


@dataclass(frozen=True)
class Statement:
    """One statement: its number (chapter, ``A`` or ``D``, place in that section), and its text."""

    number: str
    says: str

    @property
    def source(self) -> str:
        """The chapter and section of the statement in the best practices."""
        chapter, place = self.number.split(".")
        return f"best practices, chapter {chapter}, {_SECTIONS[place[0]]}"


@dataclass(frozen=True)
class Tradeoffs:
    """The advantages and drawbacks of a pattern."""

    advantages: tuple[Statement, ...]
    drawbacks: tuple[Statement, ...]


def _listed(chapter: int, advantages: tuple[str, ...], drawbacks: tuple[str, ...]) -> Tradeoffs:
    def numbered(letter: str, texts: tuple[str, ...]) -> tuple[Statement, ...]:
        return tuple(Statement(f"{chapter}.{letter}{place}", says) for place, says in enumerate(texts, 1))

    return Tradeoffs(numbered("A", advantages), numbered("D", drawbacks))


TRADEOFFS: dict[str, Tradeoffs] = {
    PatternName.HIGH_AVAILABILITY: _listed(
        1,
        (
            "the vendor supports it fully, out of the box",
            "the simplest and cheapest of the four",
            "nothing is lost: the gateways keep metrics, events and topology until the other server has taken over",
            "shorter outages than with Disaster Recovery",
        ),
        (
            "an outage of 15 to 60 minutes while the services of the other server start",
            "one data center: its loss is not covered, so it is no disaster recovery",
            "nor is it one when it is spread over two data centers, which have to be near each other",
            "one instance, not two that are independent of each other",
        ),
    ),
    PatternName.DISTRIBUTED_HIGH_AVAILABILITY: _listed(
        2,
        (
            "the vendor supports it fully, out of the box",
            "fairly cheap to maintain",
            "a compromise for who has two near data centers (below 400 km, dedicated fiber); no disaster recovery",
            "next to nothing is lost: the gateways keep metrics, events and topology; a failover by hand that takes "
            "long may cost some of it",
            "shorter outages than with Disaster Recovery",
        ),
        (
            "an outage of 30 to 60 minutes: people switch the global load balancer, then the services start",
            "failover is done by hand: global load balancer first, then the services, which are not active before",
            "one instance, not two that are independent of each other",
            "it needs a database that is spread over both data centers",
            "it needs a round trip below 5 ms between the data centers, always",
            "they may not be 400 km apart, and need fiber of their own for this between them",
        ),
    ),
    PatternName.DISASTER_RECOVERY: _listed(
        3,
        (
            "cheaper to maintain than Business Continuity, and it does survive a disaster",
            "not bound to one data center",
            "any distance and any link between the data centers will do",
            "practice and preparation shorten the outage",
        ),
        (
            "more expensive to maintain than High Availability, in one data center or two",
            "the most data is lost of the four: that of 2 to 24 hours, as replication and clean-up go",
            "the longest outages of the four: 2 to 24 hours, as replication and clean-up go",
        ),
    ),
    PatternName.BUSINESS_CONTINUITY: _listed(
        4,
        (
            "not bound to one data center",
            "next to nothing is lost",
            "next to no outage",
            "users can work on the system that is closest to them, which lowers the load of each",
            "two collectors can each measure half as often: the same resolution at half the load of each instance",
        ),
        (
            "by far the most expensive to maintain: every collector, monitor and piece of configuration exists twice",
            "alerts, reports, indicators and service level agreements have to be kept equal on both, with discipline",
            "most collectors are needed twice; a few (Operations Manager) need not be",
            "the instances' measurements never match exactly, a concern for systems that are audited closely",
            "what is monitored bears twice the load, unless both agree on longer intervals",
            "twice the licences, of the product and of every collector",
            "scripts of one's own keep the events of both instances in step",
            "more such scripts keep Service Manager and Operations Orchestration from acting twice",
            "it had limited success in the field: keeping two systems equal by hand takes a mature team",
            "it is not fully tested, documented or supported",
        ),
    ),
}
"""The tradeoffs of each pattern."""
