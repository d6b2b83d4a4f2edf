"""How long a link between sites takes, there and back."""

from __future__ import annotations

from redlab import engine
from redlab.inventory import Inventory

_PROGRAM = """
import socket, sys, time
def once():
    started = time.perf_counter()
    socket.create_connection((sys.argv[1], 8082), 5).close()
    return time.perf_counter() - started
print(1000 * min(once() for _ in range(20)))
"""


def round_trip_milliseconds(inventory: Inventory, link: str) -> float:
    """Return the time of the fastest of 20 connections between gateways of the link's sites."""
    one, other = next(each.sites for each in inventory.links if each.name == link)
    asking, asked = (inventory.of_site(site, "gateway")[0] for site in (one, other))
    return round(float(engine.execute(asking, ["python3", "-c", _PROGRAM, asked.addresses[other]])), 3)
