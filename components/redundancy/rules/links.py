"""How near the sites are."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.model import Document
from redundancy.rules.problem import Problem
from redundancy.topology import Topology

MAXIMUM_ROUND_TRIP_MILLISECONDS = 5.0
MAXIMUM_DISTANCE_KILOMETERS = 400.0
LIGHT_KILOMETERS_PER_ROUND_TRIP_MILLISECOND = 100.0
"""Light in fiber goes about 200 km in a millisecond (refractive index 1.5), there and back 100."""


def near_sites(topology: Topology) -> Iterator[Problem]:
    """The sites are near: less than 5 ms and less than 400 km (best practices, Distributed HA)."""
    sites = {site.name for site in topology.sites}
    for link in topology.links:
        path = f"links.{link.name}"
        fastest_milliseconds = link.distance_kilometers / LIGHT_KILOMETERS_PER_ROUND_TRIP_MILLISECOND
        if link.round_trip_milliseconds < fastest_milliseconds:
            yield Problem(
                f"{path}.roundTripMilliseconds",
                f"{link.round_trip_milliseconds:g}",
                f"at least {fastest_milliseconds:g} for {link.distance_kilometers:g} km",
                "light in fiber needs 1 ms for 100 km there and back; no link beats it",
            )
        if not topology.traits.spans_sites or set(link.sites) != sites:
            continue
        slowest_milliseconds = link.round_trip_milliseconds + 2 * link.jitter_milliseconds
        if slowest_milliseconds >= MAXIMUM_ROUND_TRIP_MILLISECONDS:
            yield Problem(
                f"{path}.roundTripMilliseconds",
                f"{link.round_trip_milliseconds:g}, with jitter up to {slowest_milliseconds:g}",
                f"less than {MAXIMUM_ROUND_TRIP_MILLISECONDS:g}, jitter of both directions included",
                "every commit waits for a round trip; the best practices allow the pattern only with latency "
                "consistently below 5 ms",
            )
        if link.distance_kilometers >= MAXIMUM_DISTANCE_KILOMETERS:
            yield Problem(
                f"{path}.distanceKilometers",
                f"{link.distance_kilometers:g}",
                f"less than {MAXIMUM_DISTANCE_KILOMETERS:g}",
                "the best practices allow the pattern only within 400 km (250 miles); beyond is Disaster Recovery",
            )


def known_links(topology: Topology, document: Document) -> Iterator[Problem]:
    """A link joins two of the places there are."""
    known = [link.name for link in topology.links]
    for name in document.get("links", {}) if known else ():
        if name not in known:
            yield Problem(
                f"links.{name}",
                name,
                ", ".join(known),
                "a link joins two of the places there are, named in alphabetical order",
            )
