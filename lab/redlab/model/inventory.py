"""The stack's description of itself, and what is asked of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redlab.errors import RedlabError
from redundancy import inventory, model
from redundancy.inventory import SCHEMA_VERSION, Interface, Link, Node
from redundancy.roles import Role
from redundancy.traits import Traits

__all__ = ["Interface", "Inventory", "Link", "Node", "parse"]


@dataclass(frozen=True, kw_only=True)
class Inventory(inventory.Inventory):
    """What there is in a lab, its objectives and its timers."""

    def of_role(self, role: Role) -> tuple[Node, ...]:
        """Return the nodes of a role, in the order of their names."""
        return tuple(node for node in self.nodes if node.role == role)

    def of_site(self, site: str, role: Role | None = None) -> tuple[Node, ...]:
        """Return the nodes of a site, those of one role if one is given."""
        return tuple(node for node in self.nodes if node.site == site and role in (None, node.role))

    def instance(self, site: str, role: Role) -> tuple[Node, ...]:
        """Return the nodes of a role in the instance that has ``site``."""
        return self.of_site(site, role) if self.two_instances else self.of_role(role)

    @property
    def sql_servers(self) -> tuple[Node, ...]:
        """Every PostgreSQL server, those of the instances first."""
        return tuple(node for role in Role if role.row.sql for node in self.of_role(role))

    @property
    def traits(self) -> Traits:
        """The traits of its pattern."""
        return self.pattern.traits

    @property
    def https(self) -> bool:
        """Whether HTTP goes over TLS: of users, of collectors and between nodes."""
        return self.urls["users"][0].startswith("https://")

    @property
    def two_instances(self) -> bool:
        """Whether each site is an instance of its own: a replicated one, or an active one; else all sites are one."""
        return self.traits.two_instances

    @property
    def replicated(self) -> bool:
        """Whether the databases of one instance follow those of the other."""
        return self.traits.replicated

    @property
    def has_database_cluster(self) -> bool:
        """Whether its database is a cluster, which has a configuration store."""
        return bool(self.of_role(Role.ETCD))

    @property
    def active_active(self) -> bool:
        """Whether both instances serve, and share their events."""
        return self.traits.active_active

    def management_urls(self, site: str) -> tuple[str, ...]:
        """Return where the management API of a site answers, by way of each of its load balancers."""
        balancers = self.of_role(Role.LOAD_BALANCER)
        return tuple(url for url, node in zip(self.urls["management"], balancers, strict=True) if node.site == site)

    @property
    def data_centers(self) -> tuple[str, ...]:
        """The names of the sites that serve clients."""
        return tuple(site.name for site in self.sites if not site.witness)

    def node(self, name: str) -> Node:
        """Return a node by its name. Raises RedlabError that lists the names there are."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise RedlabError(f"no node {name!r} in lab {self.lab}; there are: {', '.join(n.name for n in self.nodes)}")


def parse(document: Mapping[str, Any]) -> Inventory:
    """Read an inventory. Raises RedlabError when it is of another version."""
    version = document.get("schemaVersion")
    if version != SCHEMA_VERSION:
        raise RedlabError(
            f"the stack's inventory has version {version}, this redlab reads {SCHEMA_VERSION}; run `up` again"
        )
    found: Inventory = model.read(Inventory, document)
    return found
