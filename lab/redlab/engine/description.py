"""Reading the descriptions that an engine gives (Docker Engine API) into the model. Pure.

This module alone knows the API's JSON: ContainerInspect, NetworkInspect, VolumeInspect, SystemVersion, SystemInfo.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from redlab.engine.model import (
    About,
    Container,
    Endpoint,
    Health,
    Image,
    Kind,
    PublishedPort,
    State,
    Thing,
    Volume,
)

LIMITS = {"MemoryLimit": "memory", "SwapLimit": "swap", "CPUShares": "processor shares"}
"""Fields of SystemInfo, and the limits of nodes that they stand for."""


def container(said: Mapping[str, Any]) -> Container:
    """Read ContainerInspect."""
    config, host = said.get("Config") or {}, said.get("HostConfig") or {}
    settings = said.get("NetworkSettings") or {}
    networks: Mapping[str, Mapping[str, Any]] = settings.get("Networks") or {}
    return Container(
        id=said.get("Id", ""),
        name=said.get("Name", "").removeprefix("/"),
        state=_state(said.get("State") or {}),
        image=said.get("Image", ""),
        image_name=config.get("Image", ""),
        labels=config.get("Labels") or {},
        made_at=_made_at(said, "Created"),
        restarts=said.get("RestartCount", 0),
        endpoints=_endpoints(networks, host.get("NetworkMode", "")),
        addresses={name: each.get("IPAddress") or "" for name, each in networks.items()},
        ports=tuple(
            PublishedPort(place["HostIp"], int(place["HostPort"]))
            for places in (settings.get("Ports") or {}).values()
            for place in places or ()
        ),
        volumes=tuple(
            Volume(each["Name"], each["Destination"]) for each in said.get("Mounts") or () if each["Type"] == "volume"
        ),
        health_check=tuple((config.get("Healthcheck") or {}).get("Test") or ()),
        program=(*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())),
        environment=tuple(config.get("Env") or ()),
        working_folder=config.get("WorkingDir") or "",
        memory_bytes=host.get("Memory", 0),
        cpu_shares=host.get("CpuShares", 0),
        most_processes=host.get("PidsLimit"),
    )


def thing_of(one: Container) -> Thing:
    """Return a container as one thing among others."""
    return Thing(Kind.CONTAINER, one.id, one.name, one.labels, one.made_at, one.environment)


def network(said: Mapping[str, Any]) -> Thing:
    """Read an entry of NetworkList."""
    return Thing(Kind.NETWORK, said["Id"], said["Name"], said.get("Labels") or {}, _made_at(said, "Created"))


def volume(said: Mapping[str, Any]) -> Thing:
    """Read an entry of VolumeList; a volume has no id but its name."""
    return Thing(Kind.VOLUME, said["Name"], said["Name"], said.get("Labels") or {}, _made_at(said, "CreatedAt"))


def image(said: Mapping[str, Any]) -> Image:
    """Read ImageInspect."""
    return Image(said["Id"], said.get("Os") or "", said.get("Architecture") or "")


def bridge(said: Mapping[str, Any]) -> str:
    """Return how the engine's machine calls the bridge of a network, from an entry of NetworkList."""
    return (said["Options"] or {}).get("com.docker.network.bridge.name") or f"br-{said['Id'][:12]}"


def public_ports(said: Iterable[Mapping[str, Any]]) -> set[int]:
    """Return the ports that are published, from ContainerList."""
    return {int(port["PublicPort"]) for each in said for port in each.get("Ports") or () if port.get("PublicPort")}


def about(version: Mapping[str, Any], info: Mapping[str, Any]) -> About:
    """Read SystemVersion and SystemInfo."""
    spoken = str(version.get("ApiVersion") or "")
    parts: Sequence[Mapping[str, Any]] = version.get("Components") or ()
    return About(
        name=str((version.get("Platform") or {}).get("Name") or "Docker engine"),
        release=str(version.get("Version") or info.get("ServerVersion") or ""),
        api=tuple(map(int, spoken.split("."))) if re.fullmatch(r"\d+\.\d+", spoken) else (),
        is_podman=any("podman" in str(part.get("Name")).lower() for part in parts),
        is_rootless=any("rootless" in str(option) for option in info.get("SecurityOptions") or ()),
        containers_of=str(info.get("OSType") or "linux"),
        system=str(info.get("OperatingSystem") or ""),
        kernel=str(info.get("KernelVersion") or ""),
        firewall=str((info.get("FirewallBackend") or {}).get("Driver") or ""),
        forwards=info.get("IPv4Forwarding"),
        cgroups=str(info.get("CgroupVersion") or ""),
        unlimited=tuple(name for key, name in LIMITS.items() if info.get(key) is False),
        memory_bytes=int(info.get("MemTotal") or 0),
        folder=str(info.get("DockerRootDir") or ""),
        has_proxy=bool(info.get("HttpProxy") or info.get("HttpsProxy")),
    )


def instant(text: str) -> float:
    """Return the Unix seconds of an instant as the engine writes it."""
    return datetime.fromisoformat(text).timestamp()


def _made_at(said: Mapping[str, Any], key: str) -> float:
    return instant(said[key]) if said.get(key) else 0.0


def _state(said: Mapping[str, Any]) -> State:
    health = said.get("Health") or {}
    log = health.get("Log") or ()
    last = log[-1] if log else {}
    return State(
        status=said.get("Status", ""),
        running=said.get("Running", False),
        paused=said.get("Paused", False),
        restarting=said.get("Restarting", False),
        pid=said.get("Pid", 0),
        exit_code=said.get("ExitCode", 0),
        started_at=said.get("StartedAt", ""),
        finished_at=said.get("FinishedAt", ""),
        health=Health(health["Status"], last.get("ExitCode"), str(last.get("Output", ""))) if health else None,
    )


def _endpoints(networks: Mapping[str, Mapping[str, Any]], mode: str) -> tuple[Endpoint, ...]:
    """The network that the container was created in comes first: to it the engine binds the published ports."""
    first = sorted(networks, key=lambda name: (mode not in (name, networks[name].get("NetworkID")), name))
    return tuple(_endpoint(name, networks[name]) for name in first)


def _endpoint(name: str, said: Mapping[str, Any]) -> Endpoint:
    chosen: Mapping[str, Any] = said.get("IPAMConfig") or {}
    return Endpoint(
        name,
        ipv4_address=chosen.get("IPv4Address", ""),
        ipv6_address=chosen.get("IPv6Address", ""),
        aliases=tuple(said.get("Aliases") or ()),
        links=tuple(said.get("Links") or ()),
        link_local_addresses=tuple(chosen.get("LinkLocalIPs") or ()),
        driver_options=said.get("DriverOpts"),
    )
