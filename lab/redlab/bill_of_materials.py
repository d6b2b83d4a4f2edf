"""What the images of a lab are made of, as CycloneDX has it: Debian packages and Python libraries, by version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Inventory

_LISTS = (
    r"dpkg-query -W -f 'deb ${Package} ${Version} ${Architecture}\n' 2>/dev/null;"
    "for each in /usr/local/lib/python3*/dist-packages/*.dist-info; do echo pypi ${each##*/}; done"
)
"""Libraries from Debian are among its packages; the others lie where pip would put them."""


def of_lab(inventory: Inventory) -> dict[str, Any]:
    """Return the document; each image is asked in one of its running nodes. Raises RedlabError when none runs."""
    found: dict[str, str] = {}
    for node in inventory.nodes:
        image = _name(engine.container(node).attrs)
        if image not in found:
            try:
                found[image] = engine.execute(node, ["sh", "-c", _LISTS])
            except RedlabError:  # it is stopped: another node may have the same image
                continue
    if not found:
        raise RedlabError(f"no node of lab {inventory.lab} runs; `redlab heal {inventory.lab}` starts them")
    return document(inventory.lab, found)


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


def _name(attributes: Mapping[str, Any]) -> str:
    """An image by its name and its content."""
    return f"{attributes['Config']['Image']} {attributes['Image']}"
