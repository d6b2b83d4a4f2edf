"""The arguments of every operation on a resource, and the operations of a resource type."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from redlab_provider.cancellation import Cancellation
    from redlab_provider.engine import Engine
    from redlab_provider.events import Events
    from redlab_provider.ownership import Registry


class Log(Protocol):
    """Shows a message to the person who runs Pulumi."""

    def __call__(self, message: str, *, warning: bool = False, passing: bool = False) -> None:
        """Show a message; a passing one disappears when the operation ends."""
        ...


@dataclass(frozen=True)
class Operation:
    """One operation: its resource, the services it uses, and its time-out."""

    urn: str
    engine: Engine
    events: Events
    cancellation: Cancellation
    registry: Registry
    log: Log
    timeout_seconds: float = 0.0
    """The resource's custom time-out; 0 means none."""
    started: float = field(default_factory=time.monotonic)

    def deadline(self, default_seconds: float) -> float:
        """Return when the operation must end (monotonic): the custom time-out, or the default."""
        return self.started + (self.timeout_seconds or default_seconds)


@dataclass(frozen=True)
class ReadResult:
    """The result of a read."""

    resource_id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Existing:
    """A resource that Pulumi has in its state."""

    resource_id: str
    outputs: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    """The inputs that it was created from; empty for an import."""


class Handler(Protocol):
    """The operations of one resource type. The inputs are checked and without `Secret` wrappers."""

    def create(self, operation: Operation, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Create the object; return its id and state."""
        ...

    def read(self, operation: Operation, existing: Existing) -> ReadResult | None:
        """Return the object's current state, None if it does not exist. An import has no inputs: they are derived."""
        ...

    def update(self, operation: Operation, existing: Existing, inputs: dict[str, Any]) -> dict[str, Any]:
        """Change the object in place; return its new state."""
        ...

    def delete(self, operation: Operation, existing: Existing) -> None:
        """Remove the object; it is no error if the object does not exist."""
        ...
