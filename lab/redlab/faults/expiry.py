"""Ends faults when their time is up, even if the drill was killed. Run as ``python -m redlab.faults.expiry``."""

from __future__ import annotations

import sys
import time

from redlab.faults import healing, journal
from redlab.waiting import until


def main(lab: str, *identities: str) -> int:
    """Wait until the faults, which end at the same time, are healed or their time is up, then heal them."""
    entries = [found for found in journal.entries(lab) if found.identity in identities]
    if not entries:
        return 0
    rest_seconds = max(entry.expires_at for entry in entries) - time.monotonic()
    if not until(lambda: not any(entry.file.exists() for entry in entries), rest_seconds, interval_seconds=0.5):
        for entry in entries:
            healing.heal(entry)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
