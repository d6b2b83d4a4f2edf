"""Whether one instance, in one site or spread over two, would survive a failure (best practices, chapters 1, 2)."""

from __future__ import annotations

from collections.abc import Iterator

from redlab.errors import RedlabError
from redlab.measure.round_trips import Consistency, judge, summed
from redlab.model.inventory import Inventory, Link, Node
from redlab.probes import database
from redlab.probes.round_trip import round_trips
from redlab.recovery.readiness import nodes
from redlab.recovery.readiness.finding import Finding
from redundancy.roles import Role
from redundancy.rules.links import MAXIMUM_ROUND_TRIP_MILLISECONDS

_PROBES = 200


def findings(inventory: Inventory) -> Iterator[Finding]:
    """Yield every point of readiness."""
    sites = inventory.data_centers
    yield nodes.servers(inventory.of_role(Role.DATA_PROCESSING_SERVER))
    for site in sites:
        # The gateways of another site are spares.
        own = len(inventory.of_site(site, Role.GATEWAY))
        yield nodes.gateways(inventory, site, 2 if len(sites) == 1 or own > 1 else 1)
        yield from nodes.virtual_ips(inventory, site)
    yield nodes.queues(inventory)
    yield from _database(inventory)
    yield from (nodes.disk(node) for node in inventory.of_role(Role.DATABASE))
    if len(sites) > 1:
        yield nodes.sites(inventory)
        yield from (_link(inventory, link) for link in inventory.links if set(link.sites) <= set(sites))


def _database(inventory: Inventory) -> Iterator[Finding]:
    primary = database.primary(inventory)
    members = inventory.of_role(Role.ETCD)
    alone = "" if members else "; it is one server, which nothing takes over"
    found = f"{primary.name} accepts writes{alone}" if primary else "no server accepts writes"
    yield Finding("database", primary is not None, found, "one primary")
    if not members:
        return
    yield _store(members)
    standby = database.synchronous_standby(inventory)
    # In one site any member beside the primary will do. In two sites the standby has to be in the other one.
    apart = len(inventory.data_centers) == 1 or not (primary and standby) or primary.site != standby.site
    yield Finding(
        "synchronous standby",
        standby is not None and apart,
        f"{standby.name} in {standby.site}: every commit waits for it" if standby else "none",
        "one" + (" in the other site" if len(inventory.data_centers) > 1 else ""),
    )


def _store(members: tuple[Node, ...]) -> Finding:
    """Check that the configuration store has a majority: without one no primary can be chosen (etcd's FAQ)."""
    answering, leaders = [], set()
    for member in members:
        try:
            said = database.store_status(member)
        except (RedlabError, ValueError):
            continue
        answering.append(member.name)
        if said.get("leader") == said["header"]["member_id"]:
            leaders.add(member.name)
    majority = len(members) // 2 + 1
    return Finding(
        "majority of the configuration store",
        len(answering) >= majority and len(leaders) == 1,
        f"{len(answering)} of {len(members)} answer ({', '.join(answering) or 'none'}), "
        f"{', '.join(sorted(leaders)) or 'none'} leads",
        f"at least {majority}, one of which leads",
    )


def _link(inventory: Inventory, link: Link) -> Finding:
    """Check the round trip of a link, for which every commit waits. :func:`judge` decides whether it is always short.

    On a machine that is too busy to measure it, the point says that it is undecided, and passes.
    """
    limit = MAXIMUM_ROUND_TRIP_MILLISECONDS
    name, allowed = f"link {link.name}", f"p99 below {limit:g} ms"
    try:
        trips = summed(round_trips(inventory, link.name, _PROBES, 0), limit)
    except RedlabError as error:
        return Finding(name, False, str(error), allowed)
    median, p99, slowest = (
        "no answer" if each is None else f"{each:.2f} ms"
        for each in (trips.median_milliseconds, trips.p99_milliseconds, trips.maximum_milliseconds)
    )
    found = f"median {median}, p99 {p99}, slowest {slowest} of {trips.probes} connections"
    judged = judge({"now": trips}, limit)
    undecided = f"; undecided: {judged.why}" if judged.verdict is Consistency.UNDECIDED else ""
    return Finding(name, judged.verdict is not Consistency.EXCEEDED, found + undecided, allowed)
