"""The shell commands of the runbooks, and the instructions that several runbooks share. Pure."""

from __future__ import annotations

import json
import shlex

from redlab.model.inventory import Inventory, Node
from redlab.report.runbook import Instruction

_PATIENTLY = "-fsS --retry 20 --retry-delay 1 --retry-all-errors"
"""Options of curl that retry: the gateways find their primary a moment after its promotion."""
_AUTHORIZED = '-H "Authorization: Bearer $ADMIN_TOKEN"'


def inside(node: Node, *command: str) -> str:
    """Return a command that runs inside a node."""
    return f"docker exec {node.container} {shlex.join(command)}"


def wait_for(condition: str, seconds: int = 60) -> str:
    """Return a command that waits until a condition succeeds, for ``seconds`` at most."""
    return f"timeout {seconds} bash -c {shlex.quote(f'until {condition}; do sleep 0.5; done')}"


def containers(inventory: Inventory, site: str) -> str:
    """Return a command that shows the state of a site's containers."""
    return f"docker ps --filter name=redlab-{inventory.lab}-{site}- --format '{{{{.Names}}}} {{{{.Status}}}}'"


def status(node: Node) -> str:
    """Return a command that shows the container engine's state of a node."""
    return f"docker inspect --format '{{{{.State.Status}}}}' {node.container}"


def get(url: str) -> str:
    """Return a command that requests a URL until it answers, for about 20 s at most."""
    return f"curl {_PATIENTLY} {url}"


def health(url: str) -> str:
    """Return a command that shows the health of the lab by the management API."""
    return f"curl {_PATIENTLY} {_AUTHORIZED} {url}/management/v1/health"


def has_services(url: str, server: Node) -> str:
    """Return a command that succeeds once a server has the services."""
    return f'curl -fsS {_AUTHORIZED} {url}/management/v1/health | grep -q \'"active": "{server.name}"\''


def assign_services(inventory: Inventory, server: Node, url: str, rollback: str) -> Instruction:
    """Return the instruction that assigns the services to a server, in both ways that the best practices name.

    The ways are the JMX console, whose counterpart is the management API, and System Health (chapters 1 and 2).
    """
    order = shlex.quote(json.dumps({"to": server.name}))
    return Instruction(
        "services",
        "operator",
        f"Assign the services to {server.name}.",
        health(url),
        f"curl {_PATIENTLY} {_AUTHORIZED} -H 'Content-Type: application/json' -d {order} "
        f"{url}/management/v1/services/reassign && {wait_for(has_services(url, server))}",
        f'the health says that the services are "active" on {server.name}',
        rollback,
        f"System Health: open {url}/system-health, log in with the administrator's password (`redlab password "
        f"{inventory.lab}`, or ADMIN_TOKEN), press “Assign services to {server.name} …”, then “Go on”",
    )


def send_clients(balancer: Node, site: str, who: str, rollback: str) -> Instruction:
    """Return the instruction that sends clients to another site at the global load balancer."""
    return Instruction(
        "clients",
        "network administrator",
        f"Send {who} to {site}.",
        inside(balancer, "active-site", "show"),
        inside(balancer, "active-site", "set", site),
        f"activeSite is {site}; {who} are served",
        rollback,
    )
