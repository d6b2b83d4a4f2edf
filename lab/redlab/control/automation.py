"""What of a lab acts by itself: the High Availability Controller, and the global load balancer's choice of the site."""

from __future__ import annotations

from dataclasses import dataclass

from redlab.control import global_load_balancer
from redlab.control.lab import Laboratory


@dataclass(frozen=True)
class Automation:
    """Whether the services fail over by themselves, and the clients; ``clients`` is None with a single site."""

    services: bool
    clients: bool | None = None

    def __str__(self) -> str:
        said = f"automatic failover: {_word(self.services)}"
        return said if self.clients is None else f"{said}, automatic choice of the site: {_word(self.clients)}"


def read(lab: Laboratory) -> Automation:
    """Return the present setting of the lab. Raises RedlabError when it does not answer."""
    balancer = lab.inventory.global_load_balancer
    clients = global_load_balancer.routing(lab.inventory).automatic if balancer else None
    return Automation(all(one.health().automatic_failover for one in lab.managements), clients)


def apply(lab: Laboratory, wanted: Automation) -> None:
    """Set the lab to ``wanted`` at run time. Raises RedlabError when a part of it refuses."""
    for management in lab.managements:
        management.set_automatic_failover(wanted.services)
    if wanted.clients is not None:
        global_load_balancer.set_automatic(lab.inventory, wanted.clients)


def _word(on: bool) -> str:
    return "on" if on else "off"
