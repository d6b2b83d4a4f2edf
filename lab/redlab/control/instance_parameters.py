"""The parameters of an instance in its database, and their clean-up after a failover."""

from __future__ import annotations

import json
from collections.abc import Mapping

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database

_ITSELF = (
    "SELECT json_build_object('instance.database_port', current_setting('port'), "
    "'instance.database_sid', current_setting('cluster_name'), "
    "'instance.database_user', (SELECT rolname FROM pg_roles WHERE rolname = '{user}' AND rolcanlogin))"
)
_READ = "SELECT coalesce(json_object_agg(key, value), '{}') FROM settings WHERE key LIKE 'instance.%'"


def of_site(inventory: Inventory, site: str) -> Mapping[str, str]:
    """Return the parameters of the instance in a site, as the topology has them.

    Raises RedlabError when the lab has one instance, or when a value is missing.
    """
    if inventory.replication is None:
        raise RedlabError(
            f"lab {inventory.lab} ({inventory.pattern}) has no instance that stands by: parameters never change"
        )
    found = inventory.replication.parameters[site]
    missing = [key for key, value in found.items() if not value]
    if missing or not found:
        raise RedlabError(f"no value for {', '.join(missing) or 'any parameter'} of {site}; run `up` again")
    return found


def database_port(inventory: Inventory, server: Node) -> int:
    """Return the port of an instance's database server. Raises RedlabError as :func:`of_site` does."""
    return int(of_site(inventory, server.site)["instance.database_port"])


def not_so(inventory: Inventory, server: Node) -> list[str]:
    """Return what of an instance's parameters its database server itself has otherwise: port, SID, user.

    Raises RedlabError when it does not answer.
    """
    own = of_site(inventory, server.site)
    user = own["instance.database_user"]
    found = database.query_json(server, "postgres", _ITSELF.format(user=user))
    wanted = {
        "instance.database_port": own["instance.database_port"],
        "instance.database_sid": own["instance.database_sid"],
        "instance.database_user": user,
    }
    return [
        f"{key} is {value}, {server.name} has {found.get(key)}"
        for key, value in wanted.items()
        if found.get(key) != value
    ]


def foreign(inventory: Inventory, server: Node) -> list[str]:
    """Return the parameters on a server that are not those of its own instance, as `key is value`."""
    stored = database.query_json(server, "management", _READ)
    own = of_site(inventory, server.site)
    return [f"{key} is {stored.get(key)}" for key in own if stored.get(key) != own[key]]


def cleaned_up(inventory: Inventory, server: Node) -> str:
    """Return a sentence when a server holds its own instance's parameters, '' while it does not."""
    return "" if foreign(inventory, server) else f"the parameters are those of {server.site}"


def clean_up(inventory: Inventory, server: Node) -> None:
    """Replace the parameters of the other instance, all of them or none. Raises RedlabError when it did not."""
    engine.execute(server, clean_up_command(inventory, server))
    left = foreign(inventory, server)
    if left:
        raise RedlabError(f"the clean-up of {server.name} left {', '.join(left)}")


def apply_declared(inventory: Inventory) -> str:
    """Clean up the database server of production if its parameters are not those declared; returns what was done.

    The parameters on its volume are older than a topology that declares another user or port. Its services refuse to
    start with them, as with those of another instance. '' where nothing was to do, or the tables are not there yet.
    """
    server = database.primary(inventory) if inventory.replicated else None
    if server is None:
        return ""
    try:
        wrong = foreign(inventory, server)
    except RedlabError:  # a new lab: its services create the tables, with the declared parameters
        return ""
    if not wrong:
        return ""
    clean_up(inventory, server)
    return f"the parameters of {server.site} are those that the topology declares; before, {', '.join(wrong)}"


def clean_up_command(inventory: Inventory, server: Node) -> list[str]:
    """Return the command of the clean-up inside the server, one transaction."""
    return ["replace-parameters", json.dumps(dict(of_site(inventory, server.site)))]
