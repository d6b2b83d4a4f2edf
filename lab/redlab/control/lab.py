"""A lab that is up: its inventory, and the way to its management API."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace

from redlab.control.management import Management
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, parse
from redlab.stack.pulumi import Stack
from redundancy import credentials, node_certificates


@dataclass(frozen=True)
class Laboratory:
    """What every command on a running lab needs."""

    inventory: Inventory
    management: Management

    @property
    def managements(self) -> tuple[Management, ...]:
        """The management API of each instance that serves: twins have one each, any other lab has one."""
        if not self.inventory.active_active:
            return (self.management,)
        return tuple(self.management_of(site) for site in self.inventory.data_centers)

    def management_of(self, site: str) -> Management:
        """The management API by way of a site's own load balancers."""
        return replace(self.management, urls=self.inventory.management_urls(site))


def open_lab(name: str) -> Laboratory:
    """Open the lab of a stack. Raises RedlabError when it is not up."""
    outputs = Stack(name).outputs()
    inventory = parse(outputs["inventory"])
    token = credentials.checked(outputs["adminToken"], f"the output adminToken of stack {name}")
    trusting = _trusting(name) if inventory.https else None
    return Laboratory(inventory, Management(inventory.urls["management"], token, trusting))


def _trusting(name: str) -> ssl.SSLContext:
    """Return how the HTTP servers of a lab are known: by certificates of the lab's own authority alone."""
    trusted = http_authority(Stack(name))
    if trusted is None:
        raise RedlabError(f"stack {name} has no redundancy:internalSecret, which its certificates come from")
    # Not the default context: since Python 3.13 that demands a key usage, which certificates of nodes do not state.
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.load_verify_locations(cadata=trusted)
    return trusting


def http_authority(stack: Stack) -> str | None:
    """Return the certificate (PEM) of the authority of a lab's HTTP servers; None before its secret was made."""
    secret = stack.secret("redundancy:internalSecret")
    return node_certificates.authority(node_certificates.of_http(secret)) if secret else None
