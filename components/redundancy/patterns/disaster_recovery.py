"""Disaster Recovery: production and failover instance, each complete, at two sites; one is replicated to the other."""

from typing import Any

import pulumi

from redundancy.patterns.arguments import DisasterRecoveryArgs
from redundancy.patterns.pattern import Pattern, declared


class DisasterRecovery(Pattern):
    """Two identical instances, each a High Availability of its own, at any distance.

    The first site is production when the lab is new. The databases of the other one follow it (PostgreSQL streaming
    replication); its gateways and data processing servers stand by until a recovery procedure promotes it.

    Its name is the lab's: it becomes part of every container's name. Raises ``pulumi.RunError`` when the arguments
    make no allowed topology, before anything is created.
    """

    inventory: pulumi.Output[dict[str, Any]]
    """The lab's description of itself (``schemas/inventory.schema.json``)."""
    user_urls: pulumi.Output[list[str]]
    """Where a browser on this machine finds the user pages: the global load balancer, then each site's."""
    admin_token: pulumi.Output[str]
    """Bearer token of the management API; secret."""

    def __init__(self, name: str, args: DisasterRecoveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(declared("DisasterRecovery", name, args), args, opts)
