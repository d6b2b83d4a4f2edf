"""Packets that wait for their time. Pure: the caller says what time it is."""

from collections import deque
from collections.abc import Callable, Iterator

OVERHEAD_SECONDS = 0.00012
"""What the way through the router costs besides the waiting, measured; subtracted from every delay."""


class DelayQueue:
    """One direction's packets in the order in which they came, which no change of the delay ever changes.

    ``chance`` gives a number from 0 to 1 for the jitter.
    """

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._packets: deque[tuple[float, bytes]] = deque()
        self._last_due = 0.0
        self.delay_seconds = 0.0
        self.jitter_seconds = 0.0
        self.held_bytes = 0

    def __len__(self) -> int:
        return len(self._packets)

    def add(self, now: float, packet: bytes) -> None:
        """Hold a packet that arrived just now."""
        wait_seconds = self.delay_seconds
        if self.jitter_seconds:
            wait_seconds += self.jitter_seconds * self._chance()
        # Never before the one ahead: neither jitter nor a shorter delay lets packets overtake.
        self._last_due = max(self._last_due, now + max(0.0, wait_seconds - OVERHEAD_SECONDS))
        self._packets.append((self._last_due, packet))
        self.held_bytes += len(packet)

    @property
    def next_due(self) -> float:
        """When the first packet is due; infinity when none is held."""
        return self._packets[0][0] if self._packets else float("inf")

    def due(self, now: float) -> Iterator[bytes]:
        """Take out every packet whose time has come."""
        while self._packets and self._packets[0][0] <= now:
            _, packet = self._packets.popleft()
            self.held_bytes -= len(packet)
            yield packet
