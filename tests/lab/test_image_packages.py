"""The images of the stand-ins have the Debian packages that are recorded, or newer ones.

After a change on purpose, or from time to time: `UPDATE_PACKAGES=1 pytest tests/lab/test_image_packages.py`, and read
the difference before committing it.
"""

from __future__ import annotations

import os
import re
import subprocess
import warnings
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from tests.support import docker_engine

from redlab.stack import bill_of_materials, checkout
from redundancy import stand_ins
from redundancy.roles import IMAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.docker

RECORD = checkout.ROOT / "lab" / "images" / "debian-packages.txt"
Found = dict[str, dict[str, str]]
"""Versions by role and package. A rebuild for one processor (+b1) is the same version."""


def debian(said: str) -> dict[str, str]:
    lines = [line.split() for line in said.splitlines() if line.startswith("deb ")]
    return {name: re.sub(r"\+b\d+$", "", version) for _, name, version, _ in lines}


def written(found: Found) -> str:
    """A line for each package and version: which roles' images have it."""
    roles: dict[tuple[str, str], list[str]] = defaultdict(list)
    for role, packages in found.items():
        for package in packages.items():
            roles[package].append(role)
    everywhere = sorted(found)
    lines = [
        f"{name} {version} {'all' if sorted(those) == everywhere else ' '.join(sorted(those))}\n"
        for (name, version), those in sorted(roles.items())
    ]
    return (
        "# Debian packages of the images: name, version, roles. Written by tests/lab/test_image_packages.py.\n"
        + "".join(lines)
    )


def read(text: str) -> Found:
    found: Found = {role: {} for role in IMAGES}
    for name, version, *roles in (line.split() for line in text.splitlines() if not line.startswith("#")):
        for role in found if roles == ["all"] else roles:
            found[role][name] = version
    return found


def differences(
    recorded: Mapping[str, str], found: Mapping[str, str], is_older: Callable[[str, str], bool]
) -> tuple[list[str], list[str]]:
    """What is wrong with the packages of an image, and what is merely newer."""
    wrong = [f"{name}: not recorded" for name in sorted(found.keys() - recorded.keys())]
    wrong += [f"{name}: not there any more" for name in sorted(recorded.keys() - found.keys())]
    newer = []
    for name in sorted(recorded.keys() & found.keys()):
        if found[name] != recorded[name]:
            said = f"{name}: {recorded[name]} is recorded, {found[name]} is there"
            (wrong if is_older(found[name], recorded[name]) else newer).append(said)
    return wrong, newer


def built(role: str) -> str:
    """The image of a role; built where this engine does not have it."""
    import docker

    name, images = stand_ins.image(role), docker_engine.client().images
    try:
        images.get(name)
    except docker.errors.ImageNotFound:
        context, dockerfile = stand_ins.context(role)
        images.build(path=str(context), dockerfile=dockerfile, tag=name, rm=True)
    return name


def older_by_dpkg(image: str) -> Callable[[str, str], bool]:
    def is_older(one: str, other: str) -> bool:
        program = ["docker", "run", "--rm", "--network", "none", "--entrypoint", "dpkg", image, "--compare-versions"]
        return subprocess.run([*program, one, "lt", other], check=False).returncode == 0

    return is_older


def test_the_images_have_the_packages_that_are_recorded() -> None:
    images = {role: built(role) for role in IMAGES}
    found = {role: debian(bill_of_materials.packages(image)) for role, image in images.items()}
    assert all(len(packages) > 50 for packages in found.values())
    if os.environ.get("UPDATE_PACKAGES"):
        RECORD.write_text(written(found))
    recorded = read(RECORD.read_text())
    compared = {role: differences(recorded[role], found[role], older_by_dpkg(images[role])) for role in images}
    if newer := sorted({said for _, those in compared.values() for said in those}):
        # Debian's security updates: no fault, and to be recorded some day.
        warnings.warn("newer than recorded: " + "; ".join(newer), stacklevel=1)
    assert {role: wrong for role, (wrong, _) in compared.items() if wrong} == {}
