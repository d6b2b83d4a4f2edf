"""The image of each role: a stand-in built from this project, or what the topology names instead."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pulumi
import pulumi_docker as docker

from redundancy.topology import Topology

STAND_INS = Path(__file__).parents[3] / "lab" / "images"
FOLDERS = {
    "gateway": "gateway",
    "dataProcessingServer": "data_processing_server",
    "loadBalancer": "load_balancer",
    "database": "database",
    "databaseCluster": "database_cluster",
    "etcd": "etcd",
    "wanRouter": "site_router",
    "globalLoadBalancer": "global_load_balancer",
    "ucmdb": "ucmdb",
    "serviceManager": "service_manager",
    "operationsOrchestration": "operations_orchestration",
    "collector": "collector",
}
SHARING = {
    "gateway": "common",
    "dataProcessingServer": "common",
    "ucmdb": "common",
    "serviceManager": "common",
    "operationsOrchestration": "common",
    "globalLoadBalancer": "load_balancer",
    "databaseCluster": "database",
}
"""Roles whose build context is all of ``lab/images``, since they share the code of another folder."""


_NO_SOURCES = {"__pycache__", "wheels"}
"""Folders of an image that say nothing of its content; what is fetched into wheels/ is pinned beside it."""


def content_digest(*folders: Path) -> str:
    """Return a digest of what an image is built from: names, modes and contents; the same on every machine."""
    digest = hashlib.sha256()
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    for path in sorted(path for path in files if not _NO_SOURCES & set(path.parts)):
        executable = bool(path.stat().st_mode & 0o100)
        digest.update(f"{path.relative_to(STAND_INS).as_posix()}\0{executable}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


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
    folder = FOLDERS[role]
    suffix = "" if alone else f"-{hashlib.sha256(override.encode()).hexdigest()[:8]}"
    logical = f"{name}-{folder.replace('_', '-')}{suffix}"
    opts = pulumi.ResourceOptions(parent=parent)
    if override:
        return docker.RemoteImage(logical, name=override, keep_locally=True, opts=opts).image_id
    shared = SHARING.get(role)
    digest = content_digest(*(STAND_INS / each for each in (folder, shared) if each))
    build = (
        docker.RemoteImageBuildArgs(context=str(STAND_INS), dockerfile=f"{folder}/Dockerfile")
        if shared
        else docker.RemoteImageBuildArgs(context=str(STAND_INS / folder))
    )
    return docker.RemoteImage(
        logical,
        # The tag is the content: labs of two checkouts do not overwrite each other's images.
        name=f"redlab/{folder.replace('_', '-')}:{digest}",
        keep_locally=True,
        build=build,
        triggers={"content": digest},
        opts=opts,
    ).name
