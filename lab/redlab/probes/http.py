"""What a node answers by HTTP, asked from inside: the sites' networks are out of this machine's reach on purpose."""

from __future__ import annotations

import json
from typing import Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Node


def get(node: Node, port: int, path: str) -> Any:
    """Return the JSON document at ``path`` of a node's own port. Raises RedlabError unless it answers with 200."""
    return _answered(node, port, path, rf"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")


def post(node: Node, port: int, path: str, content: Any) -> Any:
    """Return what a node's own port answers to JSON without quotes (') in it; None for no content (204).

    Raises RedlabError for any other answer than these two and 200.
    """
    body = json.dumps(content)
    head = rf"POST {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return _answered(node, port, path, rf"{head}\r\n\r\n{body}")


def _answered(node: Node, port: int, path: str, request: str) -> Any:
    # Bash speaks TCP.
    ask = f"exec 3<>/dev/tcp/127.0.0.1/{port}; printf '{request}' >&3; cat <&3"
    head, _, body = engine.execute(node, ["/bin/bash", "-c", ask]).replace("\r\n", "\n").partition("\n\n")
    status = head.split("\n", 1)[0]
    if " 204" in status:
        return None
    if " 200" not in status:
        raise RedlabError(f"{node.name}: {path}: {status or 'no answer'}")
    return json.loads(body)
