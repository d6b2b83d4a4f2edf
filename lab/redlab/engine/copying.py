"""The description of a copy of a container, from the engine's description of the original. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

CPU_SHARES = 64
"""A sixteenth of a node's: what is tried must not take the processors from what serves."""
_PROGRAM = ("Cmd", "Entrypoint", "Env", "Healthcheck", "Hostname")
_KEPT = (
    *("CapAdd", "CapDrop", "Dns", "Init", "LogConfig", "Memory", "MemorySwap"),
    *("ReadonlyRootfs", "SecurityOpt", "Sysctls", "Tmpfs"),
)


def volume_folders(original: Mapping[str, Any]) -> list[str]:
    """Return the folders where a container has its volumes."""
    return [mount["Destination"] for mount in original["Mounts"] if mount["Type"] == "volume"]


def described(
    original: Mapping[str, Any],
    *,
    labels: Mapping[str, str],
    network: str,
    alias: str,
    unknown: Iterable[str],
    binds: list[str],
) -> dict[str, Any]:
    """Return the description (ContainerCreate) of a copy; see :meth:`redlab.engine.docker_engine.Engine.copy`."""
    config, host = original["Config"], original["HostConfig"]
    left_out = {*unknown}
    return {
        **{key: config[key] for key in _PROGRAM if config.get(key)},
        "Image": original["Image"],
        "Labels": dict(labels),
        "HostConfig": {
            **{key: host[key] for key in _KEPT if host.get(key)},
            "CpuShares": CPU_SHARES,
            "Binds": binds,
            "ExtraHosts": [entry for entry in host["ExtraHosts"] or () if entry.split(":")[0] not in left_out],
            "NetworkMode": network,
        },
        "NetworkingConfig": {"EndpointsConfig": {network: {"Aliases": [alias]}}},
    }
