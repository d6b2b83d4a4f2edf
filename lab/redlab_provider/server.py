"""The provider's process: it serves on a free port of 127.0.0.1, prints that port, and ends with Pulumi."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from redlab_provider.callers import OnlyUsers
from redlab_provider.engine_log import EngineLog
from redlab_provider.operations import Operations
from redlab_provider.servicer import Servicer

_THREADS: Final = 512
"""More than Pulumi's parallelism ever is: Cancel never queues behind waiting operations."""
_MAXIMUM_MESSAGE_BYTES: Final = 400 * 1024 * 1024
"""The limit of Pulumi's own SDK."""
_LAST_SECONDS: Final = 10.0
"""How long operations may clean up after Pulumi has ended."""
_PARENT_POLL_SECONDS: Final = 1.0


def serve(arguments: list[str]) -> None:
    """Serve until a signal comes or the parent process, Pulumi, has ended."""
    address = next((argument for argument in arguments if not argument.startswith("-")), None)
    operations = Operations(EngineLog(address))
    server = grpc.server(
        ThreadPoolExecutor(max_workers=_THREADS),
        interceptors=[OnlyUsers()],
        options=[
            ("grpc.max_receive_message_length", _MAXIMUM_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MAXIMUM_MESSAGE_BYTES),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(operations), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    interrupted = _signals()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    _wait(os.getppid(), interrupted)
    operations.cancellation.cancel()
    server.stop(_LAST_SECONDS).wait()
    # A thread that hangs in a call to the engine must not keep the process alive.
    os._exit(0)


def _signals() -> int:
    """Return a file descriptor that becomes readable when SIGTERM or SIGINT comes.

    The kernel may deliver a signal to any thread. A main thread that waits for a lock then does not wake, and Pulumi
    kills this process after 5 s. The file descriptor wakes the main thread in every case.
    """
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return readable


def _wait(parent: int, interrupted: int) -> None:
    """Return when a signal has come or the parent process has ended, for whatever reason."""
    with contextlib.suppress(AttributeError, OSError):
        select.select([os.pidfd_open(parent), interrupted], [], [])
        return
    while os.getppid() == parent and not select.select([interrupted], [], [], _PARENT_POLL_SECONDS)[0]:
        pass
