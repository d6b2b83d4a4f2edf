"""What every operation on a resource is given."""

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
    """Says something to the person who runs Pulumi."""

    def __call__(self, message: str, *, warning: bool = False, passing: bool = False) -> None:
        """Show a message; a passing one disappears when the operation ends."""
        ...


@dataclass(frozen=True)
class Operation:
    """One operation: whom it concerns, what it may use, how long it may take."""

    urn: str
    engine: Engine
    events: Events
    cancellation: Cancellation
    registry: Registry
    log: Log
    timeout_seconds: float = 0.0
    """The resource's custom time-out; 0: none."""
    started: float = field(default_factory=time.monotonic)

    def deadline(self, default_seconds: float) -> float:
        """Return when the operation must end (monotonic): the custom time-out, or the default."""
        return self.started + (self.timeout_seconds or default_seconds)


@dataclass(frozen=True)
class ReadResult:
    """What a read found."""

    resource_id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Existing:
    """A resource that Pulumi has in its state."""

    resource_id: str
    outputs: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    """The inputs it was made from; empty for an import."""


class Handler(Protocol):
    """The operations of one resource type. Inputs are checked and hold no secrets' wrappers."""

    def create(self, operation: Operation, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Make the object; return its id and state."""
        ...

    def read(self, operation: Operation, existing: Existing) -> ReadResult | None:
        """Return what exists now; None if nothing. Without inputs it is an import and they are worked out."""
        ...

    def update(self, operation: Operation, existing: Existing, inputs: dict[str, Any]) -> dict[str, Any]:
        """Change the object in place; return its new state."""
        ...

    def delete(self, operation: Operation, existing: Existing) -> None:
        """Remove the object; that it is gone already is fine."""
        ...
