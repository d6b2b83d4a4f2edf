"""The new images of an upgrade drill: those that nodes run, with another label; or one that never gets healthy."""

from __future__ import annotations

from contextlib import suppress

from redlab import engine
from redlab.drills.targets import UPGRADED_ROLES
from redlab.engine import EngineError
from redlab.model.inventory import Inventory
from redundancy.roles import Role

BROKEN = Role.GATEWAY
"""Of a broken upgrade the role whose image is broken."""
_HEALTHCHECK = b"#!/bin/sh\necho 'this image is broken on purpose'\nexit 1\n"


def make(inventory: Inventory, *, broken: bool) -> dict[str, str]:
    """Make new images, and return their names by role; ``broken``: one has a health check that fails."""
    return {role: _make(inventory, role, broken=broken and role == BROKEN) for role in UPGRADED_ROLES}


def remove(inventory: Inventory) -> None:
    """Remove the names of these images, so that nothing is left once no node runs them."""
    for role in UPGRADED_ROLES:
        for tag in ("base", "new", "broken"):
            with suppress(EngineError):  # what a node runs stays
                engine.of().remove_image(f"{_repository(role)}:{inventory.lab}-{tag}")


def _make(inventory: Inventory, role: str, *, broken: bool) -> str:
    node = next(node for node in inventory.nodes if node.image_role == role)
    repository, own = _repository(role), engine.of(node)
    # The builder takes a name, whatever the node was made of.
    base = f"{repository}:{inventory.lab}-base"
    own.tag(own.container(node.container).image, base)
    lines = [f"FROM {base}", "LABEL redlab.drill=upgrade"]
    files = {}
    if broken:
        lines.append("COPY healthcheck /usr/local/bin/healthcheck")
        files["healthcheck"] = _HEALTHCHECK
    name = f"{repository}:{inventory.lab}-{'broken' if broken else 'new'}"
    own.build(name, {"Dockerfile": "\n".join(lines).encode() + b"\n", **files})
    return name


def _repository(role: str) -> str:
    return f"redlab/drill-{role.lower()}"
