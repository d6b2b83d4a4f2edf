"""The retention of a data processing server's tables; the active server applies it."""

from redlab_node.database import Database
from redlab_node.retention import Kept, Retention

from redlab_dps.tenure import Tenure

_TABLES = {
    "event": (
        Kept("events", "processed_at"),
        Kept("alerts_fired", "fired_at"),
        Kept("rejected", "rejected_at"),
        # The latest epoch stays: it has not ended.
        Kept("lease_history", "acquired_at", "epoch < (SELECT max(epoch) FROM lease_history)"),
    ),
    "profile": (Kept("metrics", "processed_at"),),
    "rtsm": (Kept("topology_log", "processed_at"),),
    "management": (Kept("audit", "at"), Kept("ended_sessions", "ended_at")),
}
# All actions are done, and the other instance knows them.
_SHARED = Kept("shared_events", "noted_at", "incident IS NOT NULL AND run IS NOT NULL AND version <= told")


class Sweeper:
    """Deletes old rows while this node has the services; ``shared``: events are shared with a twin."""

    def __init__(self, database: Database, tenure: Tenure, seconds: float, *, shared: bool) -> None:
        tables = {**_TABLES, "event": (*_TABLES["event"], *([_SHARED] if shared else []))}
        self._retention = Retention(database, tables, seconds)
        self._tenure = tenure

    async def run(self) -> None:
        """Sweep without end."""
        while True:
            await self._tenure.open()
            await self._retention.sweep()
