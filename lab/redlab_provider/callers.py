"""Who may call: the user that this process belongs to, and root; nobody else of the machine.

The protocol has no credentials, and a port of 127.0.0.1 is open to every local user. The kernel says whose a
connection is.
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
    """Return the user id of the other end of a connection, None where nobody has it open any more. Pure.

    ``tables`` are the kernel's of the machine's TCP connections, ``peer`` is as gRPC calls it, `ipv4:127.0.0.1:40000`.
    A connection that its owner has closed belongs to root in these tables: it counts as nobody's.
    """
    kind, _, rest = peer.partition(":")
    host, _, port = rest.rpartition(":")
    if kind != "ipv4" or not port.isdigit():
        return None
    address = f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}"
    local = f"{address}:{int(port):04X}"
    for line in "".join(tables).splitlines():
        fields = line.split()
        # An IPv6 socket may speak IPv4: its address ends with the other one.
        if len(fields) > 9 and fields[1].endswith(local) and fields[3] == _ESTABLISHED and fields[9] != _NO_SOCKET:
            return int(fields[7])
    return None


class OnlyUsers(grpc.ServerInterceptor):
    """Refuses the calls of all users but these. Where the kernel has no such tables (it is not Linux) nobody is."""

    def __init__(self, allowed: Collection[int] | None = None) -> None:
        self._allowed = {os.getuid(), 0} if allowed is None else set(allowed)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Have a call look for its caller before it does anything."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None

        def guarded(request: Any, context: grpc.ServicerContext) -> Any:
            if not self._may(context.peer()):
                context.abort(
                    grpc.StatusCode.PERMISSION_DENIED, f"this provider serves user {os.getuid()} alone, and root"
                )
            return handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(guarded, handler.request_deserializer, handler.response_serializer)

    def _may(self, peer: str) -> bool:
        tables = [table.read_text() for table in _TABLES if table.exists()]
        return not tables or owner(tables, peer) in self._allowed
