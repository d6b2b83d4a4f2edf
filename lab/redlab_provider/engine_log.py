"""Messages for the person who runs Pulumi, sent through Pulumi's engine."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

if TYPE_CHECKING:
    from redlab_provider.operation import Log


class EngineLog:
    """The connection to Pulumi's display. Without an address (a provider under a debugger) it shows nothing."""

    def __init__(self, address: str | None) -> None:
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None

    def for_resource(self, urn: str) -> Log:
        """Return a function that shows messages about one resource."""
        return partial(self._say, urn)

    def _say(self, urn: str, message: str, *, warning: bool = False, passing: bool = False) -> None:
        if self._stub is None:
            return
        severity = engine_pb2.WARNING if warning else engine_pb2.INFO
        # No operation fails because of a message: the display may be closed before the operation ends.
        with contextlib.suppress(grpc.RpcError):
            self._stub.Log(engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=passing))
