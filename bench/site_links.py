"""The cost of distance between two sites: a commit that waits for the other site, and the router's throughput."""

from __future__ import annotations

import json
import statistics
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.statistics import ratio
from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.output import say
from redlab.probes import database
from redlab.waiting import until
from redundancy.roles import Role

COMMITS = 300
CONNECTIONS = 200
STREAM_SECONDS = 5
STREAM_PORT = 18082
READY_SECONDS = 60


def measure(inventory: Inventory) -> dict[str, Any]:
    """Measure on a running lab of two sites.

    Commits are single rows in the primary's own container, by turns with and without waiting for the standby in the
    other site. Streams are one TCP connection through the router, and within a site as the baseline. Raises
    RedlabError when there is no synchronous standby.
    """
    standby = until(lambda: database.synchronous_standby(inventory), READY_SECONDS)
    primary = database.primary(inventory)
    if standby is None or primary is None:
        raise RedlabError(f"lab {inventory.lab} has no synchronous standby: there is no commit to measure")
    say(f"links: {COMMITS} commits on {primary.name} with and without {standby.name}")
    trips = _milliseconds(primary, _CONNECT, standby.addresses[standby.site], str(CONNECTIONS))["connect"]
    commits = _milliseconds(primary, _COMMIT, str(COMMITS))
    here, there = (inventory.of_site(node.site, Role.GATEWAY) for node in (primary, standby))
    say(f"links: streams of {STREAM_SECONDS} s")
    through, within = _stream_megabits(here[0], there[0]), _stream_megabits(here[0], here[1])
    return {
        **commit_figures(trips, commits["local"], commits["on"]),
        "router_megabits_per_second": through,
        "within_site_megabits_per_second": within,
        "router_over_within_site": ratio(through, within),
    }


def commit_figures(trips: list[float], local: list[float], synchronous: list[float]) -> dict[str, float]:
    """Return the medians in milliseconds, and a commit's time beyond a round trip and a local commit. Pure."""
    trip, alone, waited = (statistics.median(samples) for samples in (trips, local, synchronous))
    return {
        "round_trip_milliseconds": round(trip, 3),
        "local_commit_milliseconds": round(alone, 3),
        "synchronous_commit_milliseconds": round(waited, 3),
        "commit_beyond_milliseconds": round(waited - alone - trip, 3),
    }


def _milliseconds(node: Node, program: str, *arguments: str) -> dict[str, list[float]]:
    found = json.loads(engine.execute(node, ["python3", "-c", program, *arguments]))
    return {name: [float(sample) for sample in samples] for name, samples in found.items()}


def _stream_megabits(source: Node, sink: Node) -> float:
    with ThreadPoolExecutor(max_workers=1) as pool:
        received = pool.submit(engine.execute, sink, ["python3", "-c", _SINK, str(STREAM_PORT)])
        address = sink.addresses[sink.site]
        engine.execute(source, ["python3", "-c", _SOURCE, address, str(STREAM_PORT), str(STREAM_SECONDS)])
        return round(float(received.result()), 1)


_CONNECT = """
import json, socket, sys, time
def once():
    began = time.perf_counter()
    socket.create_connection((sys.argv[1], 5432), 5).close()
    return 1000 * (time.perf_counter() - began)
print(json.dumps({"connect": [once() for _ in range(int(sys.argv[2]))]}))
"""
_COMMIT = """
import json, sys, time
import psycopg2
connection = psycopg2.connect(host="/tmp", dbname="profile", user="postgres")
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("CREATE TABLE bench_commit (number int)")
taken = {"local": [], "on": []}
try:
    for number in range(int(sys.argv[1])):
        for mode, samples in taken.items():
            cursor.execute("SET synchronous_commit = " + mode)
            began = time.perf_counter()
            cursor.execute("INSERT INTO bench_commit VALUES (%s)", (number,))
            samples.append(1000 * (time.perf_counter() - began))
finally:
    cursor.execute("DROP TABLE bench_commit")
print(json.dumps(taken))
"""
_SINK = """
import socket, sys, time
with socket.create_server(("", int(sys.argv[1]))) as listener:
    listener.settimeout(30)
    stream, _ = listener.accept()
    stream.settimeout(30)
    received, began = 0, time.monotonic()
    while data := stream.recv(1 << 20):
        received += len(data)
    print(received * 8e-6 / (time.monotonic() - began))
"""
_SOURCE = """
import socket, sys, time
deadline = time.monotonic() + 20
while True:
    try:
        stream = socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)
        break
    except OSError:
        if time.monotonic() > deadline:
            raise
        time.sleep(0.1)
end, block = time.monotonic() + float(sys.argv[3]), b"x" * (1 << 18)
with stream:
    while time.monotonic() < end:
        stream.sendall(block)
"""
