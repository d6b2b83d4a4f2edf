"""Whatever is sent to a lab by way of its load balancers, no node is restarted, and who comes next is served."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import random
import subprocess
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from redlab_gateway.batches import MalformedBatchError, parse
from tests.support.lab import jsonb_rule

from redlab.probes.node_state import node_states
from redlab.waiting import until

if TYPE_CHECKING:
    from redlab.control.lab import Laboratory

pytestmark = pytest.mark.pulumi

SECONDS = 8
MIB = 1024 * 1024
_TAKES = """
    CREATE FUNCTION pg_temp.takes(said bytea) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM convert_from(said, 'utf8')::jsonb;
        RETURN true;
    EXCEPTION WHEN OTHERS THEN
        RETURN false;
    END $$;
"""


async def ask(url: str, request: bytes, seconds: float = SECONDS) -> int:
    """Send bytes; returns the status of the answer, 0 when there is none in time."""
    place = urlsplit(url)
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            try:
                writer.write(request)
                answer = await reader.read(12)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return 0
    return int(answer[9:12] or 0)


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: lab", "Connection: close", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n".encode()


def event(data: bytes) -> bytes:
    return b'{"collector": "hostile", "events": [{"seq": 1, "data": %b}]}' % data


async def alone(collectors: str, users: str) -> None:
    """What one request does."""
    inflated = gzip.compress(b" " * 200_000_000, 1)
    for url, path in ((collectors, "/v1/events"), (users, "/management/v1/sessions")):
        assert await ask(url, post(path, inflated, "Content-Encoding: gzip")) == 415
        assert await ask(url, post(path, b"[" * 60_000)) == 400
    for data in (b'{"a":"\\ud800","a":"x"}', b'{"a":[%b1]}' % (b"1e99," * 200_000), b'{"a":"\\u0000","a":1}'):
        assert await ask(collectors, post("/v1/events", event(data))) == 400
    assert await ask(collectors, post("/v1/events", (b"9" * 299 + b" ") * 3400)) == 400


async def together(collectors: str, users: str) -> tuple[Counter[int], Counter[int], Counter[int]]:
    """What many do at once: large headers that do not end, large bodies, and users who look on."""
    unending = get("/")[:-2] + b"X: " + b"x" * 55_000
    headers = Counter(await asyncio.gather(*(ask(users, unending, 1) for _ in range(600))))
    large = post("/v1/events", b'["%b",%b1]' % (b"x" * (MIB // 2), b"{}," * 60_000))
    bodies = Counter(await asyncio.gather(*(ask(collectors, large) for _ in range(150))))
    place = urlsplit(users)
    streams = await asyncio.gather(*(asyncio.open_connection(place.hostname, place.port) for _ in range(130)))
    try:
        for _, writer in streams:
            writer.write(get("/api/v1/live"))
        async with asyncio.timeout(SECONDS):
            looking = Counter(await asyncio.gather(*(reader.read(12) for reader, _ in streams)))
        assert await ask(users, get("/api/v1/recent")) == 200
    finally:
        for _, writer in streams:
            writer.close()
    return headers, bodies, Counter({int(said[9:12]): many for said, many in looking.items()})


def test_no_request_restarts_a_node(ha_lab: Laboratory) -> None:
    urls = ha_lab.inventory.urls
    collectors, users = urls["collectors"][0], urls["users"][0]
    before = {state.name: state.restarts for state in node_states(ha_lab.inventory)}

    def well() -> bool:
        states = node_states(ha_lab.inventory)
        return all(state.ready for state in states) and asyncio.run(ask(users, get("/api/v1/recent"))) == 200

    assert until(well, 30)
    asyncio.run(alone(collectors, users))
    headers, bodies, looking = asyncio.run(together(collectors, users))
    # Turned away before it was read, told that it takes too long, or that it is too large.
    assert set(headers) <= {0, 400, 408}
    assert bodies[400] > 0
    assert set(bodies) <= {0, 400, 503, 504}
    assert looking == {200: 100, 503: 30}
    assert until(well, 30)
    assert {state.name: state.restarts for state in node_states(ha_lab.inventory)} == before
    good = json.dumps({"collector": "after-hostile", "events": [{"seq": 1, "data": {}}]}).encode()
    assert asyncio.run(ask(collectors, post("/v1/events", good))) == 200
    stored = "SELECT count(*) FROM events WHERE collector IN ('hostile', 'after-hostile')"
    assert until(lambda: sql(ha_lab, stored) == "1", 10)


def sql(lab: Laboratory, text: str) -> str:
    (node,) = lab.inventory.of_role("database")
    psql = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "event"]
    command = ["docker", "exec", "-i", node.container, *psql]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout.strip()


def made() -> list[str]:
    """Put texts together by chance, the same each time."""
    chance = random.Random(18)  # noqa: S311
    pieces = (
        *("[", "]", "{", "}", ":", ",", '"', '"a"', "\\", "u0000", "\\ud83d", "\\ude00"),
        *("1", "e9", "e308", "-", ".", " "),
    )
    found = {"".join(chance.choices(pieces, k=chance.randint(1, 8))) for _ in range(2000)}
    return sorted({*found, *(f'{{"a":"{text}"}}' for text in found)})


def test_what_a_gateway_takes_postgresql_takes(ha_lab: Laboratory) -> None:
    tried = [*made(), *jsonb_rule.TEXTS]
    encoded = (base64.b64encode(text.encode()).decode() for text in tried)
    values = ", ".join(f"({n}, decode('{text}', 'base64'))" for n, text in enumerate(encoded))
    answers = (
        f"SELECT string_agg(pg_temp.takes(said)::int::text, '' ORDER BY n) FROM (VALUES {values}) AS tried (n, said)"
    )
    taken = [answer == "1" for answer in sql(ha_lab, _TAKES + answers)]
    judged = list(zip(tried, taken, strict=True))
    assert [text for text, answer in judged if parses(text) and not answer] == []
    # By this rule unit tests judge. PostgreSQL takes more: numbers that are longer, and what is nested deeper.
    assert [text for text, answer in judged if jsonb_rule.takes(text) and not answer] == []
    assert [text for text, answer in judged[: len(made())] if answer and not jsonb_rule.takes(text)] == []
    assert any(taken)
    assert not all(taken)


def parses(text: str) -> bool:
    try:
        parse(event(b'{"a":%b}' % text.encode()))
    except MalformedBatchError:
        return False
    return True
