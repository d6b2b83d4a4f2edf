"""Global load balancer (GLB): HAProxy before the sites; collectors and users go to the active one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pulumi
import pulumi_docker as docker
from pulumi_docker.outputs import VolumeLabel

from redundancy.naming import ACCESS_NETWORK, LABEL_PREFIX
from redundancy.nodes import configuration, encryption
from redundancy.nodes.configuration import Endpoint, Interface, SiteEntry, WideArea
from redundancy.nodes.container import SECURITY_OPTIONS, ContainerSettings
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.roles import COLLECTOR_PORT, USER_PORT
from redundancy.topology import GlobalLoadBalancer as Declared
from redundancy.topology import Node, Topology

STATE_DIRECTORY = "/var/lib/global-load-balancer"
_FIRST_SITE = "first-site"
_DECLARATION_MEMORY_MEBIBYTES = 32
WIDE_AREA = ContainerSettings(
    environment={},
    user="root",
    capabilities=("CAP_NET_ADMIN",),
    sysctls={"net.ipv4.ip_nonlocal_bind": "1", "net.ipv4.conf.all.arp_notify": "1"},
)
"""What a wide-area load balancer needs: it leads packets for the sites to the router, and takes its own addresses.

As root, as the sites' load balancers do. HAProxy has no capability, and binds what a leg has not got back yet.
"""


class GlobalLoadBalancer(NodeComponent):
    """The global load balancer, and a container that tells it which site the topology declares active.

    The latter runs once and ends; another declared site replaces it alone, so that clients keep their connections.
    """

    def __init__(self, name: str, lab: Lab, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = lab.topology.global_load_balancer
        if declared is None:
            raise ValueError(f"the topology of {lab.topology.name} has no global load balancer")
        wide_area = _wide_area(lab, declared)
        if wide_area is None:
            ports = {"collectors": COLLECTOR_PORT, "users": USER_PORT}
        else:
            ports = {"users": USER_PORT, **{interface.name: interface.port for interface in wide_area.interfaces}}
        settings = replace(
            WIDE_AREA if wide_area else ContainerSettings({}),
            environment=_environment(lab, declared) if wide_area else {},
            files={"/etc/haproxy/haproxy.cfg": _configuration(lab, declared, wide_area)},
            volume=STATE_DIRECTORY,
            # Another site that is declared later moves the clients alone, so the first one has to be remembered.
            remembers={} if lab.topology.traits.active_active else {_FIRST_SITE: lab.topology.first_site},
            ports={port: lab.plan.published_port(node, kind) for kind, port in ports.items()},
        )
        super().__init__("GlobalLoadBalancer", name, lab, ACCESS_NETWORK, node, settings, opts)
        if self.volume is None:
            raise ValueError("a global load balancer has a volume")
        self.first_site = self.volume.labels.apply(lambda labels: remembered_site(labels, lab.topology))
        _declare(self, self.volume, name, lab, declared)


def remembered_site(labels: Sequence[VolumeLabel] | None, topology: Topology) -> str:
    """Return the site that was to serve when the volume with these labels was made."""
    said = (label.value for label in labels or () if label.label == LABEL_PREFIX + _FIRST_SITE)
    # Before this was remembered, every lab began in the site whose name comes first.
    return next(said, topology.sites[0].name)


def _environment(lab: Lab, declared: Declared) -> dict[str, str]:
    place = lab.topology.ucmdb.name if lab.topology.ucmdb else ""
    legs = lab.plan.addresses(declared.node)
    own = {
        f"{legs[network]}={address}/{lab.plan.subnets[network].network.prefixlen}": None
        for addresses in lab.plan.interfaces.values()
        for network, address in addresses.items()
        if address != legs[network]
    }
    return {
        # Users whose site is not theirs any more are disconnected, or they would stay there.
        "REDLAB_DISCONNECT_USERS": "true",
        "REDLAB_ROUTER": lab.plan.subnets[place].default_route,
        "REDLAB_SITE_NETWORKS": " ".join(str(lab.plan.subnets[site.name].network) for site in lab.topology.sites),
        **({"REDLAB_OWN_ADDRESSES": " ".join(own)} if own else {}),
    }


def _wide_area(lab: Lab, declared: Declared) -> WideArea | None:
    """The user interfaces that twin instances share; None where it is no wide-area load balancer."""
    desk, ucmdb = lab.topology.service_desk, lab.topology.ucmdb
    if desk is None or ucmdb is None:
        return None
    return WideArea(
        tuple(
            Interface(
                node.role,
                shared.port,
                _binds(lab, declared, node.role),
                Endpoint(node.name, lab.plan.addresses(node)[ucmdb.name]),
                shared.health_uri,
            )
            for node in (desk.service_manager, ucmdb.nodes[0], desk.operations_orchestration)
            if (shared := node.role.row.interface)
        ),
        _binds(lab, declared, "users"),
        lab.plan.nearest,
        # The same whichever site is declared active, or another declaration would need another configuration.
        lab.topology.sites[0].name,
    )


def _binds(lab: Lab, declared: Declared, kind: str) -> tuple[str, ...]:
    """The addresses of a user interface, and the node's own in the access network, where its port is published."""
    published = lab.plan.addresses(declared.node)[ACCESS_NETWORK]
    return tuple(dict.fromkeys([*lab.plan.interfaces[kind].values(), published]))


def _configuration(lab: Lab, declared: Declared, wide_area: WideArea | None) -> str:
    entries = {site.name: lab.plan.virtual_ips(site.name) for site in lab.topology.sites}
    return configuration.global_haproxy_configuration(
        declared.node.name,
        tuple(SiteEntry(site, entry.collectors, entry.users) for site, entry in entries.items()),
        configuration.Timers(
            check_interval_milliseconds=round(declared.check_interval_seconds * 1000), check_fall=declared.check_fall
        ),
        wide_area,
        declared.node.resources.memory_mebibytes,
        encryption.of_load_balancer(lab),
    )


def _declare(balancer: GlobalLoadBalancer, volume: docker.Volume, name: str, lab: Lab, declared: Declared) -> None:
    """Write what the topology declares to the volume, where the global load balancer sees it."""
    labels = lab.names.labels(site=ACCESS_NETWORK)
    setter = docker.Container(
        f"{name}-declaration",
        name=f"{lab.names.container(declared.node.name)}-declaration",
        image=lab.image_of(declared.node),
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
