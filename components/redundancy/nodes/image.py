"""The image of each role: a stand-in built from this project, or what the topology names instead."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pulumi
import pulumi_docker as docker

STAND_INS = Path(__file__).parents[3] / "lab" / "images"
CONTEXTS = {
    "gateway": "gateway",
    "dataProcessingServer": "data_processing_server",
    "loadBalancer": "load_balancer",
    "database": "database",
    "collector": "collector",
}


def content_digest(folder: Path) -> str:
    """Return a digest of every file of a build context: names, modes and contents; the same on every machine."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        executable = bool(path.stat().st_mode & 0o100)
        digest.update(f"{path.relative_to(folder).as_posix()}\0{executable}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def images(parent: pulumi.Resource, name: str, overrides: Mapping[str, str]) -> dict[str, pulumi.Output[str]]:
    """Return the image id of every role; builds the stand-ins that are not overridden, and never deletes an image."""
    return {role: _image(parent, f"{name}-{context}", overrides.get(role), context) for role, context in CONTEXTS.items()}


def _image(parent: pulumi.Resource, name: str, override: str | None, context: str) -> pulumi.Output[str]:
    opts = pulumi.ResourceOptions(parent=parent)
    if override:
        return docker.RemoteImage(name, name=override, keep_locally=True, opts=opts).image_id
    folder = STAND_INS / context
    digest = content_digest(folder)
    return docker.RemoteImage(
        name,
        # The tag is the content: labs of two checkouts do not overwrite each other's images.
        name=f"redlab/{context.replace('_', '-')}:{digest}",
        keep_locally=True,
        build=docker.RemoteImageBuildArgs(context=str(folder)),
        triggers={"content": digest},
        opts=opts,
    ).image_id
