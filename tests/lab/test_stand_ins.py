"""The stand-ins keep their promises: durable acknowledgements, one active DPS, nothing lost, nothing twice."""

from __future__ import annotations

import gzip
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests
from stand_ins import TOKEN, StandIns, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

pytestmark = pytest.mark.docker


@pytest.fixture
def lab(images: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[StandIns]:
    """Gateways that started without a database, then the database, then dps1 (the primary) and dps2."""
    stand_ins = StandIns(tmp_path_factory.mktemp("secrets"))
    request.addfinalizer(stand_ins.close)
    stand_ins.start_gateway("gw1", REDLAB_QUEUE_LIMIT_EVENTS="5000")
    stand_ins.start_gateway("gw2", volume_mebibytes=64)
    stand_ins.start_database()
    eventually(lambda: stand_ins.healthy("gw1") and stand_ins.healthy("gw2") and stand_ins.healthy("db"), 60)
    stand_ins.start_server("dps1")
    eventually(lambda: stand_ins.state("dps1") == "active")
    stand_ins.start_server("dps2")
    eventually(lambda: stand_ins.state("dps2") == "standby" and stand_ins.users().status_code == 200)
    yield stand_ins


AUDIT = "SELECT action, detail FROM audit WHERE action NOT LIKE 'log-%'"


def history(lab: StandIns) -> list[str]:
    return lab.sql("SELECT epoch, dps, reason FROM lease_history ORDER BY epoch").splitlines()


def late_writes_of_former_epochs(lab: StandIns) -> int:
    return int(
        lab.sql(
            "SELECT count(*) FROM events e WHERE e.processed_at >"
            " (SELECT min(acquired_at) FROM lease_history h WHERE h.epoch > e.epoch)"
        )
    )


def test_events_reach_the_database_once_and_users_see_them(lab: StandIns) -> None:
    assert history(lab) == ["1|dps1|first-start"]
    assert lab.send("gw1", "twice", 1, 100) == 200
    assert lab.send("gw2", "twice", 1, 100) == 200  # the same batch, by another gateway
    assert lab.send("gw1", "twice", 51, 100) == 200
    eventually(lambda: lab.count("twice") == 150 and lab.pending("gw1") == lab.pending("gw2") == 0)
    recent = lab.users().json()
    assert (recent["processed_by"], recent["epoch"]) == ("dps1", 1)
    assert {event["collector"] for event in recent["events"]} == {"twice"}
    page = requests.get(lab.url("gw2", 8081, "/"), timeout=3)
    assert page.status_code == 200
    assert page.headers["X-Redlab-Node"] == "gw2"
    assert "twice" in page.text
    assert lab.sql("SHOW fsync; SHOW synchronous_commit; SHOW full_page_writes").split() == ["on", "on", "on"]


def one_event(data: bytes) -> bytes:
    return b'{"collector": "bad", "events": [{"seq": 1, "data": %b}]}' % data


BAD = [
    (one_event(b'{"text": "a\\u0000b"}'), 400),
    (one_event(b'{"text": "\\ud800", "text": "x"}'), 400),
    (one_event(b'{"numbers": [%b1]}' % (b"1e99," * 100_000)), 400),
    (one_event(b'{"text": "%b"}' % (b"x" * 70_000)), 400),
    (one_event(b'{"deep": %b1%b}' % (b"[" * 50, b"]" * 50)), 400),
    (b'{"collector": "bad", "events": []}', 400),
    (b"[" * 60_000, 400),
    ((b"9" * 299 + b" ") * 3400, 400),
    (b"{" + b" " * 1024 * 1024 + b"}", 413),
]


def test_a_bad_body_is_refused_and_blocks_nothing(lab: StandIns) -> None:
    url = lab.url("gw1", 8080, "/v1/events")
    for body, status in BAD:
        assert requests.post(url, data=body, timeout=5).status_code == status, body[:80]
        # In pieces, without a length.
        assert requests.post(url, data=iter([body[:10], body[10:]]), timeout=5).status_code == status, body[:80]
    inflated = gzip.compress(b" " * 200_000_000, 1)
    for node, port, path in (
        *[("gw1", port, path) for port, path in ((8080, "/v1/events"), (8081, "/management/v1/sessions"))],
        *(("gw1", 8082, "/v1/pull"), ("dps1", 8090, "/v1/status")),
    ):
        answer = requests.post(
            lab.url(node, port, path), data=inflated, headers={"Content-Encoding": "gzip"}, timeout=5
        )
        assert answer.status_code == 415
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert lab.manage("POST", "/sessions", token="", data=b"[" * 60_000).status_code == 400
    assert requests.get(lab.url("gw1", 8081, "/"), timeout=3).headers["Content-Security-Policy"]
    assert [node.name for node in lab.nodes.values() if restarted(node)] == []
    assert lab.send("gw1", "good", 1) == 200
    eventually(lambda: lab.count("good") == 1 and lab.pending("gw1") == 0)
    assert lab.count("bad") == 0


def restarted(node: Container) -> bool:
    node.reload()
    return bool(node.attrs["RestartCount"]) or node.status != "running"


def said(seq: int, value: int | None) -> dict[str, object]:
    attributes = None if value is None else {"value": value}
    return {"seq": seq, "kind": "topology", "data": {"type": "host", "name": "h", "attributes": attributes}}


def measured(seq: int) -> dict[str, object]:
    return {"seq": seq, "kind": "metric", "data": {"metric": "m", "value": seq}}


def test_a_body_may_come_in_pieces_but_not_for_ever(lab: StandIns) -> None:
    place = urlsplit(lab.url("gw1", 8080, "/v1/events"))
    body = one_event(b"{}")
    head = b"POST /v1/events HTTP/1.1\r\nHost: gw1\r\nContent-Length: %d\r\n\r\n" % len(body)

    def status(*pieces: bytes) -> int:
        with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.2)
            return int(connection.recv(12)[9:])

    with ThreadPoolExecutor() as pool:
        whole = pool.submit(status, head + body)
        pieces = pool.submit(status, head, body[:10], body[10:])
        never = pool.submit(status, head, body[:10])
        assert (whole.result(), pieces.result(), never.result()) == (200, 200, 408)
    eventually(lambda: lab.count("bad") == 1)


def test_metrics_and_topology_reach_their_databases_once(lab: StandIns) -> None:
    event: dict[str, object] = {"seq": 3, "data": {"value": 3}}
    for gateway in ("gw1", "gw2"):  # the same batch, by another gateway
        assert lab.send_items(gateway, "c", measured(1), measured(2), event, said(9, 9)) == 200
    eventually(lambda: lab.pending("gw1") == lab.pending("gw2") == 0)
    counts = {"event": "events", "profile": "metrics", "rtsm": "topology_log"}
    assert [lab.sql(f"SELECT count(*) FROM {table}", name) for name, table in counts.items()] == ["1", "2", "1"]
    item = "SELECT attributes, version, origin FROM configuration_items WHERE type = 'host' AND name = 'h'"
    assert lab.sql(item, "rtsm") == '{"value": 9}|1|dc1'
    # What was said before comes later: it is logged, and what was said last stays.
    assert lab.send_items("gw1", "c", said(5, 5)) == 200
    eventually(lambda: lab.sql("SELECT count(*) FROM topology_log", "rtsm") == "2")
    assert lab.sql(item, "rtsm") == '{"value": 9}|1|dc1'
    assert lab.send_items("gw1", "c", said(10, None)) == 200
    eventually(lambda: lab.sql(item, "rtsm") == "|2|dc1")
    assert requests.get(lab.url("dps1", 8090, "/v1/status"), timeout=1).json()["processed_metrics"] == 2
    # What is older than the retention goes, and nothing else.
    lab.sql("UPDATE metrics SET processed_at = processed_at - interval '7 days 1 s' WHERE seq = 1", "profile")
    lab.sql("UPDATE topology_log SET processed_at = processed_at - interval '7 days 1 s' WHERE seq = 9", "rtsm")
    lab.sql("UPDATE lease_history SET acquired_at = acquired_at - interval '8 days'")
    eventually(lambda: lab.sql("SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM topology_log", "rtsm") == "5 10")
    eventually(lambda: lab.sql("SELECT seq FROM metrics", "profile") == "2")
    assert history(lab) == ["1|dps1|first-start"]
    assert lab.count("c") == 1


def test_a_chunk_of_which_the_events_were_not_committed_is_taken_out_again(lab: StandIns) -> None:
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(lab.sql, "BEGIN; LOCK TABLE events; SELECT pg_sleep(3); COMMIT")
        eventually(lambda: lab.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'") != "0")
        assert lab.send_items("gw1", "c", measured(1), {"seq": 2, "data": {}}, said(3, 3)) == 200
        eventually(lambda: lab.sql("SELECT count(*) FROM topology_log", "rtsm") == "1")
        # Metric and topology are committed, the event is not, nor will it be: nobody waits longer than 2 s for a lock.
        # What took the chunk out dies now.
        lab.nodes["dps1"].kill()
        assert lab.pending("gw1") == 3
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


def fired(lab: StandIns) -> list[str]:
    return lab.sql("SELECT alert, collector, seq FROM alerts_fired ORDER BY 1, 2, 3").splitlines()


def test_an_alert_fires_once_with_its_event_and_not_in_a_downtime(lab: StandIns) -> None:
    alert = "/configuration/alert/web%20failed%2F1"
    failed = {"collector": "web*", "field": "status", "equals": "failed"}
    assert lab.manage("PUT", alert, failed, token="wrong").status_code == 401
    assert lab.manage("PUT", alert, failed, Origin="http://127.0.0.1:1").status_code == 403
    refused = lab.manage("PUT", alert, {"field": "status"})
    assert (refused.status_code, "exactly one of equals" in refused.json()["error"]) == (400, True)
    assert lab.manage("PUT", alert, {**failed, "to": "x" * 16384}).status_code == 413
    assert lab.manage("PUT", "/configuration/topology/x", {}).status_code == 404
    assert lab.manage("PUT", alert, failed).status_code == 201
    assert lab.manage("PUT", alert, {**failed, "severity": "major"}).status_code == 200
    (item,) = [one for one in lab.manage("GET", "/configuration/alert").json()["items"] if "web" in one["name"]]
    assert (item["name"], item["problem"]) == ("web failed/1", None)
    assert lab.manage("GET", alert, gateway="gw2").json() == item

    first = sent_until(lab, 1, fires=True) + 1
    # Each event twice, by both gateways; the second time with another value, which nobody stores.
    for gateway, status in (("gw1", "failed"), ("gw2", "ok"), ("gw2", "failed")):
        assert lab.send(gateway, "web1", first, 2, status=status) == 200
        assert lab.send(gateway, "db1", 1, status=status) == 200
        eventually(lambda: lab.count("web1") == first + 1 and lab.pending("gw1") == lab.pending("gw2") == 0)
    assert [line for line in fired(lab) if int(line.rpartition("|")[2]) >= first] == [
        f"web failed/1|web1|{seq}" for seq in (first, first + 1)
    ]
    assert not [line for line in fired(lab) if "db1" in line]
    newest = lab.manage("GET", "/alerts").json()["alerts"][0]
    assert (newest["alert"], newest["collector"], newest["dps"]) == ("web failed/1", "web1", "dps1")

    span = {"from": "2020-01-01T00:00Z", "to": "2100-01-01T00:00Z", "collector": "web*"}
    assert lab.manage("PUT", "/configuration/downtime/now", span).status_code == 201
    last = sent_until(lab, first + 2, fires=False)
    assert lab.manage("DELETE", "/configuration/downtime/now").status_code == 200
    assert lab.manage("DELETE", "/configuration/downtime/now").status_code == 404
    sent_until(lab, last + 1, fires=True)
    said = f"SELECT action, detail ->> 'name' FROM ({AUDIT} ORDER BY at) AS said"
    actions = lab.sql(said, "management").splitlines()
    assert actions == [*["configure|web failed/1"] * 2, "configure|now", "delete-configuration|now"]


def sent_until(lab: StandIns, first: int, *, fires: bool) -> int:
    """Send events to alert for, one by one, until what was configured takes effect; returns the last one's number."""
    numbers = iter(range(first, first + 1000))

    def sent() -> int:
        seq = next(numbers)
        assert lab.send("gw1", "web1", seq, status="failed") == 200
        eventually(lambda: lab.count("web1") == seq)
        return seq if (f"web failed/1|web1|{seq}" in fired(lab)) is fires else 0

    return eventually(sent)


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


def test_a_late_write_of_a_former_epoch_would_be_seen(lab: StandIns) -> None:
    assert lab.manage("POST", "/services/reassign", {"to": "dps2"}).status_code == 200
    eventually(lambda: lab.state("dps2") == "active")
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
