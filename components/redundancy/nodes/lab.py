"""What every node of a lab is built from: topology, names, addresses, images, networks and secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pulumi
import pulumi_docker as docker

from redundancy import credentials, node_certificates
from redundancy.addressing import AddressPlan
from redundancy.naming import ACCESS_NETWORK, Names
from redundancy.topology import Node, Topology

SECRETS_DIRECTORY = "/etc/redlab/secrets"
DERIVED = ("replication-password", "rewind-password", "patroni-password")
"""Secret files for what nodes do among themselves: each a secret of its own, for the nodes that do that alone."""
DATABASE_AUTHORITY = "database-authority"
"""Secret file: whom those who log in at a database server trust. It is no secret itself."""


@dataclass(frozen=True)
class Secrets:
    """The lab's secrets, kept secret by Pulumi: the database role's password and the management API's token.

    ``internal``: no node has it; what nodes do among themselves is protected by what is derived from it.
    ``user_certificate``: of the user interface with its private key, where users may come by TLS.
    """

    database_password: pulumi.Output[str]
    admin_token: pulumi.Output[str]
    internal: pulumi.Output[str]
    user_certificate: pulumi.Output[str] | None = None

    def file(self, name: str) -> pulumi.Output[str]:
        """Content of a secret file of the container contract."""
        if name == DATABASE_AUTHORITY:
            return self.internal.apply(
                lambda secret: node_certificates.authority(node_certificates.of_databases(secret))
            )
        if name in DERIVED:
            return self.internal.apply(lambda secret: credentials.derived(secret, name))
        content = {
            "database-password": self.database_password,
            "admin-token": self.admin_token,
            "user-certificate": self.user_certificate,
        }[name]
        if content is None:
            raise ValueError(f"this lab has no {name}")
        return content

    def server_certificate(self, owner: str, addresses: Sequence[str]) -> dict[str, pulumi.Output[str]]:
        """Content of the file by which a database server is known, at its names and addresses, by the file's name."""
        valid = node_certificates.validity(datetime.now(UTC).date())
        return {
            "database-certificate": self.internal.apply(
                lambda key: node_certificates.bundle(node_certificates.of_databases(key), owner, addresses, valid)
            )
        }

    def http_authority(self) -> pulumi.Output[str]:
        """Content of the file by which clients know an HTTP server of the lab."""
        return self.internal.apply(lambda key: node_certificates.authority(node_certificates.of_http(key)))

    def http_certificate(self, owner: str, addresses: Sequence[str]) -> pulumi.Output[str]:
        """Content of the file by which an HTTP server is known, at its names and addresses."""
        valid = node_certificates.validity(datetime.now(UTC).date())
        return self.internal.apply(
            lambda key: node_certificates.bundle(node_certificates.of_http(key), owner, addresses, valid)
        )

    def certificates(self, owner: str, addresses: Sequence[str]) -> dict[str, pulumi.Output[str]]:
        """Content of the files by which a node and the configuration store know each other, by name."""
        return {
            "store-authority": self.internal.apply(node_certificates.authority),
            "store-certificate": self.internal.apply(lambda key: node_certificates.bundle(key, owner, addresses)),
        }


@dataclass(frozen=True)
class Lab:
    """The context that a node is built in. Plain values decide what exists; only names and secrets are outputs."""

    topology: Topology
    names: Names
    plan: AddressPlan
    secrets: Secrets
    images: Mapping[tuple[str, str], pulumi.Output[str]]
    """By role and by what the topology names (empty: the stand-in): the name of a stand-in, the id of another image."""
    networks: Mapping[str, docker.Network]
    """Network by short name (a site's, or ``access``)."""
    first_site: pulumi.Output[str]
    """The site that was to serve when the lab was made: its instance is production then, its DPS has the services."""

    def image_of(self, node: Node) -> pulumi.Output[str]:
        """Return the image of a node."""
        return self.images[self.topology.image_role(node), self.topology.image_of(node)]

    def hosts(self, node: Node) -> dict[str, str]:
        """Peers that the node can reach, by name: all that share a network with it, or that the router leads to."""
        mine = self.plan.addresses(node)
        reachable = {}
        for peer in (peer for _, nodes in self.topology.places for peer in nodes if peer != node):
            theirs = self.plan.addresses(peer)
            # A pair that shares two networks (load balancers) talks over the first: the access network.
            shared = [network for network in theirs if network in mine]
            if shared:
                reachable[peer.name] = theirs[shared[0]]
            elif ACCESS_NETWORK not in mine:
                reachable[peer.name] = theirs[self.plan.site_of(peer)]
        return dict(sorted(reachable.items()))

    def begins_elsewhere(self, site: str) -> pulumi.Output[str]:
        """``true`` for every site but the one that served when the lab was made."""
        return self.first_site.apply(lambda first: str(site != first).lower())
