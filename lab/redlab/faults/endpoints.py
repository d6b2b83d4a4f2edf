"""A container's connections to networks: cut, and made again exactly as they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redlab import engine
from redlab.engine import Container, EngineError
from redlab.engine.model import Endpoint
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redundancy.naming import LABEL_PREFIX
from redundancy.roles import Role

STARTED_ANEW = (Role.LOAD_BALANCER,)
"""Roles that look their interfaces up when they start: Docker gives those of a running container other names."""
STOP_SECONDS = 5


def declared(inventory: Inventory, node: Node) -> tuple[Endpoint, ...]:
    """Return the connections that a node has by the inventory. Pure."""
    return tuple(Endpoint(inventory.networks[key].name, address) for key, address in node.addresses.items())


def disconnect(container: Container) -> None:
    """Disconnect a container from all of its networks; it goes on running."""
    for endpoint in container.endpoints:
        engine.of(container.name).disconnect(container.name, endpoint.network)


def restore(name: str, wanted: Sequence[Endpoint]) -> bool:
    """Make those connections of a container again that are missing or other than wanted; returns whether any was.

    It is proven. Raises RedlabError when the engine refuses. Roles of :data:`STARTED_ANEW` are stopped for it and
    started, and so is a container that does not run.
    """
    own = engine.of(name)
    container = own.container(name)
    wrong = _wrong(container, wanted)
    if not wrong:
        return False
    # One that ends for want of a network is being started again and again: nothing can be connected to it then.
    ends = container.state.status not in ("running", "paused")
    anew = ends or container.labels.get(f"{LABEL_PREFIX}role") in STARTED_ANEW
    if anew:
        own.stop(name, STOP_SECONDS)
    present = {endpoint.network for endpoint in container.endpoints}
    for endpoint in wrong:
        if endpoint.network in present:
            own.disconnect(name, endpoint.network)
        try:
            own.connect(name, endpoint)
        except EngineError as error:
            raise RedlabError(f"{name} cannot be connected to {endpoint.network} again: {error.words}") from None
    if anew:
        own.start(name)
    left = _wrong(own.container(name), wanted)
    if left:
        raise RedlabError(f"{name} is not connected as it was to {', '.join(one.network for one in left)}")
    return True


def _wrong(container: Container, wanted: Iterable[Endpoint]) -> list[Endpoint]:
    present = {endpoint.network: endpoint for endpoint in container.endpoints}
    return [endpoint for endpoint in wanted if not endpoint.is_that_of(present.get(endpoint.network))]
