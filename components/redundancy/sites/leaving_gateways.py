"""Asks the gateways that a changed topology has no more whether they may go: `redlab up` has emptied them before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from redundancy.leaving import SHOW_SERVERS, Leaving, sites, taken_out
from redundancy.naming import LABEL_PREFIX
from redundancy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import docker

# Bash speaks TCP.
_QUEUE = (
    f"exec 3<>/dev/tcp/127.0.0.1/{Role.GATEWAY.row.status_port}; "
    r"printf 'GET /v1/queue HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3; cat <&3"
)
_STATES = f"echo '{SHOW_SERVERS}' | socat -t 2 -T 2 - UNIX-CONNECT:/run/haproxy/admin.sock"


def look(client: docker.APIClient, described: Mapping[str, Any], owner: str) -> Iterator[Leaving]:
    """Yield the gateways of a lab that its inventory, as ``described``, has no more; by their volumes as well."""
    planned = {node["name"] for node in described["nodes"]}
    wanted = {"lab": described["lab"], **({"owner": owner} if owner else {})}
    labels = [f"{LABEL_PREFIX}{key}={value}" for key, value in wanted.items()]
    queues = client.volumes({"label": [*labels, f"{LABEL_PREFIX}role={Role.GATEWAY}"]})["Volumes"] or ()
    found = client.containers(all=True, filters={"label": labels})
    of_role = {role: _by_node(found, role) for role in (Role.GATEWAY, Role.LOAD_BALANCER)}
    labelled = (one["Labels"] for one in (*queues, *of_role[Role.GATEWAY].values()))
    for name, site in sorted(sites(labelled, planned).items()):
        gateway = of_role[Role.GATEWAY].get(name)
        senders = [
            balancer
            for balancer, one in sorted(of_role[Role.LOAD_BALANCER].items())
            if one["Labels"].get(f"{LABEL_PREFIX}site", "") == site
            # One that does not answer sends nothing either.
            and not taken_out(_run(client, one, _STATES) or "", name)
        ]
        yield Leaving(name, _waiting(client, gateway) if gateway else None, tuple(senders))


def _by_node(found: list[dict[str, Any]], role: Role) -> dict[str, dict[str, Any]]:
    ours = [one for one in found if one["Labels"].get(f"{LABEL_PREFIX}role") == role]
    return {one["Labels"][f"{LABEL_PREFIX}node"]: one for one in ours}


def _waiting(client: docker.APIClient, gateway: dict[str, Any]) -> int | None:
    head, _, body = (_run(client, gateway, _QUEUE) or "").replace("\r\n", "\n").partition("\n\n")
    if " 200" not in head.split("\n", 1)[0]:
        return None
    return int(json.loads(body)["pending_events"])


def _run(client: docker.APIClient, container: dict[str, Any], script: str) -> str | None:
    """Return what a script says inside a container; None where the container does not run or does not answer."""
    import docker

    try:
        begun = client.exec_create(container["Id"], ["/bin/bash", "-c", script], stderr=False)["Id"]
        said: bytes = client.exec_start(begun)
    except (docker.errors.APIError, OSError):
        return None
    return said.decode(errors="replace")
