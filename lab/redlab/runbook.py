"""The recovery procedure as a document, populated before the day it is needed: who does what, how, and what then.

Every command is one of the lab's own tools, so that the document can be followed without `redlab`; a test follows it.
"""

from __future__ import annotations

import json
import shlex

from redlab import settings
from redlab.errors import RedlabError
from redlab.inventory import Inventory, Node
from redlab.probes import replication
from redlab.report.runbook import Instruction, Parameter, Runbook

MEANINGS = {
    "instance.context": "context value: which instance the settings are of",
    "instance.database_host": "name of the database host",
    "instance.database_port": "port of the database",
    "instance.database_server": "name of the database server, its container",
    "instance.database_sid": "SID of the database (PostgreSQL's cluster_name)",
    "instance.database_user": "user of the database",
    "instance.collector_address": "virtual IP for collectors",
    "instance.user_address": "virtual IP for users",
}
"""What each parameter of the clean-up means (best practices, Disaster Recovery)."""


def runbook(inventory: Inventory, site: str) -> Runbook:
    """Return the runbook for a failover to ``site``. Raises RedlabError when a value is missing, or has no meaning."""
    if inventory.replication is None:
        raise RedlabError(
            f"lab {inventory.lab} ({inventory.pattern}) has no instance that stands by: there is no recovery procedure"
        )
    if site not in inventory.data_centers:
        raise RedlabError(f"no site {site!r}; there are: {', '.join(inventory.data_centers)}")
    (production,) = (name for name in inventory.data_centers if name != site)
    old, new = settings.of_site(inventory, production), settings.of_site(inventory, site)
    unknown = sorted({*old, *new} ^ set(MEANINGS))
    if unknown:
        raise RedlabError(f"parameters that the runbook cannot fill in: {', '.join(unknown)}; run `up` again")
    return Runbook(
        inventory.lab,
        production,
        site,
        tuple(Parameter(key, meaning, old[key], new[key]) for key, meaning in MEANINGS.items()),
        _instructions(inventory, production, site),
    )


def _instructions(inventory: Inventory, production: str, site: str) -> tuple[Instruction, ...]:
    (former,), (heir,) = (inventory.of_site(place, "database") for place in (production, site))
    server, balancer = inventory.of_site(site, "dataProcessingServer")[0], inventory.of_role("globalLoadBalancer")[0]
    url = inventory.management_urls(site)[0]
    order = json.dumps({"to": server.name})
    parameters, shown = settings.clean_up_command(inventory, heir), _in(balancer, "active-site", "show")
    return (
        Instruction(
            "instance",
            "operator",
            f"Make sure that the instance in {site} can take over.",
            _in(heir, "database-role", "show"),
            f"docker ps --filter name=redlab-{inventory.lab}-{site}- --format '{{{{.Names}}}} {{{{.Status}}}}'",
            "every container is healthy; the database is a standby; replayed_bytes is what will be there afterwards",
            "nothing was changed",
        ),
        Instruction(
            "fence",
            "operator, after the decision to fail over",
            f"Stop {former.name} for good: from its next start on it follows {heir.name}.",
            f"docker inspect --format '{{{{.State.Status}}}}' {former.container}",
            _on_volume(former, heir) + f"; docker kill {former.container}",
            "the container is exited; an error of the second command says that it was already",
            f"as long as {heir.name} was not promoted: remove the file `follow` from the volume, start the container",
        ),
        Instruction(
            "database",
            "database administrator",
            f"Promote {heir.name}.",
            f"docker inspect --format '{{{{.State.Running}}}}' {former.container}  # must say false",
            _in(heir, "database-role", "promote"),
            'afterwards `database-role show` says "standby" : false',
            "none: what is written from now on is here alone; go on",
        ),
        Instruction(
            "clean-up",
            "database administrator",
            f"Replace the parameters of {production} by those of {site}, all at once.",
            _in(heir, "psql", "-d", "management", "-U", "postgres", "-c", "TABLE settings"),
            _in(heir, *parameters),
            f"the settings are those of {site}, see the parameters below",
            "the same command with the old values",
        ),
        Instruction(
            "services",
            "operator",
            f"Assign the services to {server.name}.",
            f"curl {_PATIENTLY} {_token()} {url}/management/v1/health",
            f"curl {_PATIENTLY} {_token()} -H 'Content-Type: application/json' "
            f"-d {shlex.quote(order)} {url}/management/v1/services/reassign",
            f'the health says that the services are "active" on {server.name}',
            "assign them to another data processing server of the site",
        ),
        Instruction(
            "gateways",
            "network administrator",
            f"See that the load balancers of {site} serve.",
            shown,
            _wait_for(f'{shown} | grep -q \'"{site}": {{"up": true}}\''),
            f"{site} is up",
            "nothing was changed",
        ),
        Instruction(
            "clients",
            "network administrator",
            f"Send collectors and users to {site}.",
            shown,
            _in(balancer, "active-site", "set", site),
            f"activeSite is {site}; collectors and users are served",
            "none that serves anybody: the other instance has no primary",
        ),
        Instruction(
            "reprotect",
            f"operator, once {production} is there again",
            f"Make {former.name} the standby of {heir.name}: it is rewound, or copied anew.",
            f"docker inspect --format '{{{{.State.Status}}}}' {former.container}",
            f"docker start {former.container} && "
            + _wait_for(f"{_in(heir, 'database-role', 'show')} | grep -q '\\[\"{former.name}\"\\]'")
            + " && "
            + _in(heir, "database-role", "protect"),
            f"streams_to names {former.name}",
            "stop the container again; production goes on unprotected",
        ),
    )


_PATIENTLY = "-fsS --retry 20 --retry-delay 1 --retry-all-errors"
"""The gateways find their primary a moment after it was promoted."""


def _in(node: Node, *command: str) -> str:
    return f"docker exec {node.container} {shlex.join(command)}"


def _wait_for(condition: str) -> str:
    """Wait until a command succeeds, for a minute at most."""
    return f"timeout 60 bash -c {shlex.quote(f'until {condition}; do sleep 0.5; done')}"


def _on_volume(former: Node, heir: Node) -> str:
    """The mark, by way of the engine: the container may be stopped, and has no shell then."""
    return (
        f"folder=$(mktemp -d) && printf {heir.name} > $folder/follow && chmod 644 $folder/follow && "
        f"docker cp $folder/follow {former.container}:{replication.FOLLOW_FILE}"
    )


def _token() -> str:
    return '-H "Authorization: Bearer $ADMIN_TOKEN"'
