"""The engine's objects of a lab, found by label."""

from __future__ import annotations

from redlab import engine
from redlab.engine import connection
from redundancy.naming import LABEL_PREFIX


def things(lab: str) -> list[str]:
    """Return the names of the containers, networks and volumes that carry the label of a lab."""
    return sorted(str(thing.name) for thing in engine.labelled({f"{LABEL_PREFIX}lab": lab}))


def runs(lab: str) -> dict[str, str]:
    """Return each container's start time by its id: unchanged while no command touches the lab."""
    found = connection.client().containers.list(all=True, filters={"label": f"{LABEL_PREFIX}lab={lab}"})
    return {str(container.id): container.attrs["State"]["StartedAt"] for container in found}
