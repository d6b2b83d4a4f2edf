"""The journal of faults: what is broken now and until when. It survives the process that broke it.

One JSON file a fault under ``.lab/run/<lab>/``, written before the fault is made and removed after it is healed.
"""

from __future__ import annotations

import fcntl
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from redlab import checkout
from redlab.automation import Automation
from redlab.errors import RedlabError
from redlab.faults.endpoints import Endpoint


@dataclass(frozen=True)
class Entry:
    """One fault: its kind, the node's container, and when it ends by itself (CLOCK_MONOTONIC seconds of this boot).

    ``endpoints``: the connections to networks that a node's cut takes away; none with any other fault.
    """

    identity: str
    lab: str
    kind: str
    node: str
    container: str
    expires_at: float
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def file(self) -> Path:
        """Where the entry is kept."""
        return folder(self.lab) / f"fault-{self.identity}.json"


def folder(lab: str) -> Path:
    """Return the folder of a lab's run state, made when it is not there."""
    path = checkout.RUN / lab
    path.mkdir(parents=True, exist_ok=True)
    return path


def record(
    lab: str, kind: str, node: str, container: str, seconds: float, endpoints: tuple[Endpoint, ...] = ()
) -> Entry:
    """Write down a fault that is about to be made and ends by itself after ``seconds``."""
    entry = Entry(uuid.uuid4().hex[:12], lab, kind, node, container, time.monotonic() + seconds, endpoints)
    _write(entry.file, asdict(entry))
    return entry


def entries(lab: str) -> list[Entry]:
    """Return the faults that are written down for a lab."""
    found = []
    for file in sorted(folder(lab).glob("fault-*.json")):
        try:
            found.append(_entry(json.loads(file.read_text())))
        except FileNotFoundError:  # healed by another process between the listing and the reading
            continue
    return found


def _entry(document: dict[str, Any]) -> Entry:
    # A version of redlab that knew no cuts of nodes may have written it.
    endpoints = tuple(Endpoint.of_document(one) for one in document.get("endpoints", ()))
    return Entry(**{**document, "endpoints": endpoints})


def remember_automation(lab: str, automation: Automation) -> None:
    """Write down what acted by itself, before a drill sets it otherwise."""
    _write(folder(lab) / "automation.json", asdict(automation))


def remembered_automation(lab: str) -> Automation | None:
    """Return what acted by itself before an interrupted drill, None when no drill changed it."""
    file = folder(lab) / "automation.json"
    return Automation(**json.loads(file.read_text())) if file.exists() else None


def forget_automation(lab: str) -> None:
    """Everything is set as it was."""
    (folder(lab) / "automation.json").unlink(missing_ok=True)


@contextmanager
def exclusive(lab: str) -> Iterator[None]:
    """Hold the lab for one drill at a time. Raises RedlabError when another process has it; the kernel frees it."""
    with (folder(lab) / "drill.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RedlabError(f"a drill is running on lab {lab}: wait until it ends") from None
        yield


def _write(file: Path, content: object) -> None:
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps(content))
    temporary.replace(file)


def practised(lab: str) -> None:
    """Write down that a failover was practised now: a drill of the recovery procedure was passed."""
    _write(folder(lab) / _PRACTISED, {"practised_at": time.time()})


def practised_at(lab: str) -> float | None:
    """Return when a failover was practised last, in seconds since 1970; None when never."""
    try:
        return float(json.loads((folder(lab) / _PRACTISED).read_text())["practised_at"])
    except FileNotFoundError:
        return None


_PRACTISED = "practised.json"
