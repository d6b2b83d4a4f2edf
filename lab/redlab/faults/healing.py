"""Reverting one fault of any kind, and proving that it is reverted."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from redlab import engine
from redlab.engine import MissingError
from redlab.errors import RedlabError
from redlab.faults import journal, link_fault, node_fault

PARALLEL = 8
"""How many containers are healed at a time: fewer than the connections that the client of the engine keeps."""


def heal_all(entries: Sequence[journal.Entry]) -> None:
    """Revert faults at the same time, as they were made; those of one container (a router's links) in their order.

    Raises RedlabError as :func:`heal` does.
    """
    of_container: dict[str, list[journal.Entry]] = {}
    for entry in entries:
        of_container.setdefault(entry.container, []).append(entry)

    def heal_each(of_one: list[journal.Entry]) -> None:
        for entry in of_one:
            heal(entry)

    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        list(pool.map(heal_each, of_container.values()))


def heal(entry: journal.Entry) -> None:
    """Revert one fault and prove it. Raises RedlabError when the container is not running afterwards."""
    own = engine.of(entry.container)
    try:
        container = own.container(entry.container)
    except MissingError:
        # The lab was destroyed under the fault: nothing is left to heal.
        entry.file.unlink(missing_ok=True)
        return
    node_fault.revert(container, entry)
    status = own.container(entry.container).state.status
    if status != "running":
        raise RedlabError(f"{entry.container} is {status} after healing; see `docker logs {entry.container}`")
    if entry.kind in link_fault.KINDS and not entry.endpoints:
        link_fault.restore(entry.container)
    entry.file.unlink(missing_ok=True)
