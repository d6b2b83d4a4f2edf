"""HTTP over TLS: which files a node gets for it, and by which names and addresses its server is known."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from redundancy.nodes.configuration import Tls
from redundancy.nodes.lab import SECRETS_DIRECTORY, Lab
from redundancy.roles import Role
from redundancy.topology import Node

CERTIFICATE, AUTHORITY = "http-certificate", "http-authority"
"""Secret files: private key and certificate of a server; whom clients trust, which is no secret."""


def files(lab: Lab, node: Node) -> dict[str, pulumi.Output[str]]:
    """Return the contents of the secret files that a node needs, by name; none where HTTP goes in clear."""
    if not lab.topology.encryption.http or not (node.role.serves_http or node.role is Role.COLLECTOR):
        return {}
    trusted = {AUTHORITY: lab.secrets.http_authority()}
    if node.role is Role.COLLECTOR:
        return trusted
    return {**trusted, CERTIFICATE: lab.secrets.http_certificate(node.name, _names(lab, node))}


def of_load_balancer(lab: Lab) -> Tls | None:
    """Return the files by which HAProxy is known and knows its servers; None where HTTP goes in clear."""
    if not lab.topology.encryption.http:
        return None
    return Tls(f"{SECRETS_DIRECTORY}/{CERTIFICATE}", f"{SECRETS_DIRECTORY}/{AUTHORITY}")


def _names(lab: Lab, node: Node) -> Sequence[str]:
    """Return by what clients know a server: its name, its addresses, those that it may hold, this machine's own."""
    plan = lab.plan
    held: list[str] = []
    if node.role is Role.LOAD_BALANCER:
        # Whichever of them holds the virtual IPs: the global load balancer knows it by the name of the site.
        site = plan.site_of(node)
        entry = plan.virtual_ips(site)
        held = [site, entry.collectors, entry.users]
    elif node.role is Role.GLOBAL_LOAD_BALANCER:
        held = [address for addresses in plan.interfaces.values() for address in addresses.values()]
    return tuple(dict.fromkeys([node.name, *held, *plan.addresses(node).values(), "localhost", "127.0.0.1"]))
