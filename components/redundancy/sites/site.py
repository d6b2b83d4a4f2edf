"""Site: one data center with its gateways, data processing servers, load balancers and database."""

from __future__ import annotations

import pulumi

from redundancy.nodes.data_processing_server import DataProcessingServer
from redundancy.nodes.database import Database
from redundancy.nodes.database_member import DatabaseMember
from redundancy.nodes.etcd import Etcd
from redundancy.nodes.gateway import Gateway
from redundancy.nodes.lab import Lab
from redundancy.nodes.load_balancer import LoadBalancer
from redundancy.topology import Site


class SiteComponent(pulumi.ComponentResource):
    """One site. ``container_ids`` maps each node's name to the engine's id of its container."""

    container_ids: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, lab: Lab, site: Site, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("redundancy:index:Site", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        made = {
            node.name: kind(f"{name}-{node.name.removeprefix(site.name + '-')}", lab, site, node, child)
            for kind, nodes in (
                (Etcd, site.database.etcd),
                (DatabaseMember if site.database.etcd else Database, site.database.nodes),
                (Gateway, site.gateways.nodes),
                (DataProcessingServer, site.data_processing_servers.nodes),
                (LoadBalancer, site.load_balancers.nodes),
            )
            for node in nodes
        }
        self.container_ids = pulumi.Output.all(**{node: component.container_id for node, component in made.items()})
        self.register_outputs({"container_ids": self.container_ids})
