"""The image of each role: a stand-in built from this project, or what the topology names instead."""

from __future__ import annotations

import hashlib

import pulumi
import pulumi_docker as docker

from redundancy import stand_ins
from redundancy.roles import IMAGES
from redundancy.topology import Topology


def images(parent: pulumi.Resource, name: str, topology: Topology) -> dict[tuple[str, str], pulumi.Output[str]]:
    """Return the images of the nodes, by role and by what the topology names for it ('' for nothing).

    Builds the stand-ins where nothing is named, and never deletes an image.

    A stand-in is known by its name, whose tag is its content. An id would differ between builders (BuildKit, the
    classic one): two that share an engine would move each other's tags, and each refresh replace every container.
    What the topology names is known by its id, so that a tag that was moved to another image is noticed.
    """
    wanted = {(topology.image_role(node), topology.image_of(node)) for node in topology.nodes}
    return {
        (role, named): _image(parent, name, role, named, alone=named == topology.images.get(role, ""))
        for role, named in sorted(wanted)
    }


def _image(parent: pulumi.Resource, name: str, role: str, override: str, *, alone: bool) -> pulumi.Output[str]:
    """Make an image of a role: that of the role (``alone``), or one that only some of its nodes have."""
    folder = IMAGES[role].folder
    suffix = "" if alone else f"-{hashlib.sha256(override.encode()).hexdigest()[:8]}"
    logical = f"{name}-{folder.replace('_', '-')}{suffix}"
    opts = pulumi.ResourceOptions(parent=parent)
    if override:
        return docker.RemoteImage(logical, name=override, keep_locally=True, opts=opts).image_id
    context, dockerfile = stand_ins.context(role)
    build = docker.RemoteImageBuildArgs(
        context=str(context), dockerfile=None if dockerfile == "Dockerfile" else dockerfile
    )
    made = stand_ins.image(role)
    return docker.RemoteImage(
        logical,
        name=made,
        keep_locally=True,
        build=build,
        triggers={"content": made.rpartition(":")[2]},
        opts=opts,
    ).name
