"""Access control by user: a call is answered only for the user of this process and for root.

The protocol has no credentials, and every local user can connect to a port of 127.0.0.1. The kernel's tables of TCP
connections name the user of each connection.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_TABLES: Final = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
_ESTABLISHED: Final = "01"
_NO_SOCKET: Final = "0"


def owner(tables: Collection[str], peer: str) -> int | None:
    """Return the user id of a connection's other end, or None when no process has that end open any more. Pure.

    ``tables`` are the contents of `/proc/net/tcp` and `/proc/net/tcp6`; ``peer`` is gRPC's name of the other end, such
    as `ipv4:127.0.0.1:40000`. The tables show a connection that its process has closed as root's; it has no owner here.
    """
    kind, _, rest = peer.partition(":")
    host, _, port = rest.rpartition(":")
    if kind != "ipv4" or not port.isdigit():
        return None
    address = f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}"
    local = f"{address}:{int(port):04X}"
    for line in "".join(tables).splitlines():
        fields = line.split()
        # An IPv6 socket may speak IPv4: the last digits of its address are then the IPv4 address.
        if len(fields) > 9 and fields[1].endswith(local) and fields[3] == _ESTABLISHED and fields[9] != _NO_SOCKET:
            return int(fields[7])
    return None


class OnlyUsers(grpc.ServerInterceptor):
    """Refuses the calls of every other user. Without the kernel's tables (not on Linux) it refuses no call."""

    def __init__(self, allowed: Collection[int] | None = None) -> None:
        self._allowed = {os.getuid(), 0} if allowed is None else set(allowed)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Wrap a method: it looks up its caller before it does anything."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None

        def guarded(request: Any, context: grpc.ServicerContext) -> Any:
            if not self._may(context.peer()):
                context.abort(
                    grpc.StatusCode.PERMISSION_DENIED, f"this provider serves only user {os.getuid()} and root"
                )
            return handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(guarded, handler.request_deserializer, handler.response_serializer)

    def _may(self, peer: str) -> bool:
        tables = [table.read_text() for table in _TABLES if table.exists()]
        return not tables or owner(tables, peer) in self._allowed
