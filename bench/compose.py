"""A second baseline: the same containers with `docker compose up --wait`, where compose is installed."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.blueprint import Blueprint, Container

PROJECT = "redlab-bench-compose"
SECONDS = 300


def installed() -> bool:
    """Tell whether the Docker client has the compose plugin."""
    done = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False, timeout=30)
    return done.returncode == 0


@contextmanager
def project(blueprint: Blueprint) -> Iterator[Path]:
    """Write the compose file, and the files that it mounts into the containers, into a new folder."""
    with TemporaryDirectory(prefix="redlab-compose-") as folder:
        place = Path(folder)
        file = place / "compose.json"
        file.write_text(json.dumps(document(blueprint, place)))
        yield file


def up(file: Path) -> None:
    """Create everything, and return when all containers are healthy."""
    _run(file, "up", "--detach", "--wait", "--quiet-pull")


def down(file: Path) -> None:
    """Remove everything, volumes included."""
    _run(file, "down", "--volumes")


def _run(file: Path, *arguments: str) -> None:
    command = ["docker", "compose", "--project-name", PROJECT, "--file", str(file), *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)


def document(blueprint: Blueprint, place: Path) -> dict[str, Any]:
    """Return the compose file (JSON is valid YAML); unpack the containers' files below ``place``."""
    return {
        "networks": {network["Name"]: _network(network) for network in blueprint.networks},
        "volumes": {volume["Name"]: {"name": volume["Name"]} for volume in blueprint.volumes},
        "services": {container.name: _service(container, place) for container in blueprint.containers},
    }


def _network(network: dict[str, Any]) -> dict[str, Any]:
    pools = [
        {"subnet": pool["Subnet"], "gateway": pool["Gateway"], "aux_addresses": pool.get("AuxiliaryAddresses") or {}}
        for pool in network["IPAM"]["Config"]
    ]
    return {
        "name": network["Name"],
        "driver": network["Driver"],
        "driver_opts": network["Options"],
        "ipam": {"config": pools},
    }


def _service(container: Container, place: Path) -> dict[str, Any]:
    body, host = container.body, container.body["HostConfig"]
    endpoints = {**body["NetworkingConfig"]["EndpointsConfig"], **container.endpoints}
    service = {
        "image": body["Image"],
        "container_name": container.name,
        "hostname": body.get("Hostname"),
        "environment": body.get("Env"),
        "healthcheck": _health_check(body.get("Healthcheck")),
        "networks": {
            name: {"ipv4_address": endpoint["IPAMConfig"]["IPv4Address"]} for name, endpoint in endpoints.items()
        },
        "volumes": [*(host.get("Binds") or []), *_files(container, place)],
        "tmpfs": [f"{path}:{options}" for path, options in (host.get("Tmpfs") or {}).items()],
        "ports": [
            f"{binding['HostIp']}:{binding['HostPort']}:{port}"
            for port, bindings in (host.get("PortBindings") or {}).items()
            for binding in bindings
        ],
        "cap_add": host.get("CapAdd"),
        "cap_drop": host.get("CapDrop"),
        "security_opt": host.get("SecurityOpt"),
        "sysctls": host.get("Sysctls"),
        "devices": [f"{d['PathOnHost']}:{d['PathInContainer']}" for d in host.get("Devices") or []],
        "dns": host.get("Dns"),
        "extra_hosts": host.get("ExtraHosts"),
        "mem_limit": host.get("Memory"),
        "memswap_limit": host.get("MemorySwap"),
        "cpu_shares": host.get("CpuShares"),
        "read_only": host.get("ReadonlyRootfs"),
        "init": host.get("Init"),
        "stop_grace_period": f"{container.grace_seconds}s",
    }
    return {key: value for key, value in service.items() if value}


def _health_check(check: dict[str, Any] | None) -> dict[str, Any] | None:
    if not check:
        return None
    names = {"Interval": "interval", "Timeout": "timeout", "StartPeriod": "start_period"}
    durations = {name: f"{check[key]}ns" for key, name in names.items() if check.get(key)}
    return {"test": check["Test"], "retries": check["Retries"], **durations}


def _files(container: Container, place: Path) -> list[str]:
    """Unpack the files that were copied into the container, and return them as read-only mounts."""
    if not container.archive:
        return []
    mounts = []
    with tarfile.open(fileobj=io.BytesIO(container.archive)) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content:  # a regular file
                own = place / container.name / member.name
                own.parent.mkdir(parents=True, exist_ok=True)
                own.write_bytes(content.read())
                own.chmod(member.mode)
                mounts.append(f"{own}:/{member.name}:ro")
    return mounts
