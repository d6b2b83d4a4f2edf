"""The networks of a lab: one for each site and the access network, from which no packet leaves the machine."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_docker as docker

from redundancy.addressing import AddressPlan
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
        options=options(access=access),
        ipam_configs=[
            docker.NetworkIpamConfigArgs(subnet=str(subnet.network), gateway=subnet.host, aux_address=reserved)
        ],
        labels=[docker.NetworkLabelArgs(label=label, value=value) for label, value in labels.items()],
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )


def options(*, access: bool) -> dict[str, str]:
    """Return what the engine is told of the access network, or of a site's. Pure."""
    chosen = {
        # An address of ours outside the machine would be of no use, and masquerading would give packets the machine's.
        "com.docker.network.bridge.enable_ip_masquerade": "false",
    }
    if not access:
        # The machine itself has no leg in a site. In the access network it needs one: published ports go through it.
        chosen["com.docker.network.bridge.inhibit_ipv4"] = "true"
        # Engines since 28 drop what the router forwards to a network in their default mode, `nat`. Those before 27 do
        # not know the option. The mode `nat-unprotected` would do too, but 27 refuses it.
        chosen["com.docker.network.bridge.gateway_mode_ipv4"] = "routed"
    return chosen
