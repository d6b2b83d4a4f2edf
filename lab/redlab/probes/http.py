"""What a node answers by HTTP, asked from inside: the sites' networks are out of this machine's reach on purpose."""

from __future__ import annotations

import json
from typing import Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Node


def get(node: Node, port: int, path: str) -> Any:
    """Return the JSON document at ``path`` of a node's own port. Raises RedlabError unless it answers with 200."""
    # Bash speaks TCP.
    ask = (
        f"exec 3<>/dev/tcp/127.0.0.1/{port}; "
        rf"printf 'GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3; cat <&3"
    )
    head, _, body = engine.execute(node, ["/bin/bash", "-c", ask]).replace("\r\n", "\n").partition("\n\n")
    if " 200" not in head.split("\n", 1)[0]:
        raise RedlabError(f"{node.name}: {path}: {head.splitlines()[0] if head else 'no answer'}")
    return json.loads(body)
