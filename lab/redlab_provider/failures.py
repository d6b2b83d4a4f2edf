"""Translate errors into Pulumi's answers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, TypeVar

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from redlab_provider import wire
from redlab_provider.cancellation import CancelledError
from redlab_provider.errors import InitializationError, ResourceError

if TYPE_CHECKING:
    from collections.abc import Callable

Request = TypeVar("Request")
Answer = TypeVar("Answer")

_DETAILS_KEY: Final = "grpc-status-details-bin"


def answered(
    method: Callable[[Any, Request], Answer],
) -> Callable[[Any, Request, grpc.ServicerContext], Answer]:
    """Turn a method that raises the provider's errors into one that answers a gRPC call with these errors."""

    @functools.wraps(method)
    def call(self: Any, request: Request, context: grpc.ServicerContext) -> Answer:
        try:
            return method(self, request)
        except InitializationError as error:
            context.set_trailing_metadata(((_DETAILS_KEY, _partial_state(error)),))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except CancelledError:
            context.abort(grpc.StatusCode.CANCELLED, "cancelled")
        except (ResourceError, ValueError) as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))

    return call


def _partial_state(error: InitializationError) -> bytes:
    failed = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=wire.dump(error.outputs),
        inputs=wire.dump(error.inputs),
        reasons=[str(error)],
    )
    detail = any_pb2.Any()
    detail.Pack(failed)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[detail])
    return bytes(status.SerializeToString())
