"""Messages to the person who runs Pulumi, through Pulumi's engine."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

if TYPE_CHECKING:
    from redlab_provider.operation import Log


class EngineLog:
    """The way to Pulumi's own display; without an address it is silent (a provider that is being debugged)."""

    def __init__(self, address: str | None) -> None:
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None

    def for_resource(self, urn: str) -> Log:
        """Return a function that says something about one resource."""
        return partial(self._say, urn)

    def _say(self, urn: str, message: str, *, warning: bool = False, passing: bool = False) -> None:
        if self._stub is None:
            return
        severity = engine_pb2.WARNING if warning else engine_pb2.INFO
        # A message is never worth failing an operation for: the display may be gone before the work is done.
        with contextlib.suppress(grpc.RpcError):
            self._stub.Log(engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=passing))
