"""Hours of an everyday load, compressed into minutes: memory and files must not grow in the second half."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import memory
from redlab import engine
from redlab.drills.load import Load
from redlab.drills.load_settings import LoadSettings
from redlab.engine import connection
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.output import say
from redundancy.roles import Role

RETENTION_SECONDS = 60
"""The retention in the soak's topology: events of the first minute are deleted in the second."""
SECONDS = 280
WARM_UP_SECONDS = 100
"""The time until the stored data has reached the retention's limit and the first data is deleted."""
EVENTS_PER_SECOND = 1000
BATCH_EVENTS = 10
_EVERY_SECONDS = 10
_MEBIBYTE = 1024 * 1024
_SLACK_MEBIBYTES = 4.0
"""Growth of a smaller amount does not count: a program's heap, or a file's tail."""
# The write-ahead log does not count: max_wal_size bounds it, and its size varies.
_FILES = {Role.DATABASE: "/var/lib/postgresql/data", Role.GATEWAY: "/var/lib/gateway"}


@dataclass(frozen=True)
class Sample:
    """Each node's usage at an instant, in MiB: ``memory db1``, ``files db1``."""

    at_seconds: float
    used: Mapping[str, float]


def measure(inventory: Inventory) -> dict[str, Any]:
    """Send a load and measure growth. Raises RedlabError if the load was not acknowledged."""
    settings = LoadSettings(
        events_per_second=EVENTS_PER_SECOND, users_per_second=5, seconds=SECONDS, batch_events=BATCH_EVENTS
    )
    samples: list[Sample] = []
    began = time.monotonic()
    with Load(inventory.of_role(Role.COLLECTOR)[0], "soak", settings) as load:
        while (passed := time.monotonic() - began) < SECONDS:
            samples.append(Sample(passed, _used(inventory)))
            say(f"soak: {passed:.0f} s, {sum(samples[-1].used.values()):.0f} MiB in memory and files")
            time.sleep(max(0.0, _EVERY_SECONDS - (time.monotonic() - began - passed)))
        load.stop()
        load.check()
        sent = load.history().of("collect")
    acknowledged = sum(op.events for op in sent if op.outcome == "ok")
    if acknowledged < 0.99 * EVENTS_PER_SECOND * SECONDS:
        raise RedlabError(f"soak: {acknowledged} of {len(sent)} were acknowledged: that is no steady load")
    grown = growth(samples, WARM_UP_SECONDS)
    worst = max(grown, key=lambda name: grown[name])
    return {
        "seconds": SECONDS,
        "acknowledged_events": acknowledged,
        "hours_at_one_event_a_second": round(acknowledged / 3600, 1),
        "retention_seconds": RETENTION_SECONDS,
        "first_mebibytes": _rounded(next(one for one in samples if one.at_seconds >= WARM_UP_SECONDS).used),
        "last_mebibytes": _rounded(samples[-1].used),
        "growth": {name: round(value, 3) for name, value in grown.items()},
        "worst": worst,
        "worst_growth": round(grown[worst], 3),
    }


def growth(samples: Sequence[Sample], warm_up_seconds: float) -> dict[str, float]:
    """Return the factor by which the maximum usage of the last half exceeds that of the half before. Pure.

    What came before the warm-up was over does not count; a few MiB more or less are no growth.
    """
    warm = [sample for sample in samples if sample.at_seconds >= warm_up_seconds]
    half = len(warm) // 2
    if half == 0:
        raise RedlabError(f"{len(warm)} samples after the warm-up are too few to compare")

    def most(part: Sequence[Sample], name: str) -> float:
        return max(sample.used[name] for sample in part)

    return {
        name: max(1.0, most(warm[half:], name) - _SLACK_MEBIBYTES) / max(1.0, most(warm[:half], name))
        for name in warm[0].used
    }


def _used(inventory: Inventory) -> dict[str, float]:
    found = {}
    for node in inventory.nodes:
        stats: Any = connection.client().api.stats(node.container, stream=False, one_shot=True)
        found[f"memory {node.name}"] = memory.in_use_bytes(stats["memory_stats"]) / _MEBIBYTE
        if node.role in _FILES:
            found[f"files {node.name}"] = _files(node, _FILES[node.role])
    return found


def _files(node: Node, folder: str) -> float:
    # A file may be deleted while it is counted.
    count = f"du -sk --exclude=pg_wal {folder} 2>/dev/null || true"
    return int(engine.execute(node, ["/bin/sh", "-c", count]).split()[0]) / 1024


def _rounded(used: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in used.items()}
