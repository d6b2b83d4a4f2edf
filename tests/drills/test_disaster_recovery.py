"""Two instances: drills; the failover instance stands by; a production that comes back is no primary."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.support import docker_engine
from tests.support.drills.benchmarks import benchmarked, moved
from tests.support.drills.cover import drills_of
from tests.support.drills.results import drilled, loses_production, scenario_of
from tests.support.lab import several_sites, trespass
from tests.support.stacks.commands import redlab
from tests.support.stacks.labs import LABS, labs
from tests.support.stacks.runbooks import followed

from redlab import engine
from redlab.control import global_load_balancer, instance_parameters
from redlab.control.isolated_copy import isolated_copy, remove
from redlab.control.lab import Laboratory
from redlab.drift import configured
from redlab.drills.interruption import interrupted
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes import database, replication
from redlab.probes.node_state import all_ready
from redlab.recovery import two_instances
from redlab.recovery.rehearsal import Trial, stored_items
from redlab.results import logbook, practice
from redlab.results.logbook import Practice
from redlab.stack import checkout
from redlab.stack.pulumi import Stack
from redlab.waiting import until
from redundancy.parameters import CONFIGURATION_FILE

pytestmark = pytest.mark.pulumi

STACK, _ = LABS["dr_lab"]


@pytest.fixture(scope="module")
def dr_lab() -> Iterator[Laboratory]:
    with labs.standing(*LABS["dr_lab"]) as lab:
        yield lab


def asked(lab: Laboratory, node: str, port: int, request: str) -> tuple[int, str]:
    """Ask a node from inside, by HTTP; returns status and body."""
    ask = f"exec 3<>/dev/tcp/127.0.0.1/{port}; printf '{request}' >&3; cat <&3"
    head, _, body = (
        engine.execute(lab.inventory.node(node), ["bash", "-c", ask]).replace("\r\n", "\n").partition("\n\n")
    )
    return int(head.split()[1]), body


def get(path: str) -> str:
    return rf"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"


def post(path: str, body: str) -> str:
    header = rf"POST {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return rf"{header}Content-Length: {len(body)}\r\n\r\n{body}"


def test_a_new_lab_has_not_been_practised(dr_lab: Laboratory) -> None:
    inventory = dr_lab.inventory
    # What was practised on the lab that had this name before.
    logbook.add_practice(Practice(inventory.lab, engine.made_at(inventory) - 60, "failover", "dc2", 1.0))
    assert practice.of_lab(inventory) == []
    said = json.loads(redlab("readiness", inventory.lab, "--format", "json", succeeds=False).stdout)
    assert [found["name"] for found in said["findings"] if not found["ready"]] == ["practice"], said


def test_the_failover_instance_stands_by(dr_lab: Laboratory) -> None:
    lab = dr_lab
    assert replication.streaming_standby(lab.inventory) == lab.inventory.node("dc2-db1")
    for name, ready in (("dc1-gw1", 200), ("dc2-gw1", 503), ("dc2-gw2", 503)):
        status, body = asked(lab, name, 8082, get("/readyz"))
        assert (status, json.loads(body)["reason"]) == (ready, "" if ready == 200 else "this instance stands by")
        assert asked(lab, name, 8082, get("/livez"))[0] == 200
    event = '{"collector": "standby-probe", "events": [{"seq": 1, "data": {}}]}'
    status, body = asked(lab, "dc2-gw1", 8080, post("/v1/events", event))
    assert (status, json.loads(body)["error"]) == (503, "this instance stands by")
    for server in ("dc2-dps1", "dc2-dps2"):
        state = json.loads(asked(lab, server, 8090, get("/v1/status"))[1])
        assert (state["state"], state["processed_events"]) == ("standby", 0)


def test_who_waits_for_the_databases_role_keeps_the_session(dr_lab: Laboratory) -> None:
    server = dr_lab.inventory.node("dc2-db1")
    sessions = "SELECT json_object_agg(pid, {}) FROM pg_stat_activity WHERE usename = 'bsm_dc2' AND datname = 'event'"

    def at(moment: str) -> dict[str, str]:
        found: dict[str, str] = database.query_json(server, "postgres", sessions.format(moment))
        return found

    began, asked_at = at("backend_start"), at("query_start")
    # Each of the two gateways asks twice: whether it serves, and who has the services.
    assert len(began) == 6
    assert until(lambda: all(at("query_start").get(pid, "") > since for pid, since in asked_at.items()), 10)
    assert at("backend_start") == began


LOG_IN = """
import psycopg, sys
password = open("/etc/redlab/secrets/database-password").read().strip()
try:
    with psycopg.connect(f"{sys.argv[1]} dbname=event", password=password, connect_timeout=5) as session:
        print(*session.execute("SELECT session_user, current_user").fetchone())
except psycopg.OperationalError as error:
    print(error)
"""


@pytest.mark.parametrize(("site", "port"), [("dc1", 5432), ("dc2", 5433)])
def test_each_server_lets_the_user_of_its_own_instance_in_alone(dr_lab: Laboratory, site: str, port: int) -> None:
    server = dr_lab.inventory.node(f"{site}-dps1")

    def told(user: str) -> str:
        place = f"host={site}-db1 port={port} user={user}"
        return engine.execute(server, ["python3", "-c", LOG_IN, place]).strip()

    other = "dc2" if site == "dc1" else "dc1"
    # It acts as the owner: what one user makes is the other's as well, after a failover.
    assert told(f"bsm_{site}") == f"bsm_{site} redlab"
    for user in (f"bsm_{other}", "redlab"):
        assert f'rejects connection for host "{server.addresses[site]}", user "{user}"' in told(user)


def test_all_four_databases_are_replicated(dr_lab: Laboratory) -> None:
    lab = dr_lab
    for name in ("management", "profile", "event", "rtsm"):
        table = f"CREATE TABLE replicated_{name} AS SELECT 1 AS one"
        command = ["psql", "-X", "-q", "-U", "postgres", "-d", name, "-v", "ON_ERROR_STOP=1", "-c"]
        engine.execute(lab.inventory.node("dc1-db1"), [*command, table])
        read = [*command, f"TABLE replicated_{name}", "-A", "-t"]

        def there(read: list[str] = read) -> bool:
            try:
                return engine.execute(lab.inventory.node("dc2-db1"), read).strip() == "1"
            except RedlabError:
                return False

        assert until(there, 10), name


def test_the_configuration_is_replicated(dr_lab: Laboratory) -> None:
    entered, content = configured.of(dr_lab, None), {"formula": "up / all"}
    entered.put("kpi", "replicated", content)
    read = "SELECT coalesce(json_agg(content), '[]') FROM configuration WHERE name = 'replicated'"

    def there() -> object:
        return database.query_json(dr_lab.inventory.node("dc2-db1"), "management", read)

    assert until(lambda: there() == [content], 10)
    entered.delete("kpi", "replicated")
    assert until(lambda: there() == [], 10)


@pytest.mark.campaign  # the networks are made as those of distributed-ha and of business-continuity, which show it
def test_no_packet_leaves_the_two_instances(dr_lab: Laboratory) -> None:
    several_sites.check_that_no_packet_leaves(dr_lab)


def test_nodes_of_two_instances_may_no_more_than_they_need(dr_lab: Laboratory) -> None:
    several_sites.check_that_nodes_may_no_more_than_they_need(dr_lab)


def test_no_secret_leaks_in_two_instances(dr_lab: Laboratory) -> None:
    several_sites.check_that_no_secret_leaks(dr_lab)


def test_a_gateway_may_no_more_than_it_needs_in_two_instances(dr_lab: Laboratory) -> None:
    trespass.check_that_a_gateway_may_no_more_than_it_needs(dr_lab, "dc1-gw1")


def test_a_dry_run_shows_the_steps_and_changes_nothing(dr_lab: Laboratory) -> None:
    shown = json.loads(redlab("failover", dr_lab.inventory.lab, "--dry-run", "--format", "json").stdout)
    assert [step["step"] for step in shown] == [
        "instance",
        "fence",
        "database",
        "clean-up",
        "services",
        "gateways",
        "clients",
    ]
    assert shown[1]["state"] == "to do"
    assert database.primary(dr_lab.inventory) == dr_lab.inventory.node("dc1-db1")


@drills_of("dr")
def test_drill(dr_lab: Laboratory, title: str) -> None:
    result = drilled(dr_lab, title)
    behind = result["replication"]
    assert bool(behind) == loses_production(dr_lab.inventory, scenario_of(dr_lab.inventory, title))
    if behind:
        assert behind["lost_events_before"] <= behind["lag_events"] + behind["queued_events"]
    if title == "replication-stall":
        # Three seconds at 50 events/s were not replicated; a drill that found none of them lost would be blind.
        assert result["measured"]["lost_events"] > 100
        assert behind["lag_events"] > 100


def sides(lab: Laboratory) -> tuple[Node, Node]:
    """The database servers of production and of what stands by: each move leaves them the other way round."""
    standby, production = streaming_standby(lab), database.primary(lab.inventory)
    assert production
    return production, standby


def streaming_standby(lab: Laboratory) -> Node:
    found = until(lambda: replication.streaming_standby(lab.inventory), 60)
    assert found
    return found


def test_the_runbook_is_true(dr_lab: Laboratory) -> None:
    """Somebody who has nothing but the runbook goes through it by hand."""
    lab = dr_lab
    former, heir = sides(lab)
    planned = [step.name for step in two_instances.steps(lab, heir.site, planned=True)]
    written = followed(lab)
    assert (written["production"], written["failover"]) == (former.site, heir.site)
    assert [instruction["step"] for instruction in written["instructions"]] == planned
    assert all(step.check() for step in two_instances.steps(lab, heir.site, planned=True))
    assert until(lambda: lab.management.reachable_health(), 10)
    assert lab.management.health().services.active == f"{heir.site}-dps1"
    for parameter in written["parameters"]:
        assert instance_parameters.of_site(lab.inventory, heir.site)[parameter["key"]] == parameter["new"]
    assert instance_parameters.foreign(lab.inventory, heir) == []
    redlab("reprotect", lab.inventory.lab)


@pytest.mark.campaign
def test_a_fenced_production_comes_back_as_a_standby_without_a_copy(dr_lab: Laboratory) -> None:
    lab = dr_lab
    former, heir = sides(lab)
    place = ["stat", "--format", "%i", "/var/lib/postgresql/data/cluster"]
    before = engine.execute(former, place)
    redlab("failover", lab.inventory.lab, "--to", heir.site)
    assert database.primary(lab.inventory) == heir
    # Nobody told it anything but the mark on its volume.
    docker_engine.container(former).start()
    assert streaming_standby(lab) == former
    assert not database.accepts_writes(former)
    assert engine.execute(former, place) == before
    assert until(lambda: all_ready(lab.inventory), 60)
    said = json.loads(redlab("reprotect", lab.inventory.lab, "--format", "json").stdout)
    assert said["steps"][0]["skipped"]


@pytest.mark.campaign  # `database-volume-loss-manual` of dr-ucmdb loses it with the mark of the failover, too
def test_what_a_failover_decided_outlives_the_volumes_of_the_former_production_and_of_the_load_balancer(
    dr_lab: Laboratory,
) -> None:
    lab = dr_lab
    former, heir = sides(lab)
    redlab("failover", lab.inventory.lab, "--to", heir.site)
    balancer, server = docker_engine.container(lab.inventory.node("glb1")), docker_engine.container(former)
    balancer.kill(signal="SIGKILL")
    engine.of().erase_volumes(balancer.name)
    balancer.start()
    server.remove(force=True)
    (volume,) = (mount["Name"] for mount in server.attrs["Mounts"] if mount["Type"] == "volume")
    docker_engine.client().volumes.get(volume).remove()
    assert f"created again: {former.container}, " in redlab("up", lab.inventory.lab).stderr
    assert streaming_standby(lab) == former
    assert database.primary(lab.inventory) == heir
    assert not database.accepts_writes(former)
    redlab("heal", lab.inventory.lab)
    assert global_load_balancer.active_site(lab.inventory) == heir.site


@pytest.mark.campaign
def test_a_standby_that_was_away_for_too_long_is_named_and_copied_anew(dr_lab: Laboratory) -> None:
    lab = dr_lab
    primary, standby = sides(lab)
    database.query(primary, "postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'")
    database.query(primary, "postgres", "SELECT pg_reload_conf()")
    (link,) = (link.name for link in lab.inventory.links)
    redlab("link", "cut", lab.inventory.lab, link, "--seconds", "300")
    try:
        for text in (
            "CREATE TABLE much AS SELECT n, repeat(md5(n::text), 20) AS text FROM generate_series(1, 200000) AS n",
            "CHECKPOINT", "SELECT pg_switch_wal()", "DELETE FROM much WHERE n % 2 = 0", "CHECKPOINT",
        ):  # fmt: skip
            database.query(primary, "postgres", text)
    finally:
        redlab("link", "restore", lab.inventory.lab, link)
        database.query(primary, "postgres", "ALTER SYSTEM RESET max_slot_wal_keep_size")
        database.query(primary, "postgres", "SELECT pg_reload_conf()")
    assert "slot lost" in redlab("inspect", lab.inventory.lab).stdout
    assert "`redlab reprotect" in redlab("heal", lab.inventory.lab).stdout
    said = json.loads(redlab("readiness", lab.inventory.lab, "--format", "json", succeeds=False).stdout)
    assert {"replication", "slot"} <= {found["name"] for found in said["findings"] if not found["ready"]}
    redlab("reprotect", lab.inventory.lab)
    assert replication.streaming_standby(lab.inventory) == standby
    assert replication.given_up(lab.inventory) == ""
    database.query(primary, "postgres", "DROP TABLE much")


@pytest.mark.campaign  # `failover-interrupted` resumes a killed procedure too, from before each of its steps
def test_healing_finishes_a_failover_that_was_killed(dr_lab: Laboratory) -> None:
    lab = dr_lab
    former, heir = sides(lab)
    assert interrupted(lab.inventory.lab, heir.site, "database")
    assert database.primary(lab.inventory) is None
    finished = f"the interrupted failover to {heir.site} was finished"
    assert finished in redlab("heal", lab.inventory.lab).stdout
    assert database.primary(lab.inventory) == heir
    assert streaming_standby(lab) == former


def test_force_promotes_where_production_cannot_be_fenced_and_the_next_failover_fences_it(dr_lab: Laboratory) -> None:
    lab = dr_lab
    former, heir = sides(lab)
    # It runs on, out of the reach of whoever would stop it.
    container, elsewhere = docker_engine.container(former), f"{former.container}-elsewhere"
    container.rename(elsewhere)
    try:
        refused = redlab("failover", lab.inventory.lab, "--to", heir.site, succeeds=False)
        assert refused.returncode == 2
        assert "`--force` promotes all the same" in " ".join(refused.stderr.split())
        assert not database.accepts_writes(heir)
        redlab("failover", lab.inventory.lab, "--to", heir.site, "--force")
        assert database.accepts_writes(heir)
        assert database.accepts_writes(replace(former, container=elsewhere))
    finally:
        container.rename(former.container)
    redlab("failover", lab.inventory.lab, "--to", heir.site)
    assert not database.accepts_writes(former)
    redlab("reprotect", lab.inventory.lab)
    assert streaming_standby(lab) == former


def test_readiness(dr_lab: Laboratory) -> None:
    """After the failback, so that those after it find production where it is declared."""
    lab = dr_lab
    redlab("failback", lab.inventory.lab)
    assert until(lambda: all_ready(lab.inventory), 60)
    ready = json.loads(redlab("readiness", lab.inventory.lab, "--format", "json").stdout)
    assert ready["ready"], ready
    standby, server = docker_engine.container(lab.inventory.node("dc2-db1")), lab.inventory.node("dc2-dps1")
    gateway, release = lab.inventory.node("dc2-gw1"), "/usr/lib/os-release"
    configured, system = engine.read_file(server, CONFIGURATION_FILE), engine.read_file(gateway, release)
    engine.write_file(gateway, release, system.replace(b"Debian GNU/Linux", b"Another Linux"))
    engine.write_file(server, CONFIGURATION_FILE, configured.replace(b"dc2-db1", b"dc1-db1"))
    standby.stop()
    try:
        assert until(lambda: replication.streaming_standby(lab.inventory) is None, 30)
        said = redlab("readiness", lab.inventory.lab, "--format", "json", succeeds=False)
    finally:
        standby.start()
        engine.write_file(server, CONFIGURATION_FILE, configured)
        engine.write_file(gateway, release, system)
    assert said.returncode == 1
    unready = {found["name"]: found["found"] for found in json.loads(said.stdout)["findings"] if not found["ready"]}
    assert {"nodes", "replication", "configuration files of dc2", "counterparts: gateway"} <= unready.keys()
    assert "dc2-gw1 has operating system Another Linux" in unready["counterparts: gateway"]
    assert "dc2-gw2" not in unready["counterparts: gateway"]
    assert streaming_standby(lab)


def test_a_copy_that_is_connected_is_not_isolated_and_one_that_lost_events_is_found(dr_lab: Laboratory) -> None:
    lab = dr_lab
    with isolated_copy(lab.inventory, "dc2", "dc1-db1") as copies:
        trial = Trial(lab.inventory, copies, print)
        assert [*trial.standing_by(), *trial.connected()] == []
        held = stored_items(trial.server)
        assert trial.recover() > 0
        (missing,) = trial.checked(held + 1)
        assert missing == (
            f"the copy has {held} events, metrics and topology items, {held + 1} were there when it was made"
        )
        (site,) = docker_engine.client().networks.list(names=[lab.inventory.networks["dc1"].name])
        site.connect(docker_engine.container(next(node for node in copies if node.role == "gateway")))
        (connected,) = trial.connected()
        assert "dc1-db1" in connected
    assert remove(lab.inventory) == 0
    assert replication.streaming_standby(lab.inventory) == lab.inventory.node("dc2-db1")


@pytest.mark.campaign
def test_what_a_killed_test_failover_left_is_removed(dr_lab: Laboratory) -> None:
    lab = dr_lab
    command = ["./redlab", "drill", lab.inventory.lab, "test-failover"]
    with subprocess.Popen(command, cwd=checkout.ROOT, stderr=subprocess.DEVNULL, env=checkout.environment()) as drill:
        copies = {"label": ["io.redundancy-lab.copy=true", f"io.redundancy-lab.lab={lab.inventory.lab}"]}
        found = until(lambda: docker_engine.client().containers.list(all=True, filters=copies), 60)
        drill.kill()
    assert found
    assert "the copy of a test failover removed" in redlab("heal", lab.inventory.lab).stdout
    assert docker_engine.client().containers.list(all=True, filters=copies) == []
    assert docker_engine.client().networks.list(filters=copies) == []
    assert docker_engine.client().volumes.list(filters=copies) == []


def test_a_switchover_without_replication_is_refused(dr_lab: Laboratory) -> None:
    lab = dr_lab
    standby = lab.inventory.node("dc2-db1")
    docker_engine.container(standby).pause()
    try:
        refused = redlab("switchover", lab.inventory.lab, "--to", "dc2", succeeds=False)
    finally:
        docker_engine.container(standby).unpause()
    assert refused.returncode == 2
    assert "dc2 cannot take over" in refused.stderr
    assert database.primary(lab.inventory) == lab.inventory.node("dc1-db1")
    assert two_instances.steps(lab, "dc1", planned=True)[1].check()


@pytest.mark.campaign
@pytest.mark.alone
def test_replication_is_measured_in_normal_operation_and_in_a_failover(dr_lab: Laboratory) -> None:
    found = benchmarked(dr_lab.inventory.lab, 5)
    assert found["latency"]["verdict"] == "no limit"
    assert {("normal", "dc1 to dc2"), ("failover", "dc2 to dc1")} <= moved(found, "replication")
    assert database.primary(dr_lab.inventory) == dr_lab.inventory.node("dc1-db1")
    assert streaming_standby(dr_lab) == dr_lab.inventory.node("dc2-db1")


@pytest.mark.campaign
def test_drills_leave_no_change(dr_lab: Laboratory) -> None:
    Stack(STACK).run("preview", "--refresh", "--expect-no-changes", "--stack", STACK)
