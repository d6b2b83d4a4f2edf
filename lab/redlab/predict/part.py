"""What a node, a site or a link is to those who are served just now: it decides how its loss is recovered from."""

from __future__ import annotations

from enum import Enum


class Part(Enum):
    """A part in serving; each value says who takes it over. :attr:`alone`: nobody does by himself."""

    SPARE = "nobody is served by way of it alone"
    GATEWAY = "serves beside other gateways, behind a load balancer"
    ACTIVE_SERVER = "has the services; another data processing server takes them"
    LOAD_BALANCER = "holds virtual IPs; another load balancer takes them"
    ENTRANCE = "the way into the site that serves; the global load balancer leads to another site"
    DATABASE_PRIMARY = "the primary of a database cluster; a standby is promoted"
    DATABASE_STANDBY = "the standby of a database cluster; commits go on without it"
    STORE_LEADER = "the leader of the configuration store; another member is elected"
    SITE = "the site that serves; clients, database and services fail over to the other one"
    PRODUCTION = "the instance that serves; an operator fails over to the other one"
    ONLY_ENTRANCE = "the only way in"
    ONLY_SERVER = "the only data processing server"
    ONLY_DATABASE = "the only database server, or one without which none commits"
    ONLY_MAJORITY = "the only way to a majority of the cluster"
    ONLY_SITE = "the only site"

    @property
    def alone(self) -> bool:
        """Whether nothing takes over: everybody waits until it is back."""
        return self.name.startswith("ONLY_")
