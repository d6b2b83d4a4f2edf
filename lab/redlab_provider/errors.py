"""The errors that operations report to Pulumi."""

from __future__ import annotations

from typing import Any


class ResourceError(Exception):
    """An operation failed and left nothing behind. The message names the object and gives the engine's reason."""


class InitializationError(Exception):
    """The object exists, but its state is not the wanted one. Pulumi records it, and the next update tries again."""

    def __init__(
        self, resource_id: str, outputs: dict[str, Any], reason: str, inputs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(reason)
        self.resource_id = resource_id
        self.outputs = outputs
        self.inputs = inputs or {}
