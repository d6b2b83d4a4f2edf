"""The journal of faults: what is broken now, by whom, and until when. It survives the process that broke it.

One JSON file a fault under ``.lab/run/<lab>/``, written before the fault is made and removed after it is healed.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from redlab import checkout


@dataclass(frozen=True)
class Entry:
    """One fault: its kind, the node's container, and when it ends by itself (CLOCK_MONOTONIC seconds of this boot)."""

    identity: str
    lab: str
    kind: str
    node: str
    container: str
    expires_at: float
    process: int

    @property
    def file(self) -> Path:
        """Where the entry is kept."""
        return folder(self.lab) / f"fault-{self.identity}.json"

    @property
    def orphaned(self) -> bool:
        """Whether the process that made it is gone."""
        return not Path(f"/proc/{self.process}").exists()


def folder(lab: str) -> Path:
    """Return the folder of a lab's run state, made when it is not there."""
    path = checkout.RUN / lab
    path.mkdir(parents=True, exist_ok=True)
    return path


def record(lab: str, kind: str, node: str, container: str, seconds: float) -> Entry:
    """Write down a fault that is about to be made and ends by itself after ``seconds``."""
    entry = Entry(uuid.uuid4().hex[:12], lab, kind, node, container, time.monotonic() + seconds, os.getpid())
    temporary = entry.file.with_suffix(".new")
    temporary.write_text(json.dumps(asdict(entry)))
    temporary.replace(entry.file)
    return entry


def entries(lab: str) -> list[Entry]:
    """Return the faults that are written down for a lab."""
    found = []
    for file in sorted(folder(lab).glob("fault-*.json")):
        try:
            found.append(Entry(**json.loads(file.read_text())))
        except FileNotFoundError:  # healed by another process between the listing and the reading
            continue
    return found
