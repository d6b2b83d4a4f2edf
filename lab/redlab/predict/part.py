"""The part that a node, a site or a link plays in the service at a given time. It decides how its loss is recovered."""

from __future__ import annotations

from enum import Enum


class Part(Enum):
    """The part of an element; each value says what takes over from it. :attr:`alone`: nothing does automatically."""

    SPARE = "no service depends on it alone"
    GATEWAY = "serves beside other gateways, behind a load balancer"
    ACTIVE_SERVER = "runs the services; another data processing server takes them over"
    LOAD_BALANCER = "holds virtual IPs; another load balancer takes them over"
    ENTRANCE = "the entrance to the active site; the global load balancer routes to another site"
    DATABASE_PRIMARY = "the primary of a database cluster; a standby is promoted"
    DATABASE_STANDBY = "the standby of a database cluster; commits go on without it"
    STORE_LEADER = "the leader of the configuration store; another member is elected"
    SITE = "the active site; clients, database and services fail over to the other site"
    PRODUCTION = "the active instance; an operator fails over to the other instance"
    ONLY_ENTRANCE = "the only entrance"
    ONLY_SERVER = "the only data processing server"
    ONLY_DATABASE = "the only database server, or one that every commit waits for"
    ONLY_MAJORITY = "the only connection to a majority of the cluster"
    ONLY_SITE = "the only site"

    @property
    def alone(self) -> bool:
        """Whether nothing takes over: the outage lasts until the element is repaired."""
        return self.name.startswith("ONLY_")
