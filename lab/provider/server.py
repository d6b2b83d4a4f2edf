"""The provider as a process: serve on a free port of 127.0.0.1, say which, and end with Pulumi."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from provider.engine_log import EngineLog
from provider.operations import Operations
from provider.servicer import Servicer

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
        options=[
            ("grpc.max_receive_message_length", _MAXIMUM_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MAXIMUM_MESSAGE_BYTES),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(operations), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    finished = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: finished.set())
    threading.Thread(target=_watch_parent, args=(os.getppid(), finished), daemon=True).start()
    finished.wait()
    operations.cancellation.cancel()
    server.stop(_LAST_SECONDS).wait()
    # Threads that still hang in a call to the engine must not keep the process.
    os._exit(0)


def _watch_parent(parent: int, finished: threading.Event) -> None:
    """Set the event when the parent process ends, however it ends."""
    with contextlib.suppress(AttributeError, OSError):
        select.select([os.pidfd_open(parent)], [], [])
        finished.set()
        return
    while os.getppid() == parent and not finished.wait(_PARENT_POLL_SECONDS):
        pass
    finished.set()
