"""What the gateways have accepted and no DPS has taken yet."""

from __future__ import annotations

import json

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Inventory

# The site's networks are out of this machine's reach on purpose, so a gateway is asked from inside. Bash speaks TCP.
_ASK = (
    "exec 3<>/dev/tcp/127.0.0.1/8082; "
    r"printf 'GET /v1/queue HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3; cat <&3"
)


def pending_events(inventory: Inventory) -> int:
    """Return the number of events waiting in all gateways. Raises RedlabError when a gateway does not answer."""
    pending = 0
    for node in inventory.of_role("gateway"):
        answer = engine.execute(node, ["/bin/bash", "-c", _ASK])
        head, _, body = answer.replace("\r\n", "\n").partition("\n\n")
        if " 200" not in head.split("\n", 1)[0]:
            raise RedlabError(f"{node.name}: /v1/queue: {head.splitlines()[0] if head else 'no answer'}")
        pending += int(json.loads(body)["pending_events"])
    return pending
