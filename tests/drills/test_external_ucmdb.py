"""Two instances with an external UCMDB: three databases replicated one by one, topology kept by integrations."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.drills.benchmarks import benchmarked, moved
from tests.support.drills.cover import drills_of
from tests.support.drills.results import drilled
from tests.support.lab import several_sites
from tests.support.stacks.commands import redlab
from tests.support.stacks.labs import LABS, labs

from redlab import engine
from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import database, replication, topology
from redlab.probes.node_state import all_ready
from redlab.recovery import two_instances
from redlab.stack.pulumi import Stack
from redlab.waiting import until

pytestmark = pytest.mark.pulumi

STACK, _ = LABS["ucmdb_lab"]
ARRIVES_SECONDS = 30
COPIED_SECONDS = 60
SILENT_SECONDS = 3
"""Three intervals of every integration."""


@pytest.fixture(scope="module")
def ucmdb_lab() -> Iterator[Laboratory]:
    with labs.standing(*LABS["ucmdb_lab"]) as lab:
        assert until(lambda: replication.streaming_standby(lab.inventory), COPIED_SECONDS)
        yield lab


def production_site(lab: Laboratory) -> str:
    """The site of the instance that is production now: the drills before may have changed it."""
    primary = database.primary(lab.inventory)
    assert primary
    return primary.site


def asked(node: Node, name: str, text: str) -> str:
    """What a database answers, '' when it does not, or has no such table."""
    try:
        return database.query(node, name, text)
    except RedlabError:
        return ""


def test_three_databases_are_replicated_and_topology_is_not(ucmdb_lab: Laboratory) -> None:
    production, standby = (ucmdb_lab.inventory.node(name) for name in ("dc1-db1", "dc2-db1"))
    for name in ("management", "profile", "event", "rtsm"):
        database.query(production, name, "CREATE TABLE replicated (number serial PRIMARY KEY)")
        database.query(production, name, "INSERT INTO replicated SELECT FROM generate_series(1, 3)")
    count = "SELECT count(*) FROM replicated"
    for name in ("management", "profile", "event"):
        assert until(lambda name=name: asked(standby, name, count) == "3", ARRIVES_SECONDS), name  # type: ignore[misc]
    assert asked(standby, "rtsm", count) == ""
    with pytest.raises(RedlabError, match="read-only"):
        database.query(standby, "event", "INSERT INTO replicated DEFAULT VALUES")


@pytest.mark.campaign  # the networks are made as those of distributed-ha and of business-continuity, which show it
def test_no_packet_leaves(ucmdb_lab: Laboratory) -> None:
    several_sites.check_that_no_packet_leaves(ucmdb_lab)


def test_nodes_may_no_more_than_they_need(ucmdb_lab: Laboratory) -> None:
    several_sites.check_that_nodes_may_no_more_than_they_need(ucmdb_lab)


def test_no_secret_leaks(ucmdb_lab: Laboratory) -> None:
    several_sites.check_that_no_secret_leaks(ucmdb_lab)


@drills_of("dr-ucmdb")
def test_drill(ucmdb_lab: Laboratory, title: str) -> None:
    drilled(ucmdb_lab, title)


def test_a_sequence_goes_on_behind_what_was_replicated(ucmdb_lab: Laboratory) -> None:
    """The drills before have promoted a server that had only copied until then."""
    primary = database.primary(ucmdb_lab.inventory)
    assert primary
    assert int(database.query(primary, "profile", "INSERT INTO replicated DEFAULT VALUES RETURNING number")) > 3


@pytest.mark.campaign  # the refusal has a unit test
def test_a_copy_that_is_not_complete_is_not_promoted(ucmdb_lab: Laboratory) -> None:
    lab = ucmdb_lab
    redlab("failback", lab.inventory.lab)
    standby = lab.inventory.node("dc2-db1")
    assert until(lambda: replication.streaming_standby(lab.inventory) == standby, COPIED_SECONDS)
    # Cut off from production, it cannot find out again that nothing is missing.
    redlab("link", "cut", lab.inventory.lab, "dc1-dc2", "--seconds", "60")
    try:
        engine.execute(standby, ["rm", "/var/lib/postgresql/data/complete"])
        refused = redlab("failover", lab.inventory.lab, "--to", "dc2", succeeds=False)
        assert refused.returncode == 2
        assert "has not copied everything" in " ".join(refused.stderr.split())
        with pytest.raises(RedlabError, match="the first copy is not complete"):
            engine.execute(standby, ["database-role", "promote"])
    finally:
        redlab("link", "restore", lab.inventory.lab, "--all")
    assert database.primary(lab.inventory) == lab.inventory.node("dc1-db1")
    assert until(lambda: replication.streaming_standby(lab.inventory) == standby, COPIED_SECONDS)


STORES = ("central-ucmdb1", "central-ucmdb2", "dc1", "dc2")
TYPES = ("host", "application", "business_service", "monitor")
# From which stores an item of each type reaches which others: the integrations of stacks/dr-ucmdb.yaml, by hand, with
# production in dc1; each store reaches itself.
BOTH = ("central-ucmdb1", "central-ucmdb2")
REACHES: dict[str, dict[str, tuple[str, ...]]] = {
    "host": {"dc1": STORES, **dict.fromkeys(BOTH, STORES)},
    "application": {"dc1": STORES, **dict.fromkeys(BOTH, STORES)},
    "business_service": dict.fromkeys(BOTH, STORES),
    "monitor": dict.fromkeys(BOTH, BOTH),
}
Write = tuple[str, str, dict[str, int] | None]


def written(lab: Laboratory, store: str, writes: list[Write]) -> list[dict[str, Any]]:
    """Write to a store as its own users or collectors do; returns what it has then of each item that changed."""
    if store in BOTH:
        said = engine.read_json(lab.inventory.node(store), ["topology", "apply", json.dumps(writes)])
        return [answer["item"] for answer in said if answer["item"]]
    calls = f"""
        SELECT coalesce(json_agg(json_build_object('type', w->>0, 'name', w->>1, 'attributes', w->2, 'version', version,
            'origin', '{store}')), '[]')
        FROM jsonb_array_elements('{json.dumps(writes)}') AS w,
            LATERAL put_item('{store}', w->>0, w->>1, nullif(w->2, 'null')) AS version WHERE version IS NOT NULL"""
    found: list[dict[str, Any]] = json.loads(database.query(lab.inventory.node(f"{store}-db1"), "rtsm", calls))
    return found


def held(lab: Laboratory, store: str) -> dict[tuple[str, str], tuple[Any, str | None]]:
    """What a store holds of what this module wrote: attributes and global id by type and name."""
    if store in BOTH:
        listed = engine.read_json(lab.inventory.node(store), ["topology", "items"])["items"]
    else:
        select = "SELECT coalesce(json_agg(i), '[]') FROM configuration_items AS i WHERE attributes IS NOT NULL"
        listed = json.loads(database.query(lab.inventory.node(f"{store}-db1"), "rtsm", select))
    return {
        (item["type"], item["name"]): (item["attributes"], item["global_id"])
        for item in listed
        if item["name"].startswith("random-")
    }


def differences(lab: Laboratory, log: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """Where a store does not hold exactly what was written last of all that reaches it; the log has every write."""
    found = []
    contents = {store: held(lab, store) for store in STORES}
    for store in STORES:
        last: dict[tuple[str, str], dict[str, Any]] = {}
        for at, item in log:
            if at == store or store in REACHES[item["type"]].get(at, ()):
                key = item["type"], item["name"]
                before = last.get(key, item)
                last[key] = max(before, item, key=lambda i: (i["version"], i["origin"] == BOTH[0], i["origin"]))
        expected = {key: item["attributes"] for key, item in last.items() if item["attributes"] is not None}
        actual = {key: attributes for key, (attributes, _) in contents[store].items()}
        found += [f"{store}: {key}" for key in {*expected, *actual} if expected.get(key) != actual.get(key)]
        master = contents[BOTH[0]]
        # A monitor in an RTSM is not the one that the master has under the same name.
        shared = [key for key in contents[store] if key in master and (store in BOTH or key[0] != "monitor")]
        found += [f"{store}: id of {key}" for key in shared if contents[store][key][1] != master[key][1]]
    return found


@pytest.mark.campaign
def test_hundreds_of_changes_everywhere_with_links_cut_end_in_what_the_filters_say(ucmdb_lab: Laboratory) -> None:
    lab, chance = ucmdb_lab, random.Random(5)  # noqa: S311 - a repeatable test
    redlab("failback", lab.inventory.lab)
    assert until(
        lambda: replication.streaming_standby(lab.inventory) and topology.settled(lab.inventory), COPIED_SECONDS
    )
    log: list[tuple[str, dict[str, Any]]] = []
    # A thousand are made without a lab (tests/unit/images/test_topology.py).
    rounds, each = 10, 10
    for turn in range(rounds):
        for store in STORES:
            writes: list[Write] = [
                (
                    chance.choice(TYPES),
                    f"random-{chance.randrange(60)}",
                    None if chance.random() < 0.25 else {"n": chance.randrange(1000)},
                )
                for _ in range(each)
            ]
            log += [(store, item) for item in written(lab, store, writes)]
        if turn % 5 == 2:
            link = chance.choice(("central-dc1", "central-dc2"))
            redlab("link", "cut", lab.inventory.lab, link, "--seconds", "3")
    assert len(log) > 200
    assert until(lambda: topology.settled(lab.inventory) and not differences(lab, log), ARRIVES_SECONDS, 0.5), (
        differences(lab, log)
    )
    applied = [one.applied for one in topology.integrations(lab.inventory)]
    again = until(lambda: applied != [one.applied for one in topology.integrations(lab.inventory)], SILENT_SECONDS, 0.5)
    assert not again, "the integrations go round in circles"
    # The checker is not blind: a write that it is not told of is found.
    written(lab, "dc1", [("host", "random-unknown", {"n": 1})])
    assert until(lambda: len(differences(lab, log)) == len(STORES), ARRIVES_SECONDS, 0.5)


def test_a_federation_is_asked_and_says_who_did_not_answer(ucmdb_lab: Laboratory) -> None:
    lab, asks = ucmdb_lab, ["topology", "items", "--types", "monitor", "--federated"]
    site = production_site(lab)
    written(lab, site, [("monitor", "federated", {"n": 1})])
    said = engine.read_json(lab.inventory.node(BOTH[0]), asks)
    assert "federated" in {item["name"] for item in said["items"]}
    assert said["unanswered"] == []
    redlab("link", "cut", lab.inventory.lab, f"central-{site}", "--seconds", "30")
    try:
        said = engine.read_json(lab.inventory.node(BOTH[0]), asks)
    finally:
        redlab("link", "restore", lab.inventory.lab, "--all")
    assert "federated" not in {item["name"] for item in said["items"]}
    assert said["unanswered"] == [site]
    # The integrations over that link failed too; those after this test find them well.
    assert until(lambda: topology.settled(lab.inventory), ARRIVES_SECONDS, 0.5)


def test_readiness(ucmdb_lab: Laboratory) -> None:
    lab = ucmdb_lab
    assert until(lambda: all_ready(lab.inventory), COPIED_SECONDS)
    ready = json.loads(redlab("readiness", lab.inventory.lab, "--format", "json").stdout)
    assert ready["ready"], ready
    assert two_instances.steps(lab, production_site(lab), planned=True)[1].check()
    assert topology.settled(lab.inventory)


@pytest.mark.campaign
@pytest.mark.alone
def test_replication_and_integrations_are_measured_in_normal_operation_and_in_a_failover(
    ucmdb_lab: Laboratory,
) -> None:
    found = benchmarked(ucmdb_lab.inventory.lab, 5)
    assert {("normal", "dc1 to dc2"), ("failover", "dc2 to dc1")} <= moved(found, "replication")
    told = {("normal", "dc1 to central"), ("failover", "dc2 to central"), ("normal", "central to dc2")}
    assert told <= moved(found, "topology, UCMDB and RTSM")
    assert topology.settled(ucmdb_lab.inventory)


def test_drills_leave_no_change(ucmdb_lab: Laboratory) -> None:
    Stack(STACK).run("preview", "--refresh", "--expect-no-changes", "--stack", ucmdb_lab.inventory.lab)
