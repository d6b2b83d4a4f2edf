"""Business Continuity: twin instances at two sites, each complete and alone, which exchange their events."""

from typing import Any

import pulumi

from redundancy.patterns.arguments import BusinessContinuityArgs
from redundancy.patterns.pattern import Pattern, declared


class BusinessContinuity(Pattern):
    """Two identical instances, each a High Availability of its own, that take in the same events.

    No database is replicated: every collector exists twice. The instances exchange their events, so that Service
    Manager and Operations Orchestration act once upon each. A wide-area load balancer leads users to either.

    Its name is the lab's: it becomes part of every container's name. Raises ``pulumi.RunError`` when the arguments
    make no allowed topology, before anything is created.
    """

    inventory: pulumi.Output[dict[str, Any]]
    """The lab's description of itself (``schemas/inventory.schema.json``)."""
    user_urls: pulumi.Output[list[str]]
    """Where a browser on this machine finds the user pages: the wide-area load balancer, then each site's."""
    admin_token: pulumi.Output[str]
    """Bearer token of the management API; secret."""

    def __init__(self, name: str, args: BusinessContinuityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(declared("BusinessContinuity", name, args), args, opts)
