"""The networks of a lab: one for each site and the access network, from which no packet leaves the machine."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_docker as docker

from redundancy.addressing import AddressPlan, bridge_options
from redundancy.naming import ACCESS_NETWORK, Names


def networks(
    parent: pulumi.Resource, name: str, names: Names, plan: AddressPlan, sites: Sequence[str]
) -> dict[str, docker.Network]:
    """Create every network, all at one level so that they are made at the same time."""
    return {key: _network(parent, f"{name}-{key}", key, names, plan, sites) for key in plan.subnets}


def _network(
    parent: pulumi.Resource, name: str, key: str, names: Names, plan: AddressPlan, sites: Sequence[str]
) -> docker.Network:
    subnet = plan.subnets[key]
    access = key == ACCESS_NETWORK
    reserved = {"DefaultGatewayIPv4": subnet.default_route}
    if access:
        for site in sites:
            entry, prefix = plan.virtual_ips(site), f"{site}-" if len(sites) > 1 else ""
            reserved |= {f"{prefix}collectors": entry.collectors, f"{prefix}users": entry.users}
    labels = names.labels(site=key)
    return docker.Network(
        name,
        name=names.network(key),
        driver="bridge",
        options=bridge_options(access=access),
        ipam_configs=[
            docker.NetworkIpamConfigArgs(subnet=str(subnet.network), gateway=subnet.host, aux_address=reserved)
        ],
        labels=[docker.NetworkLabelArgs(label=label, value=value) for label, value in labels.items()],
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
