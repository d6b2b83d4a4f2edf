"""What the images of a lab are made of, as CycloneDX has it: Debian packages and Python libraries, by version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from redlab import engine
from redlab.engine import MissingError
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redundancy import stand_ins
from redundancy.topology import Topology

_LISTS = (
    r"dpkg-query -W -f 'deb ${Package} ${Version} ${Architecture}\n' 2>/dev/null;"
    "for each in /usr/local/lib/python3*/dist-packages/*.dist-info; do echo pypi ${each##*/}; done"
)
"""Libraries from Debian are among its packages; the others lie where pip would put them."""


def of_stack(topology: Topology, inventory: Inventory) -> dict[str, Any]:
    """Return the document of what a lab's containers were made from, running or not, or else of what `up` would take.

    Raises RedlabError when there is neither a container of the lab nor each of its images.
    """
    return document(inventory.lab, {name: packages(image) for name, image in _images(topology, inventory).items()})


def packages(image: str) -> str:
    """Return the packages of an image, one a line: those that a short-lived container without a network has."""
    return engine.of().run_once(image, ["-c", _LISTS], entrypoint="sh")


def _images(topology: Topology, inventory: Inventory) -> dict[str, str]:
    """Return the images of a lab by their name and content, each with its id."""
    containers = engine.containers(inventory).values()
    if containers:
        return {f"{one.image_name} {one.image}": one.image for one in containers}
    wanted = {topology.image_of(node) or stand_ins.image(topology.image_role(node)) for node in topology.nodes}
    found, missing = {}, []
    for name in sorted(wanted):
        try:
            image = engine.of().image(name).id
        except MissingError:
            missing.append(name)
        else:
            found[f"{name} {image}"] = image
    if missing:
        raise RedlabError(
            f"lab {inventory.lab} has no container, and the engine no image {', '.join(missing)}; "
            f"`redlab up {inventory.lab}` builds or pulls them"
        )
    return found


def document(lab: str, lists: Mapping[str, str]) -> dict[str, Any]:
    """Return the document of what each image said. Pure."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": f"redundancy-lab {lab}"}},
        "components": [
            {"type": "container", "name": image, "bom-ref": image, "components": list(_components(said.splitlines()))}
            for image, said in sorted(lists.items())
        ],
    }


def _components(lines: Iterable[str]) -> Iterable[dict[str, str]]:
    for line in sorted(set(lines)):
        kind, *rest = line.split()
        if kind == "deb" and len(rest) == 3:
            name, version, architecture = rest
            purl = f"pkg:deb/debian/{quote(name)}@{quote(version, safe='')}?arch={architecture}"
        elif kind == "pypi" and (matched := re.fullmatch(r"(.+)-([^-]+)\.dist-info", rest[0])):
            name, version = matched[1].replace("_", "-").lower(), matched[2]
            purl = f"pkg:pypi/{quote(name)}@{quote(version, safe='')}"
        else:
            continue
        yield {"type": "library", "name": name, "version": version, "purl": purl}
