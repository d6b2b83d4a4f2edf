"""The parts of a running lab, read from the engine: enough to create them again through the engine's API."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from typing import Any

from docker import APIClient

_ADDED = 1
# The engine puts its init into every container that has `init` set.
_ENGINES_OWN = ("/usr/sbin/docker-init",)


@dataclass(frozen=True)
class Container:
    """One container: its name, the body that creates it, its endpoints by network, and its files as a tar archive."""

    name: str
    body: dict[str, Any]
    endpoints: dict[str, dict[str, Any]]
    archive: bytes
    grace_seconds: int


@dataclass(frozen=True)
class Blueprint:
    """Networks and volumes (bodies of their create requests) and containers."""

    networks: tuple[dict[str, Any], ...]
    volumes: tuple[dict[str, Any], ...]
    containers: tuple[Container, ...]


def read(api: APIClient, label: str) -> Blueprint:
    """Read the running containers with ``label``, and the networks and volumes with it."""
    filters = {"label": label}
    return Blueprint(
        tuple(_network(api.inspect_network(found["Id"])) for found in api.networks(filters=filters)),
        tuple(
            {key: volume[key] for key in ("Name", "Driver", "Labels")}
            for volume in api.volumes(filters=filters)["Volumes"] or []
        ),
        tuple(_container(api, found["Id"]) for found in api.containers(filters=filters)),
    )


def _network(inspected: dict[str, Any]) -> dict[str, Any]:
    return {key: inspected[key] for key in ("Name", "Driver", "IPAM", "Options", "Labels")}


def _container(api: APIClient, identity: str) -> Container:
    inspected = api.inspect_container(identity)
    config = {key: value for key, value in inspected["Config"].items() if value}
    networks = inspected["NetworkSettings"]["Networks"]
    endpoints = {
        name: {"IPAMConfig": {"IPv4Address": endpoint["IPAddress"]}} for name, endpoint in sorted(networks.items())
    }
    # The first network is part of the container's creation; the others are connected before the start.
    first = next(iter(endpoints))
    host = inspected["HostConfig"] | {"NetworkMode": first}
    body = config | {"HostConfig": host, "NetworkingConfig": {"EndpointsConfig": {first: endpoints[first]}}}
    return Container(
        inspected["Name"].removeprefix("/"),
        body,
        {name: endpoint for name, endpoint in endpoints.items() if name != first},
        _added_files(api, identity),
        int(config.get("StopTimeout", 0)),
    )


def _added_files(api: APIClient, identity: str) -> bytes:
    """Return one archive, relative to the root, of the files that were copied into the container."""
    packed, files = io.BytesIO(), 0
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for change in api.diff(identity) or []:
            path = change["Path"]
            if change["Kind"] != _ADDED or path in _ENGINES_OWN:
                continue
            chunks, _ = api.get_archive(identity, path)
            with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as found:
                member = found.next()
                content = found.extractfile(member) if member and member.isreg() else None
                if member and content:
                    member.name = path.removeprefix("/")
                    archive.addfile(member, content)
                    files += 1
    return packed.getvalue() if files else b""
