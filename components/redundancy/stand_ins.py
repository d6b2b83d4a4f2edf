"""The stand-ins: what each is built from, and what its image is called. Pure but for reading their files."""

from __future__ import annotations

import hashlib
from pathlib import Path

STAND_INS = Path(__file__).parents[2] / "lab" / "images"
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


def context(role: str) -> tuple[Path, str]:
    """Return the build context of a role's image, and its Dockerfile inside that."""
    folder = FOLDERS[role]
    return (STAND_INS, f"{folder}/Dockerfile") if role in SHARING else (STAND_INS / folder, "Dockerfile")


def image(role: str) -> str:
    """Return what a role's image is called.

    The tag is the content: labs of two checkouts do not overwrite each other's images.
    """
    folder, shared = FOLDERS[role], SHARING.get(role)
    digest = content_digest(*(STAND_INS / each for each in (folder, shared) if each))
    return f"redlab/{folder.replace('_', '-')}:{digest}"
