"""Events end to end: from collectors through load balancer, gateway and DPS into the database, against direct inserts.

A run counts only if the database has every acknowledged event.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from bench.senders import Senders, senders, worst_p99_ms
from bench.statistics import ratio
from redlab import engine
from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.output import say
from redlab.waiting import until
from redundancy.roles import Role

SECONDS = 10
SINGLE_CONNECTIONS = 32
BATCHED_CONNECTIONS = 2
BATCH_EVENTS = 500
DRAIN_SECONDS = 180

_STORED = """
    SELECT split_part(collector, '-', 1), count(*), extract(epoch FROM max(processed_at)) FROM events GROUP BY 1
"""


def measure(lab: Laboratory) -> dict[str, Any]:
    """Measure single events, batches, and direct inserts of the same rows in the same batches."""
    inventory = lab.inventory
    with senders(inventory) as load:
        load.run("warm", 1, SINGLE_CONNECTIONS, 2)
        _drained(inventory, "warm", 0)
        single = _through(inventory, load, "single", 1, SINGLE_CONNECTIONS)
        say(f"ingest: single {single}")
        batched = _through(inventory, load, "batched", BATCH_EVENTS, BATCHED_CONNECTIONS)
        say(f"ingest: batched {batched}")
    direct = direct_inserts(inventory)
    say(f"ingest: direct {direct}")
    return {
        "single": single,
        "batched": batched,
        "direct": direct,
        "batched_over_direct": ratio(batched["events_per_second"], direct["events_per_second"]),
    }


def _through(inventory: Inventory, load: Senders, name: str, events: int, connections: int) -> dict[str, Any]:
    start = time.time()
    sent = load.run(name, events, connections, SECONDS)
    acknowledged = sum(each.acknowledged for each in sent)
    stored, last = _drained(inventory, name, acknowledged)
    if not acknowledged <= stored <= sum(each.sent for each in sent):
        raise RedlabError(f"{name}: {acknowledged} events were acknowledged, the database has {stored}")
    return {
        "senders": load.count,
        "connections": load.count * connections,
        "batch_events": events,
        "seconds": SECONDS,
        "acknowledged_events": acknowledged,
        "stored_events": stored,
        "refused_events": sum(each.refused for each in sent),
        "failed_requests": sum(each.failed for each in sent),
        "requests_per_second": round(sum(each.acknowledged / each.seconds for each in sent) / events, 1),
        "events_per_second": round(stored / (last - start), 1),
        "acknowledgement_p50_ms": round(max(each.p50_ms for each in sent), 2),
        "acknowledgement_p99_ms": round(worst_p99_ms(sent), 2),
    }


def _drained(inventory: Inventory, name: str, acknowledged: int) -> tuple[int, float]:
    """Return how many events are stored, and when the last was (seconds since 1970), once every queue is empty."""

    def count() -> tuple[int, float] | None:
        if any(_pending(inventory)):
            return None
        lines = [line.split("|") for line in _query(inventory, _STORED).splitlines()]
        found, last = next(((int(events), float(at)) for load, events, at in lines if load == name), (0, 0.0))
        return (found, last) if found >= acknowledged else None

    answer = until(count, DRAIN_SECONDS, interval_seconds=0.5)
    if answer is None:
        raise RedlabError(f"{name}: the database does not have {acknowledged} events after {DRAIN_SECONDS} s")
    return answer


def _pending(inventory: Inventory) -> list[int]:
    program = (
        "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8082/v1/queue', timeout=5).read().decode())"
    )
    return [
        json.loads(engine.execute(node, ["python3", "-c", program]))["pending_events"]
        for node in inventory.of_role(Role.GATEWAY)
    ]


def _query(inventory: Inventory, statement: str) -> str:
    database = inventory.of_role(Role.DATABASE)[0]
    return engine.execute(database, ["psql", "-X", "-U", "postgres", "-d", "event", "-Atc", statement]).strip()


def direct_inserts(inventory: Inventory) -> dict[str, Any]:
    """Insert from the standby DPS, which has nothing to do, over as many connections as the active one uses."""
    program = Path(__file__).with_name("sender").joinpath("direct.py").read_text()
    connections = len(inventory.of_role(Role.GATEWAY))
    node = inventory.of_role(Role.DATA_PROCESSING_SERVER)[-1]
    command = ["python3", "-c", program, str(connections), str(BATCH_EVENTS), str(SECONDS)]
    found: dict[str, Any] = json.loads(engine.execute(node, command))
    rate = round(found["events"] / found["seconds"], 1)
    return {**found, "connections": connections, "batch_events": BATCH_EVENTS, "events_per_second": rate}
