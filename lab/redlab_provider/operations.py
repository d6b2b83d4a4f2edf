"""The four resource types by token, and the services that all operations of one provider process share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redlab_provider import schema
from redlab_provider.cancellation import Cancellation
from redlab_provider.configuration import Configuration
from redlab_provider.engine import Engine
from redlab_provider.errors import ResourceError
from redlab_provider.events import Events
from redlab_provider.operation import Operation
from redlab_provider.ownership import Registry
from redlab_provider.resources.container import ContainerHandler
from redlab_provider.resources.image import ImageHandler
from redlab_provider.resources.network import NetworkHandler
from redlab_provider.resources.volume import VolumeHandler
from redlab_provider.traits import CONTAINER, IMAGE, NETWORK, VOLUME

if TYPE_CHECKING:
    from redlab_provider.engine_log import EngineLog
    from redlab_provider.operation import Handler

HANDLERS: Final[dict[str, Handler]] = {
    CONTAINER: ContainerHandler(),
    IMAGE: ImageHandler(),
    NETWORK: NetworkHandler(),
    VOLUME: VolumeHandler(),
}


def token_of(urn: str) -> str:
    """Return the resource type in a URN (`urn:pulumi:stack::project::parents$type::name`)."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """Return the resource's logical name in a URN."""
    return urn.split("::", 3)[-1]


def resource(urn: str) -> schema.Resource:
    """Return the resource type of a URN; raise ResourceError for a type that the native provider does not have."""
    token = token_of(urn)
    known = schema.resources()
    if token not in known:
        raise ResourceError(
            f"the native Docker provider has no {token}, only {', '.join(sorted(known))}; "
            "the official plugin has it: pulumi plugin install resource docker"
        )
    return known[token]


class Operations:
    """Begins operations on one engine. A provider process has one, since Pulumi starts one process per provider."""

    def __init__(self, log: EngineLog) -> None:
        self._log = log
        self._registry = Registry()
        self.cancellation = Cancellation()
        self.configure(Configuration())

    def configure(self, configuration: Configuration) -> None:
        """Choose the engine."""
        self._engine = Engine(configuration)
        self._events = Events(self._engine, self.cancellation)

    def begin(self, urn: str, timeout_seconds: float = 0.0) -> Operation:
        """Begin an operation on a resource; raise CancelledError if the update has been cancelled."""
        self.cancellation.check()
        log = self._log.for_resource(urn)
        return Operation(urn, self._engine, self._events, self.cancellation, self._registry, log, timeout_seconds)
