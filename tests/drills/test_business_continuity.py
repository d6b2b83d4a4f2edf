"""Twin instances: drills; each event acted upon once; drift; the wide-area load balancer."""

from __future__ import annotations

import json
import time
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redlab_collector.items import MIX, who_fails
from tests.support import docker_engine
from tests.support.drills.benchmarks import benchmarked, moved
from tests.support.drills.cover import drills_of
from tests.support.drills.results import drilled, scenario_of
from tests.support.lab import several_sites, wiring
from tests.support.stacks.commands import redlab
from tests.support.stacks.labs import LABS, labs

from redlab import engine
from redlab.control import global_load_balancer
from redlab.control.lab import Laboratory
from redlab.drift import configured, databases
from redlab.drift.differences import Change
from redlab.drills.sessions import Sessions
from redlab.measure.exchange import SharedRecord
from redlab.measure.history import parse_history
from redlab.model.inventory import Node
from redlab.probes import database, exchange, gateway_queue, topology
from redlab.probes.node_state import all_ready
from redlab.stack.pulumi import Stack
from redlab.waiting import until

pytestmark = pytest.mark.pulumi

STACK, _ = LABS["twins_lab"]
TRICKLE = "collector1"
"""What both twins of the only collector call themselves."""


@pytest.fixture(scope="module")
def twins_lab() -> Iterator[Laboratory]:
    with labs.standing(*LABS["twins_lab"]) as lab:
        yield lab


def server(lab: Laboratory, site: str) -> str:
    (node,) = lab.inventory.of_site(site, "database")
    return node.name


def page(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status, answer.read().decode()


def test_no_packet_leaves_the_twin_instances(twins_lab: Laboratory) -> None:
    several_sites.check_that_no_packet_leaves(twins_lab)


def test_nodes_of_twin_instances_may_no_more_than_they_need(twins_lab: Laboratory) -> None:
    several_sites.check_that_nodes_may_no_more_than_they_need(twins_lab)


def test_no_secret_leaks_in_twin_instances(twins_lab: Laboratory) -> None:
    several_sites.check_that_no_secret_leaks(twins_lab)


def test_both_twins_take_in_the_same_events(twins_lab: Laboratory) -> None:
    inventory = twins_lab.inventory
    assert until(lambda: exchange.open_events(inventory, TRICKLE) == 0, 20, 0.05)
    (first, second) = (
        {record.key: record for record in exchange.shared_records(inventory.node(server(twins_lab, site)), TRICKLE)}
        for site in ("dc1", "dc2")
    )
    seen_by_both = [key for key in first.keys() & second.keys() if sum(first[key].sightings.values()) == 2]
    assert len(seen_by_both) > 3
    said = audited()
    assert said["measurements"]["in_both"] > 3
    assert abs(said["clocks"]["ahead_seconds"]) <= said["clocks"]["uncertain_seconds"] + 0.05
    assert said["sampling"]["relative_load"] == 2


def audited() -> dict[str, Any]:
    """What `redlab drift --measurements` says, whose exit code says whether twins say something else."""
    done = redlab("drift", STACK, "--measurements", "--format", "json", succeeds=False)
    said: dict[str, Any] = json.loads(done.stdout)
    found = said["measurements"]
    assert (done.returncode, len(found["disagreements"])) == (bool(found["different_data"]), found["different_data"])
    return said


def test_an_audit_names_each_measurement_of_which_twins_say_something_else(twins_lab: Laboratory) -> None:
    """Rare as they are, a collector is found that is about to see one, and measures for a while."""
    rate, ahead = 20, range(40, 80)
    now = int(time.time() * rate)
    name = next(
        name
        for name in (f"audit-{number}" for number in range(1000))
        if any(who_fails(name, now + n) is not None and MIX[(now + n) % 10] != "t" for n in ahead)
    )
    measure = f"REDLAB_EVENTS_PER_SECOND={rate} REDLAB_TWIN={name} timeout 5 collector; true"
    exchange_of = twins_lab.inventory.event_exchange
    assert exchange_of
    twins = [twins_lab.inventory.node(names[0]) for names in exchange_of.collectors.values()]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda node: engine.execute(node, ["sh", "-c", measure]), twins))
    measured_by = time.monotonic()
    assert until(lambda: not gateway_queue.waiting(twins_lab.inventory, time.monotonic() - measured_by), 20, 0.1)
    (first, second) = (twins_lab.inventory.node(server(twins_lab, site)) for site in ("dc1", "dc2"))
    held: list[set[int]] = []
    for node in (first, second):
        taken = {
            int(seq)
            for database_name, table in (("event", "events"), ("profile", "metrics"))
            for seq in database.query(
                node, database_name, f"SELECT seq FROM {table} WHERE collector = '{name}'"
            ).split()
        }
        held.append(taken)
    expected = {seq: who_fails(name, seq) for seq in held[0] & held[1] if who_fails(name, seq) is not None}
    assert expected
    found = {one["interval"]: one for one in audited()["measurements"]["disagreements"] if one["collector"] == name}
    assert found.keys() == expected.keys()
    for seq, who in expected.items():
        failed = [
            one in ({"check": "availability", "status": "failed"}, {"metric": "availability", "value": 0})
            for one in (found[seq]["first"], found[seq]["second"])
        ]
        assert failed == [who == 0, who == 1]


def test_readiness(twins_lab: Laboratory) -> None:
    def unready() -> dict[str, str]:
        said = json.loads(redlab("readiness", STACK, "--format", "json", succeeds=False).stdout)
        return {each["name"]: each["found"] for each in said["findings"] if not each["ready"]}

    assert until(lambda: unready() == {}, 30, 1), unready()
    databases.tamper(twins_lab.inventory, "dc2", "readiness")
    try:
        assert unready() == {"drift of the configuration": "1 differ: alert readiness"}
    finally:
        databases.carry_out(twins_lab.inventory, "dc2", [Change("alert", "readiness", None)])


def test_service_manager_knows_the_global_ids_of_the_ucmdb(twins_lab: Laboratory) -> None:
    inventory = twins_lab.inventory
    (desk,) = inventory.of_role("serviceDatabase")
    topology.discover(inventory, "dc2", "host", [TRICKLE])
    given = "SELECT global_id FROM configuration_items WHERE type = 'host' AND name = 'collector1'"
    nodes = [inventory.node(server(twins_lab, site)) for site in ("dc1", "dc2")]

    def known() -> bool:
        ids = {database.query(node, "rtsm", given) for node in nodes}
        ids.add(database.query(desk, "service_manager", given))
        ids.add(database.query(desk, "service_manager", "SELECT global_id FROM actions ORDER BY number DESC LIMIT 1"))
        return len(ids) == 1 and ids != {""}

    assert until(known, 30, 0.5)


def test_the_databases_are_not_replicated(twins_lab: Laboratory) -> None:
    first, second = (twins_lab.inventory.node(server(twins_lab, site)) for site in ("dc1", "dc2"))
    for node in (first, second):
        assert database.accepts_writes(node)
        assert database.query(node, "postgres", "SELECT count(*) FROM pg_stat_replication") == "0"
        assert database.query(node, "postgres", "SELECT count(*) FROM pg_replication_slots") == "0"


SHARED = ("serviceManager", "ucmdb", "operationsOrchestration")


@pytest.mark.parametrize("role", SHARED)
def test_integrations_go_by_the_wide_area_load_balancer_and_none_past_it(twins_lab: Laboratory, role: str) -> None:
    """Each request that the server counted is one that the load balancer's front end for it counted."""
    lab = twins_lab

    def asked() -> int:
        return sum(wiring.callers(lab, role).values())

    outer_before, before = wiring.front_ends(lab)[role], wiring.callers(lab, role)
    inner_before, narrow_before = asked(), wiring.front_ends(lab)[role]
    assert until(lambda: asked() > inner_before, 30, 0.2)
    narrow, inner = wiring.front_ends(lab)[role] - narrow_before, asked() - inner_before
    outer = wiring.front_ends(lab)[role] - outer_before
    assert narrow <= inner <= outer
    assert wiring.past_the_load_balancer(lab, role, before) == {}


def test_an_integration_past_the_wide_area_load_balancer_is_seen(twins_lab: Laboratory) -> None:
    lab = twins_lab
    (desk,), server = lab.inventory.of_role("serviceManager"), lab.inventory.node("dc1-dps1")
    before = wiring.callers(lab, desk.role)
    past = f"exec 3<>/dev/tcp/{desk.addresses[desk.site]}/8110; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
    engine.execute(server, ["bash", "-c", past])
    assert wiring.past_the_load_balancer(lab, desk.role, before) == {server.addresses[server.site]: 1}


def test_what_is_shared_is_told_with_its_addresses(twins_lab: Laboratory) -> None:
    inventory = twins_lab.inventory
    (balancer,) = inventory.of_role("globalLoadBalancer")
    said = redlab("inspect", STACK).stdout
    for name, port in (("Service Manager", 8110), ("UCMDB", 8100), ("Operations Orchestration", 8120)):
        places = f"clients: {balancer.addresses['access']}:{port}, integrations: {balancer.addresses['central']}:{port}"
        assert f"{name}: http://127.0.0.1:" in said
        assert places in said
    shown = json.loads(redlab("inspect", STACK, "--format", "json").stdout)
    assert {one["name"] for one in shown["interfaces"]} == {"users", *SHARED}
    # Twin collectors have no way in before their sites.
    assert set(shown["virtual_ips"]) == {"users"}


def test_the_wide_area_load_balancer_has_a_port_for_each_user_interface(twins_lab: Laboratory) -> None:
    urls = twins_lab.inventory.urls
    status, text = page(f"{urls['operationsOrchestration'][0]}/")
    assert (status, "Operations Orchestration: runs" in text) == (200, True)
    status, text = page(urls["serviceManager"][0])
    assert (status, "Service Manager: incidents" in text) == (200, True)
    status, text = page(f"{urls['ucmdb'][0]}/v1/status")
    assert (status, json.loads(text)["master"]) == (200, True)
    status, text = page(f"{urls['users'][0]}/api/v1/recent")
    assert (status, json.loads(text)["processed_by"][:4]) == (200, "dc1-")


@drills_of("business-continuity")
def test_drill(twins_lab: Laboratory, title: str) -> None:
    result = drilled(twins_lab, title)
    found = result["exchange"]
    assert (found["distinct_events"], found["distinct_events"]) == (found["incidents"], found["runs"])
    assert found["twin_events"] > 100
    if scenario_of(twins_lab.inventory, title).moves_users:
        assert found["ended_sessions"] == found["sessions"] > 0
    if title == "owner-crash-after-forward":
        # Else nobody would have had to act for the other instance: the drill would have shown nothing.
        assert found["taken_over_events"] > 0
    if title == "event-storm":
        assert found["distinct_events"] > 3000


def test_a_collector_without_a_twin_sends_to_whichever_instance_is_there(twins_lab: Laboratory) -> None:
    """One that is told of both instances, as `collectors.untwinned` has it."""
    inventory = twins_lab.inventory
    exchange_of = inventory.event_exchange
    assert exchange_of
    ways = [f"http://{site.virtual_ips['collectors']}:8080" for site in inventory.sites if not site.witness]
    name = f"alone-{time.time_ns()}"

    def send(first: int) -> set[str]:
        """Send twenty items; returns the sites that have taken them in, every one."""
        command = (
            f"env -u REDLAB_TWIN REDLAB_COLLECTOR_URL={ways[0]} REDLAB_OTHER_COLLECTOR_URLS={ways[1]} load "
            f"--collector-id {name} --events-per-second 20 --users-per-second 0 --seconds 1 --first-seq {first}"
        )
        (collector, *_) = exchange_of.collectors["dc1"]
        done = engine.execute(inventory.node(collector), ["sh", "-c", command]).splitlines()
        history = parse_history([f"{line}\n" for line in done], collector_id=name, first_seq=first)
        assert [op.outcome for op in history.operations] == ["ok"] * 20
        return {(op.node or "")[:3] for op in history.operations}

    assert send(1) == {"dc1"}
    balancers = [docker_engine.container(node) for node in inventory.of_site("dc1", "loadBalancer")]
    # Not paused: what it had taken from the network it would hand on afterwards, and both instances would see it.
    for container in balancers:
        container.kill()
    try:
        assert send(101) == {"dc2"}
    finally:
        for container in balancers:
            container.start()
    assert until(lambda: exchange.open_events(inventory, name) == 0, 20, 0.1)
    records = [
        {record.key: record for record in exchange.shared_records(inventory.node(server(twins_lab, site)), name)}
        for site in ("dc1", "dc2")
    ]
    # Fourteen of twenty items are events; both instances have each, one has seen it, and it was acted upon once.
    assert records[0] == records[1]
    assert {key[1] for key in records[0]} == {
        seq for first in (1, 101) for seq in range(first, first + 20) if MIX[seq % 10] == "e"
    }
    assert {tuple(record.sightings.items()) for record in records[0].values()} == {(("dc1", 1),), (("dc2", 1),)}
    stored = (
        f"SELECT json_agg(json_build_array(seq, gateway, data) ORDER BY seq) FROM events WHERE collector = '{name}'"
    )
    first, second = (
        database.query_json(inventory.node(server(twins_lab, site)), "event", stored) for site in ("dc1", "dc2")
    )
    assert first == second
    assert len(first) == len(records[0])
    for role in ("serviceManager", "operationsOrchestration"):
        assert sorted(one.key for one in exchange.actions(inventory, role, name)) == sorted(records[0])
    assert until(lambda: all_ready(inventory), 30)


@pytest.mark.campaign
@pytest.mark.alone
def test_where_it_is_allowed_instances_that_differ_are_drilled(twins_lab: Laboratory) -> None:
    databases.tamper(twins_lab.inventory, "dc2", "differs")
    try:
        refused = redlab("failover", STACK, "--to", "dc2", succeeds=False)
        assert refused.returncode == 2
        assert "the instances differ in 1 places" in " ".join(refused.stderr.split())
        aborted = redlab("drill", STACK, "wan-cut", succeeds=False)
        assert aborted.returncode == 3
        assert "pre-flight: the instances differ" in " ".join((aborted.stdout + aborted.stderr).split())
        redlab("drill", STACK, "wan-cut", "--allow-drift")
    finally:
        databases.apply(twins_lab.inventory, "dc1", "dc2")
    assert databases.differences(twins_lab.inventory) == []


def test_drift_is_found_named_and_taken_away(twins_lab: Laboratory) -> None:
    lab = twins_lab
    assert redlab("drift", STACK).returncode == 0
    odd = 'it\'s \\ "odd", \n ä'
    databases.tamper(lab.inventory, "dc2", odd)
    said = redlab("drift", STACK, "--format", "json", succeeds=False)
    assert said.returncode == 1
    (found,) = json.loads(said.stdout)
    assert (found["kind"], found["first"], found["second"]) == ("alert", None, {"field": odd, "equals": "never"})
    bad = redlab("drift", STACK, "--apply", "dc1:dc7", "--yes", succeeds=False)
    assert (bad.returncode, "allowed: dc1:dc2 or dc2:dc1" in " ".join(bad.stderr.split())) == (2, True)
    applied = redlab("drift", STACK, "--apply", "dc2:dc1", "--yes")
    assert "dc1: write alert it's" in applied.stderr
    assert databases.apply(lab.inventory, "dc1", "dc2") == []
    (node,) = lab.inventory.of_site("dc2", "database")
    database.query(node, "management", "DELETE FROM configuration WHERE name LIKE 'it%'")
    assert databases.apply(lab.inventory, "dc2", "dc1") == [Change("alert", found["name"], None)]
    assert databases.differences(lab.inventory) == []


FAILED = {"field": "status", "equals": "failed"}


def test_an_alert_fires_once_over_both_instances_and_drift_is_felt(twins_lab: Laboratory) -> None:
    sent = Twice(twins_lab)
    redlab("config", "set", STACK, "dc1", "alert", sent.name, json.dumps({**FAILED, "collector": sent.name}))
    (found,) = databases.differences(twins_lab.inventory)
    assert (found.kind, found.name, found.second) == ("alert", sent.name, None)
    # What the instance owns that is configured so is told, as soon as it has read it; what the other one owns is not.
    assert until(lambda: sent.first_to("dc1") == ["dc1"], 20, 0)
    assert sent.first_to("dc2") == []
    assert databases.apply(twins_lab.inventory, "dc1", "dc2")
    assert until(lambda: sent.first_to("dc2") == ["dc2"], 20, 0)
    assert sent.first_to("dc1") == ["dc1"]
    fired = json.loads(redlab("config", "alerts", STACK, "--format", "json").stdout)
    assert {one["site"] for one in fired if one["alert"] == sent.name} == {"dc1", "dc2"}
    for site in ("dc1", "dc2"):
        configured.of(twins_lab, site).delete("alert", sent.name)
    assert databases.differences(twins_lab.inventory) == []


class Twice:
    """Sends events to one instance, and to the other when that one knows that the first has them."""

    def __init__(self, lab: Laboratory) -> None:
        self.name = f"felt-{uuid.uuid4().hex[:8]}"
        self._inventory = lab.inventory
        self._seq = 0

    def first_to(self, site: str) -> list[str]:
        """Send an event, to the instance in ``site`` first; returns the sites where its alert fired in the end."""
        self._seq += 1
        sites = sorted(self._inventory.data_centers, key=lambda other: other != site)
        for place in sites:
            self._send(place)
            assert until(lambda: len(self._acted()) == 2, 20, 0.05)
        assert until(lambda: [sum(one.sightings.values()) for one in self._acted()] == [2, 2], 20, 0.05)
        assert {one.owner for one in self._acted()} == {site}
        question = f"SELECT count(*) FROM alerts_fired WHERE collector = '{self.name}' AND seq = {self._seq}"
        return [
            place
            for place in self._inventory.data_centers
            for found in [database.query(self._server(place), "event", question)]
            if found == "1"
        ]

    def _send(self, site: str) -> None:
        urls = dict(zip(self._inventory.data_centers, self._inventory.urls["collectors"], strict=True))
        event = {"seq": self._seq, "data": {"status": "failed"}}
        body = json.dumps({"collector": self.name, "events": [event]}).encode()
        with urllib.request.urlopen(f"{urls[site]}/v1/events", data=body, timeout=5) as answer:
            assert answer.status == 200

    def _server(self, site: str) -> Node:
        (server,) = self._inventory.of_site(site, "database")
        return server

    def _acted(self) -> list[SharedRecord]:
        """What the instances know of the last event, those that know its incident."""
        records = [
            record
            for site in self._inventory.data_centers
            for record in exchange.shared_records(self._server(site), self.name)
        ]
        return [record for record in records if record.key == (self.name, self._seq) and record.incident]


def test_a_duplicate_incident_is_found(twins_lab: Laboratory) -> None:
    """A Service Manager that forgets the custom attribute: here somebody opens a second incident by hand."""
    (desk,) = twins_lab.inventory.of_role("serviceDatabase")
    (first, *_) = exchange.actions(twins_lab.inventory, "serviceManager", TRICKLE)
    forged = (
        "INSERT INTO actions SELECT 'IM-forged', cma || '/again', collector, seq, requested_by, 1, NULL, performed_at "
        f"FROM actions WHERE number = '{first.number}'"
    )
    database.query(desk, "service_manager", forged)
    try:
        held = exchange.actions(twins_lab.inventory, "serviceManager", TRICKLE)
    finally:
        database.query(desk, "service_manager", "DELETE FROM actions WHERE number = 'IM-forged'")
    assert sorted(one.number for one in held if one.key == first.key) == sorted([first.number, "IM-forged"])


def test_one_change_moves_the_users_and_disconnects_them(twins_lab: Laboratory) -> None:
    lab = twins_lab
    redlab("failover", STACK, "--to", "dc1")
    with Sessions(lab.inventory.urls["users"][0]) as sessions:
        said = json.loads(redlab("failover", STACK, "--to", "dc2", "--format", "json").stdout)
        assert [step["name"] for step in said["steps"]] == ["instance", "drift", "clients"]
        assert until(lambda: sessions.ended == sessions.count, 5)
    _, text = page(f"{lab.inventory.urls['users'][0]}/api/v1/recent")
    assert json.loads(text)["processed_by"].startswith("dc2-")


@pytest.mark.campaign
def test_each_user_may_go_to_the_nearest_site(twins_lab: Laboratory) -> None:
    """The collectors' own: users of dc1's are served by dc1, those of dc2's by dc2; while dc2 is down by dc1."""
    lab = twins_lab
    redlab("failover", STACK, "--to", "nearest")

    def sites_of_users() -> tuple[set[str], ...]:
        return tuple(_sites_of_users(lab, f"{site}-collector1") for site in ("dc1", "dc2"))

    assert sites_of_users() == ({"dc1"}, {"dc2"})
    balancers = [docker_engine.container(node) for node in lab.inventory.of_site("dc2", "loadBalancer")]
    for container in balancers:
        container.pause()
    try:
        assert until(lambda: sites_of_users() == ({"dc1"}, {"dc1"}), 10)
    finally:
        for container in balancers:
            container.unpause()
    assert until(lambda: sites_of_users() == ({"dc1"}, {"dc2"}), 20)
    assert until(lambda: all_ready(lab.inventory), 30)


def _sites_of_users(lab: Laboratory, collector: str) -> set[str]:
    """The sites of the gateways that answer the users of a collector; '' for no answer."""
    load = ["load", "--collector-id", "near", "--events-per-second", "1", "--users-per-second", "10", "--seconds", "1"]
    said = [json.loads(line) for line in engine.execute(lab.inventory.node(collector), load).splitlines()]
    return {one["node"].partition("-")[0] for one in said if one["op"] == "user"}


def test_users_may_be_spread_over_both_sites(twins_lab: Laboratory) -> None:
    lab = twins_lab
    redlab("failover", STACK, "--to", "spread")
    assert global_load_balancer.active_site(lab.inventory) == "spread"
    url = f"{lab.inventory.urls['users'][0]}/api/v1/recent"
    own = {json.loads(page(url)[1])["processed_by"][:3] for _ in range(5)}
    assert len(own) == 1  # the same address, always the same site
    (mine,) = own
    balancers = [docker_engine.container(node) for node in lab.inventory.of_site(mine, "loadBalancer")]
    for container in balancers:
        container.pause()
    try:
        # While it is down, the other one.
        assert until(lambda: _site_of(url) not in ("", mine), 10)
    finally:
        for container in balancers:
            container.unpause()
    assert until(lambda: _site_of(url) == mine and all_ready(lab.inventory), 30)
    redlab("failback", STACK)
    assert global_load_balancer.active_site(lab.inventory) == "dc1"


def _site_of(url: str) -> str:
    try:
        return str(json.loads(page(url)[1])["processed_by"][:3])
    except OSError:
        return ""


@pytest.mark.campaign
def test_the_exchange_is_measured_in_normal_operation_and_in_a_failover(twins_lab: Laboratory) -> None:
    found = benchmarked(twins_lab.inventory.lab, 2)
    assert found["latency"]["verdict"] == "no limit"
    both = {(phase, way) for phase in ("normal", "failover") for way in ("dc1 to dc2", "dc2 to dc1")}
    assert moved(found, "events exchanged") == both
    assert moved(found, "topology, UCMDB and RTSM")
    assert global_load_balancer.active_site(twins_lab.inventory) == "dc1"


def test_drills_leave_no_change(twins_lab: Laboratory) -> None:
    assert until(lambda: all_ready(twins_lab.inventory), 60)
    Stack(STACK).run("preview", "--refresh", "--expect-no-changes", "--stack", STACK)
