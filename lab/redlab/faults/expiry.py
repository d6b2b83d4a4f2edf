"""Ends one fault when its time is up, whatever has become of the drill. Run as ``python -m redlab.faults.expiry``."""

from __future__ import annotations

import sys
import time

from redlab.faults import journal, node_fault
from redlab.waiting import until


def main(lab: str, identity: str) -> int:
    """Wait until the fault is healed or its time is up, then heal it; 0 when it is gone."""
    entry = next((found for found in journal.entries(lab) if found.identity == identity), None)
    if entry is None:
        return 0
    if not until(lambda: not entry.file.exists(), entry.expires_at - time.monotonic(), interval_seconds=0.5):
        node_fault.heal(entry)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
