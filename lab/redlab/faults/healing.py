"""Taking one fault back, of whatever kind, and proving it."""

from __future__ import annotations

from redlab import engine
from redlab.errors import RedlabError
from redlab.faults import endpoints, journal, link_fault, node_fault


def heal(entry: journal.Entry) -> None:
    """Take one fault back and prove it. Raises RedlabError when the container is not running afterwards."""
    import docker

    try:
        container = engine.client().containers.get(entry.container)
    except docker.errors.NotFound:
        # The lab was destroyed under the fault: nothing is left to heal.
        entry.file.unlink(missing_ok=True)
        return
    endpoints.restore(container, entry.endpoints)
    node_fault.heal_container(container)
    container.reload()
    if container.status != "running":
        raise RedlabError(f"{entry.container} is {container.status} after healing; see `docker logs {entry.container}`")
    if entry.kind in link_fault.KINDS and not entry.endpoints:
        link_fault.restore(entry.container)
    entry.file.unlink(missing_ok=True)
