"""Load balancer (LB): HAProxy before the gateways, keepalived for the collector and the user virtual IP."""

from __future__ import annotations

from ipaddress import IPv4Interface

import pulumi

from redundancy.naming import ACCESS_NETWORK
from redundancy.nodes import configuration, encryption
from redundancy.nodes.configuration import Endpoint
from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.lab import SECRETS_DIRECTORY, Lab
from redundancy.nodes.node import NodeComponent
from redundancy.roles import COLLECTOR_PORT, USER_PORT, USER_TLS_PORT
from redundancy.topology import Node, Site

CERTIFICATE = "user-certificate"


class LoadBalancer(NodeComponent):
    """One load balancer."""

    def __init__(self, name: str, lab: Lab, site: Site, node: Node, opts: pulumi.ResourceOptions | None = None) -> None:
        described = _described(lab, site, node)
        tls = lab.topology.user_interface.tls
        settings = ContainerSettings(
            environment={},
            secrets=(CERTIFICATE,) if tls else (),
            files={
                "/etc/haproxy/haproxy.cfg": configuration.haproxy_configuration(described),
                "/etc/keepalived/keepalived.conf": configuration.keepalived_configuration(described),
            },
            ports={
                COLLECTOR_PORT: lab.plan.published_port(node, "collectors"),
                USER_PORT: lab.plan.published_port(node, "users"),
                **({USER_TLS_PORT: lab.plan.published_port(node, "usersTls")} if tls else {}),
            },
            # keepalived sets addresses and speaks VRRP, which is a protocol of its own.
            capabilities=("CAP_NET_ADMIN", "CAP_NET_RAW"),
            # HAProxy binds the virtual IPs while the other load balancer holds them.
            sysctls={"net.ipv4.ip_nonlocal_bind": "1"},
        )
        super().__init__("LoadBalancer", name, lab, site.name, node, settings, opts)


def _described(lab: Lab, site: Site, node: Node) -> configuration.LoadBalancer:
    access, inside, entry = lab.plan.access, lab.plan.subnets[site.name], lab.plan.virtual_ips(site.name)
    pool, balancer = site.load_balancers, lab.topology.global_load_balancer
    return configuration.LoadBalancer(
        name=node.name,
        access=IPv4Interface(f"{lab.plan.addresses(node)[ACCESS_NETWORK]}/{access.network.prefixlen}"),
        site_address=inside.address(node),
        collector_virtual_address=entry.collectors,
        user_virtual_address=entry.users,
        gateways=tuple(Endpoint(gateway.name, inside.address(gateway)) for gateway in site.gateways.nodes),
        peers=tuple(
            Endpoint(peer.name, lab.plan.addresses(peer)[ACCESS_NETWORK]) for peer in pool.nodes if peer != node
        ),
        # The first one wins when all start at once.
        priority=101 - node.ordinal,
        virtual_router_id=configuration.FIRST_VIRTUAL_ROUTER_ID + lab.plan.site_number(site.name),
        vrrp_advert_seconds=pool.vrrp_advert_seconds,
        timers=configuration.Timers(
            check_interval_milliseconds=round(pool.check_interval_seconds * 1000), check_fall=pool.check_fall
        ),
        memory_mebibytes=node.resources.memory_mebibytes,
        user_certificate=f"{SECRETS_DIRECTORY}/{CERTIFICATE}" if lab.topology.user_interface.tls else "",
        user_persistence=lab.topology.user_interface.persistence,
        global_load_balancer_address=lab.plan.addresses(balancer.node)[ACCESS_NETWORK] if balancer else "",
        tls=encryption.of_load_balancer(lab),
    )
