"""The images that a stack's overrides declare while an upgrade goes from node to node. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from itertools import groupby
from typing import Any

from redlab.model.inventory import Inventory, Node
from redlab.stack.pulumi import Path


def with_images(
    overrides: Mapping[str, Any], inventory: Inventory, nodes: Iterable[Node], images: Mapping[str, str]
) -> dict[str, Any]:
    """Return overrides that name for these nodes the image of their role; an empty one: none of their own.

    Where they are all that a site has of a role the site's image is named, otherwise that of each node. The other
    nodes keep what they have.
    """
    changed = deepcopy(dict(overrides))
    for (site, role), group in groupby(sorted(nodes, key=_place), _place):
        chosen, pool = list(group), _pool(inventory, site, role)
        of_site = _remove(changed, ("sites", site, "images", role))
        for node in pool:
            own = _remove(changed, _path(node)) or of_site
            wanted = images[role] if node in chosen else own
            if wanted and len(chosen) < len(pool):
                _set(changed, _path(node), wanted)
        if images[role] and len(chosen) == len(pool):
            _set(changed, ("sites", site, "images", role), images[role])
    return changed


def for_all(overrides: Mapping[str, Any], inventory: Inventory, images: Mapping[str, str]) -> dict[str, Any]:
    """Return overrides that name each image once, for its whole role; an empty one: no node has one of its own."""
    changed = deepcopy(dict(overrides))
    for path in own_images(changed, inventory, images):
        _remove(changed, path)
    for role, image in images.items():
        if image:
            _set(changed, ("images", role), image)
    return changed


def own_images(document: Mapping[str, Any], inventory: Inventory, roles: Iterable[str]) -> dict[Path, str]:
    """Return the images that a document, or its overrides, name for sites and single nodes of these roles."""
    wanted = set(roles)
    paths: list[Path] = [("sites", site, "images", role) for site in inventory.data_centers for role in sorted(wanted)]
    paths += [
        _path(node) for node in inventory.nodes if node.site in inventory.data_centers and node.image_role in wanted
    ]
    return {path: image for path in paths if (image := _get(document, path))}


def _place(node: Node) -> tuple[str, str]:
    return node.site, node.image_role


def _pool(inventory: Inventory, site: str, role: str) -> list[Node]:
    return [node for node in inventory.of_site(site) if node.image_role == role]


def _path(node: Node) -> Path:
    return "sites", node.site, node.role.row.section, "nodes", node.name.removeprefix(f"{node.site}-"), "image"


def _get(document: Any, path: Path) -> str:
    for key in path:
        document = document.get(key) if isinstance(document, Mapping) else None
    return str(document or "")


def _set(document: dict[str, Any], path: Path, value: str) -> None:
    *parents, last = path
    for key in parents:
        document = document.setdefault(key, {})
    document[last] = value


def _remove(document: dict[str, Any], path: Path) -> str:
    """Remove what a path leads to, and every mapping on its way that is empty then; returns what it was."""
    if len(path) == 1:
        return str(document.pop(path[0], ""))
    part = document.get(path[0])
    if not isinstance(part, dict):
        return ""
    removed = _remove(part, path[1:])
    if not part:
        del document[path[0]]
    return removed
