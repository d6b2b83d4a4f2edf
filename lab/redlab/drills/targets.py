"""What a fault hits: each target finds itself in a lab, and says in the fault matrix which rows are about it. Pure.

Who does what in the lab just now, a target learns from a :class:`Sight`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from redlab.faults.way import Way
from redlab.model.inventory import Inventory, Node
from redlab.predict.parts import home_of
from redundancy.roles import Role

UPGRADED_ROLES = (Role.GATEWAY, Role.DATA_PROCESSING_SERVER)
"""The roles that an upgrade drill brings new images to."""


@dataclass(frozen=True)
class Hit:
    """The name that a report calls it by, and the nodes or the ways between sites that the fault hits.

    ``site``: the site that is hit as a whole, '' when none is.
    """

    name: str
    nodes: tuple[Node, ...] = ()
    ways: tuple[Way, ...] = ()
    site: str = ""


class Sight(Protocol):
    """Who does what in a running lab. Each of it raises RedlabError when nobody does just now."""

    @property
    def inventory(self) -> Inventory:
        """The lab."""

    @property
    def element(self) -> str:
        """What fails, by the name that the scenario was given."""

    def site(self) -> str:
        """Return the site that clients are in."""

    def serving_gateway(self) -> Node:
        """Return the gateway that served most of the load's users of late."""

    def active_server(self) -> Node:
        """Return the data processing server that has the services."""

    def virtual_ip_holder(self) -> Node:
        """Return the load balancer that holds the virtual IPs of the site that clients are in."""

    def primary(self) -> Node:
        """Return the database that accepts writes."""

    def synchronous_standby(self) -> Node:
        """Return the standby that every commit waits for."""


def _no_row(_: Inventory, __: str, ___: str) -> bool:
    return False


@dataclass(frozen=True)
class Target:
    """What a fault hits.

    ``words``: what it is.   ``find``: find it in a lab.   ``of_links``: it is ways between sites, not nodes.
    ``element``: what is named where that may be anything: node, link or site; '' for all others.
    ``label``: what the fault matrix calls it where it is one of several comparable nodes.
    ``row``: whether it is the only one that a row of the matrix is about: the row's kind (node, link, site), its name.
    ``given_up``: a load balancer's log says when it gave it up.   ``addresses_move``: one says when it took over.
    """

    words: str
    find: Callable[[Sight], Hit]
    of_links: bool = False
    element: str = ""
    label: str = ""
    row: Callable[[Inventory, str, str], bool] = _no_row
    given_up: bool = False
    addresses_move: bool = False


def other_site(inventory: Inventory, site: str) -> str:
    """Return the data center that is not ``site``."""
    return next(name for name in inventory.data_centers if name != site)


def joining_link(inventory: Inventory, one: str, other: str) -> str:
    """Return the name of the link between two places."""
    return next(link.name for link in inventory.links if set(link.sites) == {one, other})


def witness(inventory: Inventory) -> Node:
    """Return the witness's node."""
    place = next(site.name for site in inventory.sites if site.witness)
    return inventory.of_site(place)[0]


def _node(node: Node) -> Hit:
    return Hit(node.name, (node,))


def _other_than(pool: Iterable[Node], one: Node) -> Hit:
    return _node(next(node for node in pool if node != one))


def _of_role(role: Role, which: int = 0) -> Callable[[Sight], Hit]:
    return lambda sight: _node(sight.inventory.of_role(role)[which])


def _idle_server(sight: Sight) -> Hit:
    active = sight.active_server()
    return _other_than(sight.inventory.instance(active.site, active.role), active)


def _idle_load_balancer(sight: Sight) -> Hit:
    return _other_than(sight.inventory.of_site(sight.site(), Role.LOAD_BALANCER), sight.virtual_ip_holder())


def _every_node(sight: Sight) -> Hit:
    # Healed in the order in which they are hit: every time in another one.
    nodes = [node for node in sight.inventory.nodes if node.role != Role.COLLECTOR]
    return Hit("every node", tuple(random.sample(nodes, len(nodes))))


def _images(sight: Sight) -> Hit:
    nodes = tuple(node for node in sight.inventory.nodes if node.image_role in UPGRADED_ROLES)
    return Hit("images of gateways and data processing servers", nodes)


def _nodes_of(site: str, inventory: Inventory) -> Hit:
    return Hit(site, inventory.of_site(site), site=site)


def _links_of(site: str, inventory: Inventory) -> Hit:
    ways = tuple(Way(link.name) for link in inventory.links if site in link.sites)
    return Hit(site, ways=ways, site=site)


def _link_from(site: str, inventory: Inventory) -> str:
    return joining_link(inventory, site, other_site(inventory, site))


def _outward(sight: Sight) -> Hit:
    site = sight.site()
    link = _link_from(site, sight.inventory)
    return Hit(f"{link} from {site}", ways=(Way(link, site),))


def _link(name: str) -> Hit:
    return Hit(name, ways=(Way(name),))


def _role_of_site(words: str, role: Role, sight: Sight, site: str) -> Hit:
    return Hit(f"{words} of {site}", sight.inventory.of_site(site, role))


def _other(sight: Sight) -> str:
    return other_site(sight.inventory, sight.site())


def _only(role: Role, *, at_home: bool | None = None, clustered: bool | None = None) -> Callable[..., bool]:
    """Rows of the nodes of a role: of any, or those in the site with the clients alone, or outside of it alone.

    ``clustered``: only where there is a configuration store, or only where there is none.
    """

    def row(inventory: Inventory, kind: str, name: str) -> bool:
        if kind != "node" or inventory.node(name).role != role:
            return False
        home = inventory.node(name).site == home_of(inventory)
        return at_home in (None, home) and clustered in (None, inventory.has_database_cluster)

    return row


def _third_place(inventory: Inventory, kind: str, name: str) -> bool:
    return _only(Role.ETCD)(inventory, kind, name) and inventory.node(name).site not in inventory.data_centers


def _home(inventory: Inventory, kind: str, name: str) -> bool:
    return kind == "site" and name == home_of(inventory)


def _home_of_twins(inventory: Inventory, kind: str, name: str) -> bool:
    # Of other sites more than their clients can be moved.
    return inventory.active_active and _home(inventory, kind, name)


def _data_centers_link(inventory: Inventory, kind: str, name: str) -> bool:
    ends = next((link.sites for link in inventory.links if link.name == name), ())
    return kind == "link" and set(ends) <= set(inventory.data_centers)


SERVING_GATEWAY = Target(
    "the gateway that serves the users of the load",
    lambda sight: _node(sight.serving_gateway()),
    label="serving gateway",
    given_up=True,
)
ACTIVE_DPS = Target(
    "the data processing server that has the services",
    lambda sight: _node(sight.active_server()),
    label="active data processing server",
)
IDLE_DPS = Target(
    "a data processing server of the instance that serves, which has not the services",
    _idle_server,
    label="idle data processing server",
)
VIRTUAL_IP_HOLDER = Target(
    "the load balancer that holds the virtual IPs",
    lambda sight: _node(sight.virtual_ip_holder()),
    label="load balancer with the virtual IPs",
    addresses_move=True,
)
IDLE_LOAD_BALANCER = Target(
    "a load balancer of the site that serves, which holds no virtual IP",
    _idle_load_balancer,
    label="idle load balancer",
)
DATABASE = Target("the database server", _of_role(Role.DATABASE), row=_only(Role.DATABASE, clustered=False))
DATABASE_PRIMARY = Target(
    "the primary database",
    lambda sight: _node(sight.primary()),
    row=_only(Role.DATABASE, at_home=True, clustered=True),
)
DATABASE_STANDBY = Target(
    "the standby that every commit waits for",
    lambda sight: _node(sight.synchronous_standby()),
    row=_only(Role.DATABASE, at_home=False, clustered=True),
)
WITNESS = Target("the witness", lambda sight: _node(witness(sight.inventory)), row=_third_place)
EVERY_NODE = Target("every node of every place, but the collectors, which send from elsewhere", _every_node)
IMAGES = Target("the images of the gateways and the data processing servers, node by node", _images)
ACTIVE_SITE = Target(
    "the site that serves the clients: every node of it",
    lambda sight: _nodes_of(sight.site(), sight.inventory),
    row=_home,
)
ACTIVE_SITE_LINKS = Target(
    "both links of the site that serves the clients",
    lambda sight: _links_of(sight.site(), sight.inventory),
    of_links=True,
    row=_home,
)
SITE_LINK = Target(
    "the link between the two sites",
    lambda sight: _link(_link_from(sight.site(), sight.inventory)),
    of_links=True,
    row=_data_centers_link,
)
OUTWARD_LINK = Target("the way from the site that serves the clients to the other one", _outward, of_links=True)
CLIENTS = Target(
    "the clients, by way of the global load balancer",
    lambda sight: Hit(f"clients of {sight.site()}"),
    row=_home_of_twins,
)
STANDBY_COPY = Target(
    "a throw-away copy of the instance that stands by", lambda sight: Hit(f"a copy of {_other(sight)}")
)
UCMDB = Target("the UCMDB that the instances integrate with", _of_role(Role.UCMDB, -1), row=_only(Role.UCMDB))

NODE = Target("a node, by its name", lambda sight: _node(sight.inventory.node(sight.element)), element="node")
LINK = Target("a link, by its name", lambda sight: _link(sight.element), of_links=True, element="link")
_SITE = "a site, by its name: every node of it, or every link"
SITE = Target(_SITE, lambda sight: _nodes_of(sight.element, sight.inventory), element="site")
SITE_LINKS = Target(_SITE, lambda sight: _links_of(sight.element, sight.inventory), of_links=True, element="site")

EVENT_OWNER = Target(
    "the data processing servers of the site that users are not in, whose instance owns the events",
    lambda sight: _role_of_site("data processing", Role.DATA_PROCESSING_SERVER, sight, _other(sight)),
)
SERVICE_MANAGER = Target("Service Manager", _of_role(Role.SERVICE_MANAGER), row=_only(Role.SERVICE_MANAGER))
WIDE_AREA_LOAD_BALANCER = Target("the wide-area load balancer", _of_role(Role.GLOBAL_LOAD_BALANCER))
LOCAL_LOAD_BALANCER = Target(
    "the load balancer of the site that serves the users",
    lambda sight: _role_of_site("load balancers", Role.LOAD_BALANCER, sight, sight.site()),
    row=_only(Role.LOAD_BALANCER, at_home=True),
)
EVENTS = Target("the events of both instances", lambda _: Hit("events of both instances"))
CONFIGURATION = Target(
    "the configuration of the other instance", lambda sight: Hit(f"configuration of {_other(sight)}")
)
