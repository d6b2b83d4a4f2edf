"""Distributed High Availability: one instance spread over two near sites, a witness, a global load balancer."""

from typing import Any

import pulumi

from redundancy.patterns.arguments import DistributedHighAvailabilityArgs
from redundancy.patterns.pattern import Pattern, declared


class DistributedHighAvailability(Pattern):
    """One logical instance in two sites, behind a global load balancer.

    Gateways behind each site's load balancer, the primary DPS in the first site and its failover in the second, one
    database cluster with a witness in a third place.

    Its name is the lab's: it becomes part of every container's name. Raises ``pulumi.RunError`` when the arguments
    make no allowed topology, before anything is created.
    """

    inventory: pulumi.Output[dict[str, Any]]
    """The lab's description of itself (``schemas/inventory.schema.json``)."""
    user_urls: pulumi.Output[list[str]]
    """Where a browser on this machine finds the user pages: the global load balancer, then each site's."""
    admin_token: pulumi.Output[str]
    """Bearer token of the management API; secret."""

    def __init__(
        self, name: str, args: DistributedHighAvailabilityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(declared("DistributedHighAvailability", name, args), args, opts)
