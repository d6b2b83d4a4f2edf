"""The runbook of Disaster Recovery: the procedure, with its parameters filled in (best practices, chapter 3)."""

from __future__ import annotations

from dataclasses import dataclass

from redlab.control import instance_parameters
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import replication
from redlab.recovery.runbook.commands import assign_services, containers, inside, send_clients, status, wait_for
from redlab.report.runbook import Instruction, Parameter, Runbook
from redundancy.roles import Role


@dataclass(frozen=True)
class _Meaning:
    """The meaning of a parameter, and the names that the best practices give its old and new value ('': no name)."""

    text: str
    old: str = ""
    new: str = "<new value>"


MEANINGS = {
    "instance.context": _Meaning("which instance the settings are of", "<context value>"),
    "instance.database_host": _Meaning("name of the database host", "", "NewDatabasehostname"),
    "instance.database_port": _Meaning("port of the database", "OLD_port_name", "NEW_port_name"),
    "instance.database_server": _Meaning("name of the database server, its container", "", "NEWDatabaseServerName"),
    "instance.database_sid": _Meaning("SID of the database (PostgreSQL's cluster_name)", "OLDSID", "NEWSID"),
    "instance.database_user": _Meaning("user of the database", "OLD_UID_name", "NEW_UID_name"),
    "instance.collector_address": _Meaning("virtual IP for collectors"),
    "instance.user_address": _Meaning("virtual IP for users"),
}
"""The parameters of the clean-up (best practices, Disaster Recovery), by their ``<key>``."""


def runbook(inventory: Inventory, site: str) -> Runbook:
    """Return the runbook for a failover to ``site``. Raises RedlabError when a value is missing, or has no meaning."""
    (production,) = (name for name in inventory.data_centers if name != site)
    old, new = instance_parameters.of_site(inventory, production), instance_parameters.of_site(inventory, site)
    unknown = sorted({*old, *new} ^ set(MEANINGS))
    if unknown:
        raise RedlabError(f"parameters that the runbook cannot fill in: {', '.join(unknown)}; run `up` again")
    return Runbook(
        inventory.lab,
        production,
        site,
        tuple(Parameter(key, is_.text, old[key], new[key], is_.old, is_.new) for key, is_ in MEANINGS.items()),
        _instructions(inventory, production, site),
    )


def _instructions(inventory: Inventory, production: str, site: str) -> tuple[Instruction, ...]:
    (former,), (heir,) = (inventory.of_site(place, Role.DATABASE) for place in (production, site))
    server = inventory.of_site(site, Role.DATA_PROCESSING_SERVER)[0]
    balancer = inventory.of_role(Role.GLOBAL_LOAD_BALANCER)[0]
    url = inventory.management_urls(site)[0]
    parameters, shown = instance_parameters.clean_up_command(inventory, heir), inside(balancer, "active-site", "show")
    return (
        Instruction(
            "instance",
            "operator",
            f"Make sure that the instance in {site} can take over.",
            inside(heir, "database-role", "show"),
            containers(inventory, site),
            "every container is healthy; the database is a standby; replayed_bytes is what will be there afterwards",
            "nothing was changed",
        ),
        Instruction(
            "fence",
            "operator, after the decision to fail over",
            f"Stop {former.name} for good: from its next start on it follows {heir.name}.",
            status(former),
            _on_volume(former, heir) + f"; docker kill {former.container}",
            "the container is exited; an error of the second command says that it was already",
            f"as long as {heir.name} was not promoted: remove the file `follow` from the volume, start the container",
        ),
        Instruction(
            "database",
            "database administrator",
            f"Promote {heir.name}.",
            f"docker inspect --format '{{{{.State.Running}}}}' {former.container}  # must say false",
            inside(heir, "database-role", "promote"),
            'afterwards `database-role show` says "standby" : false',
            "none: what is written from now on is here alone; go on",
        ),
        Instruction(
            "clean-up",
            "database administrator",
            f"Replace the parameters of {production} by those of {site}, all at once.",
            inside(heir, "psql", "-d", "management", "-U", "postgres", "-c", "TABLE settings"),
            inside(heir, *parameters),
            f"the settings are those of {site}, see the parameters below",
            "the same command with the old values",
        ),
        assign_services(inventory, server, url, "assign them to another data processing server of the site"),
        Instruction(
            "gateways",
            "network administrator",
            f"See that the load balancers of {site} serve.",
            shown,
            wait_for(f'{shown} | grep -q \'"{site}": {{"up": true}}\''),
            f"{site} is up",
            "nothing was changed",
        ),
        send_clients(
            balancer, site, "collectors and users", "none that serves anybody: the other instance has no primary"
        ),
        Instruction(
            "reprotect",
            f"operator, once {production} is there again",
            f"Make {former.name} the standby of {heir.name}: it is rewound, or copied anew.",
            status(former),
            f"docker start {former.container} && "
            + wait_for(f"{inside(heir, 'database-role', 'show')} | grep -q '\\[\"{former.name}\"\\]'")
            + " && "
            + inside(heir, "database-role", "protect"),
            f"streams_to names {former.name}",
            "stop the container again; production goes on unprotected",
        ),
    )


def _on_volume(former: Node, heir: Node) -> str:
    """Return the command that sets the standby mark by the engine: a stopped container has no shell for it."""
    return (
        f"folder=$(mktemp -d) && printf {heir.name} > $folder/follow && chmod 644 $folder/follow && "
        f"docker cp $folder/follow {former.container}:{replication.FOLLOW_FILE}"
    )
