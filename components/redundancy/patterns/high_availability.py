"""High Availability: one site whose gateways, DPS and load balancers are redundant."""

from typing import Any

import pulumi

from redundancy.patterns.arguments import HighAvailabilityArgs
from redundancy.patterns.pattern import Pattern, declared


class HighAvailability(Pattern):
    """An instance without a single point of failure in one site: 1–3 gateways, 1–2 DPS, 1–2 load balancers.

    Its name is the lab's: it becomes part of every container's name. Raises ``pulumi.RunError`` when the arguments
    make no allowed topology, before anything is created.
    """

    inventory: pulumi.Output[dict[str, Any]]
    """The lab's description of itself (``schemas/inventory.schema.json``)."""
    user_urls: pulumi.Output[list[str]]
    """Where a browser on this machine finds the user pages, by way of each load balancer."""
    admin_token: pulumi.Output[str]
    """Bearer token of the management API; secret."""

    def __init__(self, name: str, args: HighAvailabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(declared("HighAvailability", name, args), args, opts)
