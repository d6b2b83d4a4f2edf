"""Where database servers listen, and who logs in."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.rules.problem import Problem
from redundancy.topology import DATABASE_PORT, DATABASE_USER, Topology

RESERVED_USERS = ("postgres", "replicator", "rewind")
"""Roles that a server has for itself; PostgreSQL keeps names that begin with ``pg_``."""


def database_accounts(topology: Topology) -> Iterator[Problem]:
    """Servers of a cluster are alike; nobody logs in by a name that the server needs for itself."""
    for site in topology.sites:
        own, path = site.database, f"sites.{site.name}.database"
        if own.user in RESERVED_USERS or own.user.startswith("pg_"):
            yield Problem(
                f"{path}.user",
                own.user,
                f"another name than {', '.join(RESERVED_USERS)}, pg_…",
                "the database server has a role of this name for itself",
            )
        if own.availability != "cluster":
            continue
        for key, found, allowed in (("port", own.port, DATABASE_PORT), ("user", own.user, DATABASE_USER)):
            if found != allowed:
                yield Problem(
                    f"{path}.{key}",
                    str(found),
                    str(allowed),
                    "the servers of a cluster are one database: clients know one",
                )
