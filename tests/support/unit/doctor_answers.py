"""Answers of engines to SystemVersion and SystemInfo, as far as they are judged.

Recorded: 20.10.24, 28.5.2, and Moby 2.0.0-beta.24, which became engine 29, with nftables. Written down from
documentation and bug reports, since they cannot be run here: Podman (containers/podman#11227), Docker Desktop
(docker/for-mac#7402), rootless Docker without delegated controllers (docs.docker.com, engine/security/rootless/tips).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from redlab.doctor.facts import EngineFacts, Facts, Inotify, MachineFacts, Routing, ToolFacts
from redlab.engine import description

KERNEL = "6.18.44-fc-v657"
_LIMITS = {"MemoryLimit": True, "SwapLimit": True, "CPUShares": True, "CpuCfsQuota": True}
_INFO: dict[str, Any] = {
    "OSType": "linux",
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
    "KernelVersion": KERNEL,
    "CgroupVersion": "1",
    "IPv4Forwarding": True,
    "SecurityOptions": ["name=seccomp,profile=default"],
    "HttpProxy": "",
    "HttpsProxy": "",
    "MemTotal": 25325268992,
    "DockerRootDir": "/var/lib/docker",
    **_LIMITS,
}


def engine(release: str, api: str, info: dict[str, Any] | None = None, **version: Any) -> EngineFacts:
    said = {"Version": release, "ApiVersion": api, "Platform": {"Name": ""}, "Components": [{"Name": "Engine"}]}
    return EngineFacts("", about=description.about(said | version, _INFO | {"ServerVersion": release} | (info or {})))


DEBIAN_12 = engine("20.10.24+dfsg1", "1.41")
RELEASE_28 = engine("28.5.2+dfsg4", "1.51", {"FirewallBackend": {"Driver": "iptables"}})
NFTABLES_29 = engine(
    "library-import",
    "1.56",
    {"FirewallBackend": {"Driver": "nftables", "Info": [["EnableUserlandProxy", "true"]]}}
    | {"Warnings": ["WARNING: Support for cgroup v1 is deprecated"]},
)
PODMAN = engine("5.4.2", "1.41", Platform={"Name": "linux/amd64/fedora-42"}, Components=[{"Name": "Podman Engine"}])
DESKTOP = replace(
    engine(
        "27.1.1",
        "1.46",
        {"OperatingSystem": "Docker Desktop", "KernelVersion": "6.10.0-linuxkit", "CgroupVersion": "2"},
        Platform={"Name": "Docker Desktop 4.33.0 (160616)"},
    ),
    here=False,
)
ROOTLESS = engine(
    "28.5.2",
    "1.51",
    {"SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"]}
    | {"CgroupDriver": "none", "CgroupVersion": "2"}
    | dict.fromkeys(_LIMITS, False),
)
WINDOWS = engine("28.5.2", "1.51", {"OSType": "windows"})
SILENT = EngineFacts("tcp://192.0.2.1:2375", error="the Docker engine does not answer (refused); start it")

HEALTHY = Facts(
    DEBIAN_12,
    MachineFacts(
        tun=True,
        netem=False,
        available_mebibytes=21505,
        inotify=Inotify(128, 3),
        free_gibibytes={"/var/lib/docker": 63.2, "/checkout": 63.2},
    ),
    ToolFacts(pulumi="/bin/pulumi", pulumi_version="v3.259.0"),
    Routing(True, "a container forwards from one network to another"),
)


def with_engine(found: EngineFacts) -> Facts:
    return replace(HEALTHY, engine=found)


def with_machine(**changes: Any) -> Facts:
    return replace(HEALTHY, machine=replace(HEALTHY.machine, **changes))


def with_tools(**changes: Any) -> Facts:
    return replace(HEALTHY, tools=replace(HEALTHY.tools, **changes))
