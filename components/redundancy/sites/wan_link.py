"""The links between the sites: one router with a leg in each place."""

from __future__ import annotations

import json

import pulumi

from redundancy.naming import ACCESS_NETWORK
from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.lab import Lab
from redundancy.nodes.node import NodeComponent
from redundancy.topology import DATABASE_PORT, Link, Topology


class WanLink(NodeComponent):
    """The router ``topology.wan_router``, with every link of the topology."""

    def __init__(self, name: str, lab: Lab, opts: pulumi.ResourceOptions | None = None) -> None:
        router = lab.topology.wan_router
        if router is None:
            message = f"{lab.topology.pattern} has no links between sites"
            raise ValueError(message)
        places = lab.plan.addresses(router)
        settings = ContainerSettings(
            environment={
                "REDLAB_LINKS": json.dumps([_described(link) for link in lab.topology.links]),
                **_database_ports(lab.topology),
                "REDLAB_SITES": json.dumps({place: str(lab.plan.subnets[place].network) for place in places}),
            },
            capabilities=("CAP_NET_ADMIN",),
            devices=("/dev/net/tun",),
            sysctls={
                "net.ipv4.ip_forward": "1",
                # Delayed packets come out of a device that has no address: no reverse path leads there.
                "net.ipv4.conf.all.rp_filter": "0",
                "net.ipv4.conf.default.rp_filter": "0",
                # Else only the first few packets to where no link leads are answered, and later senders wait.
                "net.ipv4.icmp_ratelimit": "0",
            },
        )
        super().__init__("WanLink", name, lab, ACCESS_NETWORK, router, settings, opts)


def _database_ports(topology: Topology) -> dict[str, str]:
    """By which ports the traffic of the databases is told apart, where they are not the usual one."""
    ports = sorted({site.database.port for site in topology.sites})
    return {} if ports == [DATABASE_PORT] else {"REDLAB_DATABASE_PORTS": json.dumps(ports)}


def _described(link: Link) -> dict[str, object]:
    return {
        "name": link.name,
        "sites": link.sites,
        "roundTripMilliseconds": link.round_trip_milliseconds,
        "jitterMilliseconds": link.jitter_milliseconds,
        "lossPercent": link.loss_percent,
        "bandwidthMegabitsPerSecond": link.bandwidth_megabits_per_second,
    }
