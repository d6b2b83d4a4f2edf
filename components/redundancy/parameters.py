"""The values that an instance goes by, kept in its database: a recovery procedure replaces them all. Pure.

They are the parameters of the clean-up (best practices, Disaster Recovery): host, server, SID, user and port of
the database; and where clients come in.
"""

from __future__ import annotations

from redundancy.addressing import AddressPlan
from redundancy.naming import Names
from redundancy.topology import Site

CONFIGURATION_FILE = "/etc/redlab/instance.json"
"""Where a data processing server has them: the database says them as well, and both must say the same."""


def parameters(names: Names, plan: AddressPlan, site: Site) -> dict[str, str]:
    """Return the parameters of the instance in ``site``, by the key that they have in the settings."""
    (database,) = site.database.nodes
    entry = plan.virtual_ips(site.name)
    return {
        "instance.context": f"{names.lab}-{site.name}",
        "instance.database_host": database.name,
        "instance.database_port": str(site.database.port),
        "instance.database_server": names.container(database.name),
        "instance.database_sid": site.name,
        "instance.database_user": site.database.user,
        "instance.collector_address": entry.collectors,
        "instance.user_address": entry.users,
    }
