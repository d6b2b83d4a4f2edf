"""One transfer: all changes that a target does not know yet go from its source to it."""

from __future__ import annotations

from dataclasses import replace

from redlab_ucmdb.integration import PUSH, Integration
from redlab_ucmdb.store import Store

BATCH_ITEMS = 500


async def transfer(integration: Integration, source: Store, target: Store, batch_items: int = BATCH_ITEMS) -> int:
    """Bring the target up to date; return the number of its changed items.

    A transfer may be interrupted anywhere and started again: a population keeps its cursor together with the items, a
    push keeps it after them, and a repeated item changes nothing. Raises UnreachableError, StandsByError.
    """
    keeper = source if integration.kind == PUSH else target
    applied = 0
    scope = " ".join((await target.identity(), *integration.item_types))
    while True:
        cursor = await keeper.cursor(integration.source, integration.target)
        if cursor.scope != scope:
            cursor = replace(cursor, source_id="", scope=scope, position=0)
        batch = await source.changes(cursor, integration.item_types, batch_items)
        after = replace(cursor, source_id=batch.store_id, position=batch.position)
        if after == cursor:
            return applied
        if keeper is source:
            applied += await target.merge(batch.items, None)
            await source.advance(after)
        else:
            applied += await target.merge(batch.items, after)
