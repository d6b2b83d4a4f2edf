"""What a collector sends: events, metrics and topology, in a fixed mix by their numbers. Pure.

Of ten consecutive numbers 7 are events, 2 metrics and 1 topology. All have one series of numbers, so that whoever
counts them counts one series; the topology is about few configuration items, again and again.
"""

import hashlib
import json
from dataclasses import dataclass

MIX = "eemeetemee"
"""The kind of a number by its last digit: e event, m metric, t topology."""
LOAD_ITEMS = 5
"""How many configuration items the topology of a load is about."""


FAILS_ONCE_IN = 50
"""In one of so many intervals one twin's measurement says that it failed, while the other's says that it did not."""


def who_fails(collector: str, interval: int) -> int | None:
    """Return which of two twins, 0 or 1, sees a failure in an interval that the other does not see; None for neither.

    They do not measure in the same millisecond (best practices, Business Continuity). Always the same for an interval,
    so that what an audit has to find can be worked out.
    """
    draw = int.from_bytes(hashlib.sha256(f"{collector}/{interval}".encode()).digest()[:8], "big")
    return draw // FAILS_ONCE_IN % 2 if draw % FAILS_ONCE_IN == 0 else None


@dataclass(frozen=True, slots=True)
class Load:
    """The items of a load. ``steady_topology``: what it says of an item never changes, as twins have to."""

    collector: str
    steady_topology: bool = False
    only_events: bool = False
    alone: bool = False

    def kind(self, seq: int) -> str:
        """Return the kind of a number: e, m, or for topology the number of the configuration item, 0 to 4."""
        kind = "e" if self.only_events else MIX[seq % len(MIX)]
        return str(seq // len(MIX) % LOAD_ITEMS) if kind == "t" else kind

    def text(self, seq: int) -> str:
        """Return one item as JSON."""
        kind = self.kind(seq)
        if kind == "e":
            return f'{{"seq":{seq},"data":{{"metric":"load","value":{seq % 100}}}}}'
        if kind == "m":
            return f'{{"seq":{seq},"kind":"metric","data":{{"metric":"load","value":{seq % 100}}}}}'
        said = '"discovered":true' if self.steady_topology else f'"collector":{json.dumps(self.collector)},"seq":{seq}'
        return (
            f'{{"seq":{seq},"kind":"topology","data":{{"type":"host","name":"load-{kind}","attributes":{{{said}}}}}}}'
        )


@dataclass(frozen=True, slots=True)
class Measurements:
    """The items of a collector's own trickle, about one target.

    ``interval_factor``: twins that measure in turn have every second number each, and the mix all the same.
    ``twin``: which of two twins it is, 0 or 1; None for a collector that has no twin.
    """

    collector: str
    interval_factor: int = 1
    twin: int | None = None
    alone: bool = False

    def kind(self, seq: int) -> str:
        """Return the kind of a number as :class:`Load` does; the topology is about one configuration item."""
        return MIX[seq // self.interval_factor % len(MIX)].replace("t", "0")

    def text(self, seq: int) -> str:
        """Return one item as JSON."""
        well = self.twin is None or who_fails(self.collector, seq) != self.twin
        match self.kind(seq):
            case "e":
                status = "ok" if well else "failed"
                return f'{{"seq":{seq},"data":{{"check":"availability","status":"{status}"}}}}'
            case "m":
                return f'{{"seq":{seq},"kind":"metric","data":{{"metric":"availability","value":{well:d}}}}}'
        name = json.dumps(f"{self.collector}-target")
        return (
            f'{{"seq":{seq},"kind":"topology",'
            f'"data":{{"type":"host","name":{name},"attributes":{{"discovered":true}}}}}}'
        )
