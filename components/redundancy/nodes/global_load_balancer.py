"""Global load balancer (GLB): HAProxy before the sites; collectors and users go to the active one."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_docker as docker
from pulumi_docker.outputs import VolumeLabel

from redundancy.naming import ACCESS_NETWORK, LABEL_PREFIX
from redundancy.nodes import configuration
from redundancy.nodes.configuration import COLLECTOR_PORT, USER_PORT, Endpoint, Interface, SiteEntry
from redundancy.nodes.container import SECURITY_OPTIONS, Role
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.nodes.service_desk import SERVICE_MANAGER_PORT
from redundancy.nodes.ucmdb import PORT as UCMDB_PORT
from redundancy.topology import GlobalLoadBalancer as Declared
from redundancy.topology import Node, Topology

STATE_DIRECTORY = "/var/lib/global-load-balancer"
_FIRST_SITE = "first-site"
_DECLARATION_MEMORY_MEBIBYTES = 32


class GlobalLoadBalancer(NodeComponent):
    """The global load balancer, and a container that tells it which site the topology declares active.

    The latter runs once and ends; another declared site replaces it alone, so that clients keep their connections.
    """

    def __init__(self, name: str, lab: Lab, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = lab.topology.global_load_balancer
        if declared is None:
            raise ValueError(f"the topology of {lab.topology.name} has no global load balancer")
        interfaces = _interfaces(lab)
        if interfaces is None:
            ports = {"collectors": COLLECTOR_PORT, "users": USER_PORT}
        else:
            ports = {"users": USER_PORT, **{interface.name: interface.port for interface in interfaces}}
        role = Role(
            # Users whose site is not theirs any more are disconnected, or they would stay there.
            environment={} if interfaces is None else {"REDLAB_DISCONNECT_USERS": "true"},
            files={"/etc/haproxy/haproxy.cfg": _configuration(lab, declared, interfaces)},
            volume=STATE_DIRECTORY,
            # Another site that is declared later moves the clients alone, so the first one has to be remembered.
            remembers={} if lab.topology.event_exchange else {_FIRST_SITE: lab.topology.first_site},
            ports={port: lab.plan.published_port(node, kind) for kind, port in ports.items()},
        )
        super().__init__("GlobalLoadBalancer", name, lab, ACCESS_NETWORK, node, role, opts)
        if self.volume is None:
            raise ValueError("a global load balancer has a volume")
        self.first_site = self.volume.labels.apply(lambda labels: remembered_site(labels, lab.topology))
        _declare(self, self.volume, name, lab, declared)


def remembered_site(labels: Sequence[VolumeLabel] | None, topology: Topology) -> str:
    """Return the site that was to serve when the volume with these labels was made."""
    said = (label.value for label in labels or () if label.label == LABEL_PREFIX + _FIRST_SITE)
    # Before this was remembered, every lab began in the site whose name comes first.
    return next(said, topology.sites[0].name)


def _interfaces(lab: Lab) -> tuple[Interface, ...] | None:
    """The user interfaces that twin instances share; None where it is no wide-area load balancer."""
    desk, ucmdb = lab.topology.service_desk, lab.topology.ucmdb
    if desk is None or ucmdb is None:
        return None
    return tuple(
        Interface(node.role, port, Endpoint(node.name, lab.plan.addresses(node)[ucmdb.name]), health_uri)
        for node, port, health_uri in (
            (desk.service_manager, SERVICE_MANAGER_PORT, "/readyz"),
            (ucmdb.nodes[0], UCMDB_PORT, "/v1/status"),
        )
    )


def _configuration(lab: Lab, declared: Declared, interfaces: tuple[Interface, ...] | None) -> str:
    entries = {site.name: lab.plan.virtual_ips(site.name) for site in lab.topology.sites}
    return configuration.global_haproxy_configuration(
        declared.node.name,
        tuple(SiteEntry(site, entry.collectors, entry.users) for site, entry in entries.items()),
        configuration.Timers(
            check_interval_milliseconds=round(declared.check_interval_seconds * 1000), check_fall=declared.check_fall
        ),
        interfaces,
    )


def _declare(balancer: GlobalLoadBalancer, volume: docker.Volume, name: str, lab: Lab, declared: Declared) -> None:
    """Write what the topology declares to the volume, where the global load balancer sees it."""
    labels = lab.names.labels(site=ACCESS_NETWORK)
    setter = docker.Container(
        f"{name}-declaration",
        name=f"{lab.names.container(declared.node.name)}-declaration",
        image=lab.images[declared.node.role],
        entrypoints=["/usr/local/bin/declare-site"],
        command=[declared.active_site, "automatic" if declared.automatic else "manual"],
        labels=[docker.ContainerLabelArgs(label=key, value=value) for key, value in labels.items()],
        network_mode="none",
        dns=["127.0.0.1"],
        volumes=[
            # All that it waits for: the global load balancer follows whenever it is there.
            docker.ContainerVolumeArgs(volume_name=volume.name, container_path=STATE_DIRECTORY)
        ],
        read_only=True,
        init=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=list(SECURITY_OPTIONS),
        memory=_DECLARATION_MEMORY_MEBIBYTES,
        memory_swap=_DECLARATION_MEMORY_MEBIBYTES,
        log_driver="json-file",
        log_opts={"max-file": "2", "max-size": "5m"},
        # It runs to its end, which the deployment waits for, and is not started again.
        attach=True,
        must_run=False,
        restart="no",
        opts=pulumi.ResourceOptions(
            parent=balancer,
            delete_before_replace=True,
            replace_on_changes=["init"],
        ),
    )
    setter.exit_code.apply(_check)


def _check(exit_code: int | None) -> None:
    """Raise RunError when the declaration was not written (the exit code is not known in a preview)."""
    if exit_code:
        raise pulumi.RunError(
            f"the active site could not be declared: declare-site ended with {exit_code}, see the log of its container"
        )
