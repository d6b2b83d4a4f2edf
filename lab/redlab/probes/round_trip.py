"""How long a link between sites takes, there and back."""

from __future__ import annotations

import json

from redlab import engine
from redlab.measure.round_trips import UNANSWERED, Probe
from redlab.model.inventory import Inventory
from redundancy.roles import Role

_PROGRAM = """
import json, socket, sys, time
def once():
    started = time.perf_counter()
    try:
        socket.create_connection((sys.argv[1], int(sys.argv[2])), 2).close()
    except OSError:
        return None
    return 1000 * (time.perf_counter() - started)
def late():
    started = time.perf_counter()
    time.sleep(0.001)
    return 1000 * (time.perf_counter() - started) - 1
found = []
for _ in range(int(sys.argv[3])):
    found.append((once(), late()))
    time.sleep(float(sys.argv[4]))
print(json.dumps(found))
"""


def round_trips(inventory: Inventory, link: str, count: int, pause_seconds: float) -> list[Probe]:
    """Make so many connections between gateways of the link's sites, one after the other, each followed by a pause.

    One that is not made within two seconds is UNANSWERED.
    """
    one, other = next(each.sites for each in inventory.links if each.name == link)
    asking, asked = (inventory.of_site(site, Role.GATEWAY)[0] for site in (one, other))
    place = (asked.addresses[other], str(asked.role.row.status_port))
    command = ["python3", "-c", _PROGRAM, *place, str(count), f"{pause_seconds:g}"]
    found: list[tuple[float | None, float]] = json.loads(engine.execute(asking, command))
    return [Probe(UNANSWERED if took is None else took, late) for took, late in found]


def round_trip_milliseconds(inventory: Inventory, link: str) -> float:
    """Return the time of the fastest of 20 connections between gateways of the link's sites."""
    return round(min(each.milliseconds for each in round_trips(inventory, link, 20, 0)), 3)
