"""The provider as a process: serve on a free port of 127.0.0.1, say which, and end with Pulumi."""

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
"""More than Pulumi's parallelism ever is, so that Cancel is never queued behind waiting operations."""
_MAXIMUM_MESSAGE_BYTES: Final = 400 * 1024 * 1024
"""What Pulumi's own SDK allows."""
_LAST_SECONDS: Final = 10.0
"""How long operations may clean up after themselves once Pulumi is gone."""
_PARENT_POLL_SECONDS: Final = 1.0


def serve(arguments: list[str]) -> None:
    """Serve until Pulumi ends this process, or is gone itself."""
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
    # Threads that still hang in a call to the engine must not keep the process.
    os._exit(0)


def _signals() -> int:
    """Return a descriptor that is readable once SIGTERM or SIGINT has come.

    The kernel may deliver a signal to any thread, and then nothing wakes a main thread that waits for a lock: Pulumi
    would kill this process after 5 s. A descriptor wakes it whichever thread was hit.
    """
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return readable


def _wait(parent: int, interrupted: int) -> None:
    """Return when a signal has come, or when the parent process has ended, however it ended."""
    with contextlib.suppress(AttributeError, OSError):
        select.select([os.pidfd_open(parent), interrupted], [], [])
        return
    while os.getppid() == parent and not select.select([interrupted], [], [], _PARENT_POLL_SECONDS)[0]:
        pass
