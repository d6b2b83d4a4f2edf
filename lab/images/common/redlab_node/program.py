"""The start of a node's server: logs, event loop, and a clear message if its environment is wrong."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from redlab_node import environment, logs


def run(serve: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """Run ``serve`` with the node's name until it returns; a wrong variable or secret ends the process."""
    try:
        node = environment.text("REDLAB_NODE")
        logs.configure(node)
        uvloop.install()
        asyncio.run(serve(node))
    except environment.InvalidEnvironmentError as mistake:
        sys.exit(f'{{"level": "error", "message": "{mistake}"}}')
