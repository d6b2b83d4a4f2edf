"""The container of a node, hardened the same way for every role (docs/contract/index.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_docker as docker

from redundancy.building import HEALTH_TIMEOUT_SECONDS, HEALTH_WAIT_SECONDS
from redundancy.nodes import encryption
from redundancy.nodes.duration import go_duration
from redundancy.nodes.lab import SECRETS_DIRECTORY, Lab
from redundancy.roles import Role
from redundancy.topology import Node

SECURITY_OPTIONS = ("no-new-privileges",)
"""Alone it means true, to every engine and to Podman; engines deprecate the colon of ``no-new-privileges:true``."""
# The roles run as users of their own; inside the container, which holds one service, files are readable. Load balancers
# alone are root's, and read what root alone may.
_PERMISSIONS = {"user-certificate": "0400"}
# A database cluster that is made on a busy machine takes 40 s until its first member serves. Ends at the first success.
START_SECONDS = 90
STOP_SECONDS = 5


@dataclass(frozen=True)
class ContainerSettings:
    """What sets the container of one role apart from the others.

    ``secrets`` are names of secret files; ``certificate``: by whose name, and at which addresses as a server, it is
    known to the configuration store; ``served_at``: as which addresses and names those who log in know a database
    server, where they come by TLS; ``files`` maps a path to its content; ``volume`` is where the data volume is
    mounted; ``ports`` maps a port of the container to one on 127.0.0.1; ``capabilities`` in the long form, since the
    engine's short form reads back as a difference and replaces the container; ``remembers`` are labels of the volume
    that stay as they were when it was made; ``user``: who runs it, where that is not the image's own.
    """

    environment: Mapping[str, pulumi.Input[str]]
    secrets: Sequence[str] = ()
    certificate: tuple[str, Sequence[str]] | None = None
    served_at: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    volume: str = ""
    ports: Mapping[int, int] = field(default_factory=dict)
    capabilities: Sequence[str] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    devices: Sequence[str] = ()
    remembers: Mapping[str, str] = field(default_factory=dict)
    user: str = ""


def create(
    component: pulumi.ComponentResource, name: str, lab: Lab, site: str, node: Node, settings: ContainerSettings
) -> tuple[docker.Container, docker.Volume | None]:
    """Create the container of ``node`` and its volume as children of ``component``; its logical name is ``name``."""
    volume = _volume(component, name, lab, site, node, settings) if settings.volume else None
    mounts = [docker.ContainerVolumeArgs(volume_name=volume.name, container_path=settings.volume)] if volume else []
    labels = lab.names.labels(site=site, role=node.role, node=node.name)
    named = {"REDLAB_STACK": lab.topology.name, "REDLAB_SITE": site, "REDLAB_NODE": node.name}
    environment: dict[str, pulumi.Input[str]] = {**named, **_patience(lab, site, node), **settings.environment}
    uploads = _uploads(lab, node, settings)
    copying = lab.topology.copy_seconds(site) if node.role is Role.DATABASE else 0
    container = docker.Container(
        name,
        name=lab.names.container(node.name),
        hostname=node.name,
        image=lab.image_of(node),
        user=settings.user or None,
        envs=[
            pulumi.Output.concat(key, "=", value)
            for key, value in sorted(environment.items(), key=lambda item: item[0])
        ],
        labels=[docker.ContainerLabelArgs(label=key, value=value) for key, value in labels.items()],
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(name=lab.networks[network].name, ipv4_address=address)
            for network, address in lab.plan.addresses(node).items()
        ],
        hosts=[docker.ContainerHostArgs(host=host, ip=ip) for host, ip in lab.hosts(node).items()],
        # The engine would hand a name it does not know to the machine's own resolvers. Nothing listens here.
        dns=["127.0.0.1"],
        ports=[
            docker.ContainerPortArgs(internal=internal, external=external, ip="127.0.0.1")
            for internal, external in sorted(settings.ports.items())
        ],
        uploads=uploads,
        volumes=mounts,
        tmpfs={"/tmp": "rw,nosuid,nodev,size=64m", "/run": "rw,nosuid,nodev,size=16m,mode=1777"},  # noqa: S108
        # The engine uploads no file to a read-only root (20.10: "container rootfs is marked read-only").
        read_only=not uploads,
        init=True,
        capabilities=docker.ContainerCapabilitiesArgs(adds=list(settings.capabilities), drops=["ALL"]),
        security_opts=list(SECURITY_OPTIONS),
        sysctls=dict(settings.sysctls) or None,
        devices=[docker.ContainerDeviceArgs(host_path=path, container_path=path) for path in settings.devices] or None,
        # Both, or the engine adds a swap limit of its own that then shows as a difference.
        memory=node.resources.memory_mebibytes,
        memory_swap=node.resources.memory_mebibytes,
        cpu_shares=node.resources.cpu_shares,
        log_driver="json-file",
        log_opts={"max-file": "2", "max-size": "5m"},
        restart="unless-stopped",
        must_run=True,
        stop_timeout=STOP_SECONDS,
        destroy_grace_seconds=STOP_SECONDS,
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=["CMD", "/usr/local/bin/healthcheck"],
            interval=go_duration(lab.topology.health_check_interval_seconds),
            timeout=go_duration(HEALTH_TIMEOUT_SECONDS),
            start_period=go_duration(START_SECONDS + copying),
            retries=3,
        ),
        wait=True,
        wait_timeout=HEALTH_WAIT_SECONDS + copying,
        opts=pulumi.ResourceOptions(
            parent=component,
            # Name, addresses and ports are fixed: the new container cannot exist beside the old one.
            delete_before_replace=True,
            # The provider plans an update for these, which Docker has no call for.
            replace_on_changes=["healthcheck", "init", "tmpfs"],
        ),
    )
    return container, volume


def _patience(lab: Lab, site: str, node: Node) -> dict[str, str]:
    """The round trip that a node has to be patient for, where it talks to other sites."""
    milliseconds = lab.topology.long_round_trip_milliseconds(site) if node.role.row.over_links else 0
    return {"REDLAB_ROUND_TRIP_MILLISECONDS": str(milliseconds)} if milliseconds else {}


def _volume(
    component: pulumi.ComponentResource, name: str, lab: Lab, site: str, node: Node, settings: ContainerSettings
) -> docker.Volume:
    labels = lab.names.labels(site=site, role=node.role, node=node.name, **settings.remembers)
    return docker.Volume(
        f"{name}-data",
        name=lab.names.volume(node.name),
        labels=[docker.VolumeLabelArgs(label=key, value=value) for key, value in labels.items()],
        opts=pulumi.ResourceOptions(
            parent=component, delete_before_replace=True, ignore_changes=["labels"] if settings.remembers else None
        ),
    )


def _uploads(lab: Lab, node: Node, settings: ContainerSettings) -> list[docker.ContainerUploadArgs]:
    files = [
        docker.ContainerUploadArgs(file=path, content=content, permissions="0444")
        for path, content in sorted(settings.files.items())
    ]
    contents = {name: lab.secrets.file(name) for name in settings.secrets} | encryption.files(lab, node)
    if settings.certificate:
        contents |= lab.secrets.certificates(*settings.certificate)
    if settings.served_at:
        contents |= lab.secrets.server_certificate(settings.served_at[0], settings.served_at)
    secrets = [
        docker.ContainerUploadArgs(
            file=f"{SECRETS_DIRECTORY}/{name}", content=content, permissions=_PERMISSIONS.get(name, "0444")
        )
        for name, content in contents.items()
    ]
    return files + secrets
