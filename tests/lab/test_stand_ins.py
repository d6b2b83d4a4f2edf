"""The stand-ins keep their promises: durable acknowledgements, one active DPS, nothing lost, nothing twice."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests
from tests.support.lab.stand_ins import AUDIT, TOKEN, StandIns, eventually, history, measured, said, started

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.docker


@pytest.fixture
def lab(images: None, tmp_path: Path, request: pytest.FixtureRequest) -> StandIns:
    """Stand-ins of one test's own."""
    return started(tmp_path, request)


def late_writes_of_former_epochs(lab: StandIns) -> int:
    return int(
        lab.sql(
            "SELECT count(*) FROM events e WHERE e.processed_at >"
            " (SELECT min(acquired_at) FROM lease_history h WHERE h.epoch > e.epoch)"
        )
    )


def test_a_chunk_of_which_the_events_were_not_committed_is_taken_out_again(lab: StandIns) -> None:
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(lab.sql, "BEGIN; LOCK TABLE events; SELECT pg_sleep(60); COMMIT")
        holder = "FROM pg_locks WHERE mode = 'AccessExclusiveLock'"
        eventually(lambda: lab.sql(f"SELECT count(*) {holder}") == "1")
        assert lab.send_items("gw1", "c", measured(1), {"seq": 2, "data": {}}, said(3, 3)) == 200
        eventually(lambda: lab.sql("SELECT count(*) FROM topology_log", "rtsm") == "1")
        # Metric and topology are committed, the event is not, nor will it be: nobody waits longer than 2 s for a lock.
        # What took the chunk out dies now.
        lab.nodes["dps1"].kill()
        assert lab.pending("gw1") == 3
        eventually(lambda: lab.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0")
        lab.sql(f"SELECT pg_terminate_backend(pid) {holder}")
        with pytest.raises(AssertionError, match="terminating connection"):
            held.result()
    assert lab.count("c") == 0
    assert lab.manage("POST", "/services/reassign", {"to": "dps2"}).status_code == 200
    eventually(lambda: lab.count("c") == 1 and lab.pending("gw1") == 0)
    assert lab.sql("SELECT dps FROM metrics", "profile") == lab.sql("SELECT dps FROM topology_log", "rtsm") == "dps1"
    assert lab.sql("SELECT version FROM configuration_items", "rtsm") == "1"


POISON = """
import sqlite3
events = ('{"seq": 1, "data": {}}', '{"seq": 2, "data": {"a": "\\\\ud800"}}', '{"seq": 3, "data": {}}')
body = '{"collector": "poisoned", "events": [%s]}' % ", ".join(events)
with sqlite3.connect("/var/lib/gateway/queue.sqlite") as queue:
    queue.execute("INSERT INTO batch (accepted_at, events, body) VALUES (1, 3, ?)", (body.encode(),))
"""


def test_acknowledged_events_survive_a_killed_gateway(lab: StandIns) -> None:
    lab.nodes["dps1"].kill()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda seq: lab.send("gw1", "kept", seq), range(200))) == {200}
    lab.nodes["gw1"].kill()
    # What no gateway takes from a collector: one of another make may have.
    lab.on_volume("gw1", POISON)
    lab.nodes["gw1"].start()
    assert eventually(lambda: lab.pending("gw1")) == 203
    assert lab.send("gw1", "flood", 0, 4797) == 200
    assert lab.send("gw1", "flood", 4797, 1) == 503  # REDLAB_QUEUE_LIMIT_EVENTS
    assert "events wait" in lab.ready("gw1")
    # The other one's volume is full by what is not its own.
    assert lab.send("gw2", "beside", 0, 100) == 200
    lab.inside("gw2", "sh", "-c", "dd if=/dev/zero of=/var/lib/gateway/other bs=64k 2> /dev/null || true")
    assert "volume" in lab.ready("gw2")
    assert lab.send("gw2", "beside", 100) == 503
    lab.nodes["dps1"].start()
    eventually(lambda: lab.count("kept") == 200 and lab.count("flood") == 4797 and lab.count("poisoned") == 2)
    (rejected,) = lab.sql("SELECT gateway, content FROM rejected").splitlines()
    assert rejected.startswith("gw1|")
    assert '"seq": 2' in rejected
    assert requests.get(lab.url("dps1", 8090, "/v1/status"), timeout=1).json()["rejected_events"] == 1
    # It is emptied all the same, and takes in again as soon as there is room.
    eventually(lambda: lab.count("beside") == 100 and lab.pending("gw1") == lab.pending("gw2") == 0)
    assert "full" in lab.ready("gw2")
    lab.inside("gw2", "rm", "/var/lib/gateway/other")
    eventually(lambda: lab.ready("gw2") == "" and lab.send("gw2", "beside", 100) == 200 and lab.count("beside") == 101)
    assert history(lab) == ["1|dps1|first-start", "2|dps1|restart"]


def test_without_the_controller_users_wait_for_the_operator(lab: StandIns) -> None:
    lab.nodes["dps1"].kill()
    eventually(lambda: lab.users().status_code == 503)
    assert lab.users().headers["Retry-After"] == "1"
    eventually(lambda: float(lab.sql("SELECT extract(epoch FROM clock_timestamp() - expires_at) FROM lease")) > 1)
    assert lab.state("dps2") == "standby"
    assert lab.send("gw1", "collected", 1) == lab.send("gw2", "collected", 2) == 200
    assert lab.manage("GET", "/health").json()["services"]["state"] == "none"

    assert lab.manage("PUT", "/controller", {"automatic_failover": True}, token="wrong").status_code == 401
    assert lab.manage("PUT", "/controller", {"automatic_failover": True}).status_code == 200
    eventually(lambda: lab.users().status_code == 200 and lab.count("collected") == 2)
    assert history(lab)[-1] == "2|dps2|automatic-failover"
    health = lab.manage("GET", "/health").json()
    assert health["controller"] == {"automatic_failover": True}
    assert (health["services"]["active"], health["services"]["state"]) == ("dps2", "active")
    states = {node["name"]: node["state"] for node in health["nodes"]}
    assert states == {"gw1": "ready", "gw2": "ready", "dps1": "unreachable", "dps2": "active", "database": "ready"}
    assert lab.sql(AUDIT, "management") == ('automatic-failover|{"automatic_failover": true}')


def test_who_logs_in_to_system_health_can_do_what_the_administrator_can(lab: StandIns) -> None:
    page = requests.get(lab.url("gw1", 8081, "/system-health"), timeout=3)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    given = lab.manage("POST", "/sessions", {"password": TOKEN}, token="")
    assert given.status_code == 201
    session = given.json()["session"]
    assert TOKEN not in session
    # Another gateway knows the session too.
    seen = lab.manage("GET", "/system-health", token=session, gateway="gw2").json()
    assert (seen["replication"], seen["reason"]) == ({"standby": False, "followers": [], "lost": []}, None)
    assert {node["name"] for node in seen["nodes"]} == {"gw1", "gw2", "dps1", "dps2", "database"}
    # What a page of another origin has a browser send, even if it knew the session.
    forged = {"Origin": "http://127.0.0.1:1"}
    assert lab.manage("POST", "/services/reassign", {"to": "dps2"}, token=session, **forged).status_code == 403
    assert lab.manage("POST", "/sessions", {"password": TOKEN}, token="", **forged).status_code == 403
    assert lab.manage("POST", "/services/reassign", {"to": "dps2"}, token=f"{session}0").status_code == 401
    assert history(lab) == ["1|dps1|first-start"]
    assert lab.manage("POST", "/services/reassign", {"to": "dps2"}, token=session).status_code == 200
    eventually(lambda: lab.state("dps2") == "active")
    verifier = "SELECT rolpassword FROM pg_authid WHERE rolname = 'redlab'"
    before = lab.sql(verifier)
    # What is not known is null while the database is away, and the page goes on.
    lab.nodes["db"].kill(signal=signal.SIGKILL)

    def seen_without_database() -> bool:
        seen = lab.manage("GET", "/system-health", token=session).json()
        known = (seen["replication"], seen["controller"]["automatic_failover"], seen["reason"])
        return known == (None, None, "the database does not answer")

    eventually(seen_without_database)
    # The database comes back with another password: who has the former one says so, who is started again has it.
    lab.set_password("another:one\\")
    lab.nodes["db"].start()
    eventually(lambda: lab.sql(verifier) != before)
    lab.nodes["db"].restart(timeout=1)  # once more: who was faster than the change is out again
    eventually(lambda: "does not accept" in str(lab.manage("GET", "/system-health", token=session).json()["reason"]))
    for name in ("gw1", "dps1", "dps2"):
        lab.nodes[name].restart(timeout=1)
    eventually(lambda: lab.users().status_code == 200)
    assert "another:one" not in lab.nodes["db"].logs().decode()


def test_who_guesses_is_told_to_wait_and_keeps_nobody_out(lab: StandIns) -> None:
    for malformed in ({}, {"password": 1}, ["password"]):
        assert lab.manage("POST", "/sessions", malformed, token="").status_code == 400
    session = lab.manage("POST", "/sessions", {"password": TOKEN}, token="").json()["session"]
    for _ in range(3):
        assert lab.manage("POST", "/sessions", {"password": "wrong"}, token="").status_code == 401
        assert lab.manage("GET", "/health", token=f"{session}0").status_code in (401, 429)
    for refused in (
        lab.manage("POST", "/sessions", {"password": "wrong"}, token=""),
        lab.manage("GET", "/health", token="wrong"),
    ):
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 61
        assert TOKEN not in refused.text
    # All come from one address here, as behind a published port.
    assert lab.manage("GET", "/health").status_code == 200
    assert lab.manage("GET", "/health", token=session).status_code == 200
    assert lab.manage("POST", "/sessions", {"password": TOKEN}, token="").status_code == 201

    assert lab.manage("DELETE", "/sessions").status_code == 400  # the token is no session
    assert lab.manage("DELETE", "/sessions", token=session).status_code == 200
    assert lab.manage("GET", "/health", token=session).status_code == 401
    eventually(lambda: lab.manage("GET", "/health", token=session, gateway="gw2").status_code == 401)
    audit = "SELECT action, actor, count(*) FROM audit GROUP BY 1, 2 ORDER BY 1"
    expected = ["log-in|administrator|2", "log-in-refused|unknown|5", "log-out|administrator|1"]
    eventually(lambda: lab.sql(audit, "management").splitlines() == expected)


def test_services_move_when_they_are_reassigned(lab: StandIns) -> None:
    assert lab.manage("POST", "/services/reassign", {"to": "dps9"}).status_code == 404
    assert lab.manage("POST", "/services/reassign", {"to": "dps2"}).json() == {"assigned_to": "dps2", "epoch": 1}
    eventually(lambda: lab.users().json().get("processed_by") == "dps2")
    eventually(lambda: lab.state("dps1") == "standby")
    assert history(lab)[-1] == "2|dps2|reassigned"
    assert lab.sql(AUDIT, "management") == 'reassign-services|{"to": "dps2"}'


def test_a_paused_server_comes_back_fenced(lab: StandIns) -> None:
    assert lab.manage("PUT", "/controller", {"automatic_failover": True}).status_code == 200
    assert lab.send("gw1", "fencing", 0, 100) == 200
    lab.nodes["dps1"].pause()
    assert lab.send("gw1", "fencing", 100, 100) == 200
    eventually(lambda: lab.state("dps2") == "active")
    lab.nodes["dps1"].unpause()
    eventually(lambda: lab.state("dps1") == "standby")
    assert lab.send("gw1", "fencing", 200, 100) == 200
    eventually(lambda: lab.count("fencing") == 300)
    assert late_writes_of_former_epochs(lab) == 0
    assert history(lab) == ["1|dps1|first-start", "2|dps2|automatic-failover"]
    # A late one would be seen.
    lab.sql("INSERT INTO events VALUES ('saboteur', 1, 'gw1', now(), clock_timestamp(), 'dps1', 1, '{}')")
    assert late_writes_of_former_epochs(lab) == 1


def test_services_take_their_time_to_start(lab: StandIns) -> None:
    for server in ("dps1", "dps2"):
        lab.nodes.pop(server).remove(force=True)
    lab.start_server("dps1", REDLAB_SERVICE_START_SECONDS="3")
    eventually(lambda: lab.state("dps1") == "starting" and lab.users().status_code == 503)
    assert "starting" in eventually(lambda: "starting" in (reason := lab.users().json().get("error", "")) and reason)
    eventually(lambda: lab.state("dps1") == "active" and lab.users().status_code == 200)
    took = "SELECT active_at - acquired_at >= interval '3 s' FROM lease_history ORDER BY epoch DESC LIMIT 1"
    assert lab.sql(took) == "t"


def test_a_database_crash_loses_nothing(lab: StandIns) -> None:
    assert lab.manage("PUT", "/controller", {"automatic_failover": True}).status_code == 200
    assert lab.send("gw1", "crash", 0, 1000) == 200
    lab.nodes["db"].kill(signal=signal.SIGKILL)
    assert lab.send("gw1", "crash", 1000, 1000) == lab.send("gw2", "crash", 2000, 1000) == 200
    eventually(lambda: lab.users().status_code == 503)
    assert lab.manage("GET", "/health").status_code == 503
    assert lab.manage("POST", "/services/reassign", {"to": "dps2"}).status_code == 503
    assert lab.healthy("gw1") and lab.healthy("dps1")
    lab.nodes["db"].start()
    eventually(lambda: lab.healthy("db"))
    eventually(lambda: lab.users().status_code == 200 and lab.count("crash") == 3000)
    assert history(lab) == ["1|dps1|first-start"]  # the holder was well: no failover


def test_a_clean_stop_is_quick_and_hands_over(lab: StandIns) -> None:
    assert lab.manage("PUT", "/controller", {"automatic_failover": True}).status_code == 200
    lab.nodes["dps1"].stop(timeout=5)
    lab.nodes["dps1"].reload()
    assert lab.nodes["dps1"].attrs["State"]["ExitCode"] == 0
    eventually(lambda: lab.users().json().get("processed_by") == "dps2")
    for node in ("gw2", "db"):
        lab.nodes[node].stop(timeout=5)
        lab.nodes[node].reload()
        assert lab.nodes[node].attrs["State"]["ExitCode"] == 0
