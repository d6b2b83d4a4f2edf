"""The items that a collector sends: events, metrics and topology, in a fixed mix by sequence number. Pure.

Of ten consecutive numbers 7 are events, 2 metrics and 1 topology. All kinds share one series of numbers, so that a
count of arrived items needs one series only. The topology describes the same few configuration items repeatedly.
"""

import hashlib
import json
from dataclasses import dataclass

MIX = "eemeetemee"
"""The kind of an item by its number's last digit: e event, m metric, t topology."""
LOAD_ITEMS = 5
"""How many configuration items the topology of a load describes."""


FAILS_ONCE_IN = 50
"""In one of this many intervals, one twin measures a failure and the other does not."""


def who_fails(collector: str, interval: int) -> int | None:
    """Return which of two twins, 0 or 1, measures a failure that the other does not measure; None for neither.

    Twins do not measure in the same millisecond (best practices, Business Continuity). The choice depends
    on collector and interval alone, so that a test can compute what an audit has to find.
    """
    draw = int.from_bytes(hashlib.sha256(f"{collector}/{interval}".encode()).digest()[:8], "big")
    return draw // FAILS_ONCE_IN % 2 if draw % FAILS_ONCE_IN == 0 else None


@dataclass(frozen=True, slots=True)
class Load:
    """The items of a load. With ``steady_topology`` an item's attributes never change, as twins require."""

    collector: str
    steady_topology: bool = False
    only_events: bool = False
    alone: bool = False

    def kind(self, seq: int) -> str:
        """Return the kind of a number: e, m, or for topology the index of the configuration item, 0 to 4."""
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

    ``interval_factor``: twins that measure alternately have every second number each, in the same mix.
    ``twin``: the index of the twin, 0 or 1; None for a collector that has no twin.
    """

    collector: str
    interval_factor: int = 1
    twin: int | None = None
    alone: bool = False

    def kind(self, seq: int) -> str:
        """Return the kind of a number as :class:`Load` does; the topology describes one configuration item."""
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
