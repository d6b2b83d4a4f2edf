"""The errors that operations report to Pulumi."""

from __future__ import annotations

from typing import Any


class ResourceError(Exception):
    """An operation failed; the message says which object, and why in the engine's words. Nothing was left behind."""


class InitializationError(Exception):
    """The object exists, but is not what it should be: it is recorded so that nothing is lost, and tried again."""

    def __init__(
        self, resource_id: str, outputs: dict[str, Any], reason: str, inputs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(reason)
        self.resource_id = resource_id
        self.outputs = outputs
        self.inputs = inputs or {}
