"""Which stores the integrations of a UCMDB join."""

from __future__ import annotations

from collections.abc import Iterator

from redundancy.model import Document
from redundancy.reading import printable
from redundancy.rules.problem import Problem
from redundancy.topology import Topology


def known_stores(topology: Topology, document: Document) -> Iterator[Problem]:
    """Integrations join the stores there are, in a way that the kind allows."""
    if not topology.ucmdb:
        return
    sites = [site.name for site in topology.sites]
    servers = topology.ucmdb.servers
    for index, one in enumerate(document.get("ucmdb", {}).get("integrations", ())):
        path, ends = f"ucmdb.integrations.{index}", (one["source"], one["target"])
        unknown = [(key, one[key]) for key in ("source", "target") if one[key] not in (*servers, *sites)]
        for key, end in unknown:
            yield Problem(
                f"{path}.{key}",
                printable(end),
                ", ".join((*servers, *sites)),
                "an integration joins two UCMDBs, or a UCMDB and the RTSM of a site",
            )
        if unknown:
            continue
        if ends[0] == ends[1] or not {*ends} & {*servers}:
            yield Problem(
                f"{path}.target",
                f"{ends[0]} to {ends[1]}",
                "two different ends, one of them a UCMDB",
                "the RTSMs of two instances know each other only by way of the system of record",
            )
        elif one["type"] == "federation" and ends[1] not in servers:
            yield Problem(
                f"{path}.target",
                f"a federation to {ends[1]}",
                f"{', '.join(servers)} as its target",
                "the target answers with what it asks of the source, and an RTSM answers only from its own database",
            )
