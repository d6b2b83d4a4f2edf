"""The networks of a lab: one for each site and the access network, from which no packet leaves the machine."""

from __future__ import annotations

import pulumi
import pulumi_docker as docker

from redundancy.addressing import AddressPlan
from redundancy.naming import ACCESS_NETWORK, Names


def networks(parent: pulumi.Resource, name: str, names: Names, plan: AddressPlan) -> dict[str, docker.Network]:
    """Create every network, all at one level so that they are made at the same time."""
    return {key: _network(parent, f"{name}-{key}", key, names, plan) for key in plan.subnets}


def _network(parent: pulumi.Resource, name: str, key: str, names: Names, plan: AddressPlan) -> docker.Network:
    subnet = plan.subnets[key]
    access = key == ACCESS_NETWORK
    reserved = {"DefaultGatewayIPv4": subnet.dead_end}
    if access:
        reserved |= {"collectors": plan.collector_virtual_ip, "users": plan.user_virtual_ip}
    options = {
        # An address of ours outside the machine would be of no use, and masquerading would give packets the machine's.
        "com.docker.network.bridge.enable_ip_masquerade": "false",
    }
    if not access:
        # The machine itself has no leg in a site. In the access network it needs one: published ports go through it.
        options["com.docker.network.bridge.inhibit_ipv4"] = "true"
    labels = names.labels(site=key)
    return docker.Network(
        name,
        name=names.network(key),
        driver="bridge",
        options=options,
        ipam_configs=[
            docker.NetworkIpamConfigArgs(subnet=str(subnet.network), gateway=subnet.host, aux_address=reserved)
        ],
        labels=[docker.NetworkLabelArgs(label=label, value=value) for label, value in labels.items()],
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
