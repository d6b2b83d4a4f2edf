"""A container's connections to networks: written down, cut, and made again exactly as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redundancy.naming import LABEL_PREFIX
from redundancy.roles import Role

if TYPE_CHECKING:
    from docker.models.containers import Container

STARTED_ANEW = (Role.LOAD_BALANCER,)
"""Roles that look their interfaces up when they start: Docker gives those of a running container other names."""
STOP_SECONDS = 5


@dataclass(frozen=True)
class Endpoint:
    """One connection to a network: all that the engine must be told to make it again. Empty: the engine chooses.

    The MAC address is not part of it. Engines since 28 choose a random one at each connect, and 28.5 ignores the one
    that is asked for.
    """

    network: str
    ipv4_address: str
    ipv6_address: str = ""
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    link_local_addresses: tuple[str, ...] = ()
    driver_options: Mapping[str, str] | None = None

    def is_that_of(self, found: Endpoint | None) -> bool:
        """Whether a connection that was found is this one, as far as this one says.

        Aliases of the engine's own may have been added.
        """
        return (
            found is not None
            and found.network == self.network
            and found.ipv4_address == self.ipv4_address
            and found.ipv6_address == self.ipv6_address
            and set(self.aliases) <= set(found.aliases)
        )


def described(attributes: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    """Return the connections that the engine's description of a container has, in the order to make them in.

    The network that the container was created in comes first: to it the engine binds the published ports.
    """
    mode = attributes["HostConfig"]["NetworkMode"]
    networks: Mapping[str, Mapping[str, Any]] = attributes["NetworkSettings"]["Networks"] or {}
    first = sorted(networks, key=lambda name: (mode not in (name, networks[name].get("NetworkID")), name))
    return tuple(_endpoint(name, networks[name]) for name in first)


def declared(inventory: Inventory, node: Node) -> tuple[Endpoint, ...]:
    """Return the connections that a node has by the inventory. Pure."""
    return tuple(Endpoint(inventory.networks[key]["name"], address) for key, address in node.addresses.items())


def disconnect(container: Container) -> None:
    """Disconnect a container from all of its networks; it goes on running."""
    for endpoint in described(container.attrs):
        engine.client().networks.get(endpoint.network).disconnect(container)


def restore(container: Container, wanted: Sequence[Endpoint]) -> bool:
    """Make those connections again that are missing or other than wanted, and prove it; returns whether any was.

    Raises RedlabError when the engine refuses. Roles of :data:`STARTED_ANEW` are stopped for it and started, and so is
    a container that does not run.
    """
    container.reload()
    wrong = _wrong(container, wanted)
    if not wrong:
        return False
    # One that ends for want of a network is being started again and again: nothing can be connected to it then.
    ends = container.status not in ("running", "paused")
    anew = ends or container.labels.get(f"{LABEL_PREFIX}role") in STARTED_ANEW
    if anew:
        container.stop(timeout=STOP_SECONDS)
    present = {endpoint.network for endpoint in described(container.attrs)}
    for endpoint in wrong:
        if endpoint.network in present:
            engine.client().networks.get(endpoint.network).disconnect(container)
        _connect(container, endpoint)
    if anew:
        container.start()
    container.reload()
    left = _wrong(container, wanted)
    if left:
        raise RedlabError(f"{container.name} is not connected as it was to {', '.join(one.network for one in left)}")
    return True


def _wrong(container: Container, wanted: Iterable[Endpoint]) -> list[Endpoint]:
    present = {endpoint.network: endpoint for endpoint in described(container.attrs)}
    return [endpoint for endpoint in wanted if not endpoint.is_that_of(present.get(endpoint.network))]


def _connect(container: Container, endpoint: Endpoint) -> None:
    import docker

    try:
        engine.client().networks.get(endpoint.network).connect(
            container,
            ipv4_address=endpoint.ipv4_address or None,
            ipv6_address=endpoint.ipv6_address or None,
            aliases=list(endpoint.aliases) or None,
            links=_links(endpoint),
            link_local_ips=list(endpoint.link_local_addresses) or None,
            driver_opt=dict(endpoint.driver_options) if endpoint.driver_options else None,
        )
    except docker.errors.APIError as error:
        raise RedlabError(
            f"{container.name} cannot be connected to {endpoint.network} again: {error.explanation}"
        ) from None


def _links(endpoint: Endpoint) -> list[tuple[str, str | None]] | None:
    pairs = [link.partition(":") for link in endpoint.links]
    return [(name, alias or None) for name, _, alias in pairs] or None


def _endpoint(network: str, said: Mapping[str, Any]) -> Endpoint:
    chosen: Mapping[str, Any] = said.get("IPAMConfig") or {}
    return Endpoint(
        network,
        ipv4_address=chosen.get("IPv4Address", ""),
        ipv6_address=chosen.get("IPv6Address", ""),
        aliases=tuple(said.get("Aliases") or ()),
        links=tuple(said.get("Links") or ()),
        link_local_addresses=tuple(chosen.get("LinkLocalIPs") or ()),
        driver_options=said.get("DriverOpts"),
    )
