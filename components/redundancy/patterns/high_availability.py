"""High Availability: one site whose gateways, DPS and load balancers are redundant."""

from typing import Any

import pulumi

from redundancy import loading, rules
from redundancy.addressing import AddressPlan
from redundancy.inventory import inventory
from redundancy.naming import Names
from redundancy.nodes.collector import Collector
from redundancy.nodes.image import images
from redundancy.nodes.lab import Lab, Secrets
from redundancy.patterns.arguments import HighAvailabilityArgs, document
from redundancy.sites.network import networks
from redundancy.sites.site import SiteComponent
from redundancy.topology import Topology

PATTERN = "HighAvailability"


class HighAvailability(pulumi.ComponentResource):
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
        topology = _topology(name, args)
        super().__init__(f"redundancy:index:{PATTERN}", name, None, opts)
        secrets = Secrets(pulumi.Output.secret(args["database_password"]), pulumi.Output.secret(args["admin_token"]))
        names = Names(topology.name, topology.pattern, args.get("owner") or "")
        plan = AddressPlan(topology)
        lab = Lab(
            topology,
            names,
            plan,
            secrets,
            images(self, f"{name}-image", topology.images),
            networks(self, f"{name}-network", names, plan),
        )
        child = pulumi.ResourceOptions(parent=self)
        for site in topology.sites:
            SiteComponent(f"{name}-{site.name}", lab, site, child)
        for node in topology.collectors.nodes:
            Collector(f"{name}-{node.name}", lab, node, child)
        described = inventory(topology, names, plan)
        self.inventory = pulumi.Output.from_input(described)
        self.user_urls = pulumi.Output.from_input(described["urls"]["users"])
        self.admin_token = secrets.admin_token
        self.register_outputs(
            {"inventory": self.inventory, "user_urls": self.user_urls, "admin_token": self.admin_token}
        )


def _topology(name: str, args: HighAvailabilityArgs) -> Topology:
    source = loading.Source(f"arguments of {PATTERN} {name!r}", document(PATTERN, args), {})
    try:
        return rules.enforce(loading.load(source, name), source)
    except loading.TopologyError as error:
        raise pulumi.RunError(str(error)) from None
