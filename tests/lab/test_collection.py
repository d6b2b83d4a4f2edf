"""What is sent reaches the databases once, users see it, alerts fire; what is no event is refused."""

from __future__ import annotations

import gzip
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests
from tests.support.lab.stand_ins import AUDIT, StandIns, eventually, history, measured, said, started

if TYPE_CHECKING:
    from docker.models.containers import Container

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def lab(images: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> StandIns:
    """One for all of these tests: they leave its nodes as they are, and tell what they have sent by its name."""
    return started(tmp_path_factory.mktemp("secrets"), request)


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


def test_a_body_may_come_in_pieces_but_not_for_ever(lab: StandIns) -> None:
    place = urlsplit(lab.url("gw1", 8080, "/v1/events"))
    body = one_event(b"{}").replace(b"bad", b"pieces")
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
    eventually(lambda: lab.count("pieces") == 1)


def test_metrics_and_topology_reach_their_databases_once(lab: StandIns) -> None:
    event: dict[str, object] = {"seq": 3, "data": {"value": 3}}
    for gateway in ("gw1", "gw2"):  # the same batch, by another gateway
        assert lab.send_items(gateway, "c", measured(1), measured(2), event, said(9, 9)) == 200
    eventually(lambda: lab.pending("gw1") == lab.pending("gw2") == 0)
    counted = {
        database: lab.sql(f"SELECT count(*) FROM {table} WHERE collector = 'c'", database)
        for database, table in {"event": "events", "profile": "metrics", "rtsm": "topology_log"}.items()
    }
    assert counted == {"event": "1", "profile": "2", "rtsm": "1"}
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
