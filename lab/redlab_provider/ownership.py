"""Ownership of existing objects: the provider never takes or removes an object of another owner."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from redlab_provider.errors import ResourceError
from redlab_provider.traits import OWNER_LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping


class Registry:
    """The objects that this process created or adopted; it keeps two resources from sharing one object."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._urns: dict[str, str] = {}

    def claim(self, identity: str, urn: str) -> None:
        """Record that the resource owns the object; raise ResourceError if another resource owns it."""
        with self._lock:
            holder = self._urns.setdefault(identity, urn)
        if holder != urn:
            raise ResourceError(f"{identity} already belongs to {holder}")

    def release(self, identity: str) -> None:
        """Remove the object from the registry."""
        with self._lock:
            self._urns.pop(identity, None)


def is_leftover(existing: Mapping[str, str], wanted: Mapping[str, str], *, exact: bool = True) -> bool:
    """Tell whether an existing object was made by an interrupted update of the same resource of the same stack.

    It must carry the wanted labels, among them the owner label (unique for each stack). A container also has the labels
    of its image: compare it with `exact=False`.
    """
    if not wanted.get(OWNER_LABEL):
        return False
    return dict(existing) == dict(wanted) if exact else wanted.items() <= existing.items()


def describe_owner(labels: Mapping[str, str] | None) -> str:
    """Name an object's owner, as far as the labels show it."""
    labels = labels or {}
    if owner := labels.get(OWNER_LABEL):
        return f"it belongs to the lab stack with {OWNER_LABEL}={owner}"
    if project := labels.get("com.docker.compose.project"):
        return f"it belongs to the compose project {project}"
    return "it was not made by this stack"


def refuse(kind: str, name: str, identity: str, labels: Mapping[str, str] | None) -> ResourceError:
    """Return the error for a name that is taken."""
    return ResourceError(
        f'{kind} "{name}": the name is taken by {identity}; {describe_owner(labels)}. '
        f"Remove it, choose another name, or take it over with `pulumi import`"
    )
