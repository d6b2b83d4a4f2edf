"""The journal of faults: what is broken now and until when. It survives the process that broke it.

One JSON file a fault under ``.lab/run/<lab>/``, written before the fault is made and removed after it is healed.
"""

from __future__ import annotations

import fcntl
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from redlab.control.automation import Automation
from redlab.engine.model import Endpoint
from redlab.errors import RedlabError
from redlab.stack import checkout, records
from redundancy.reading import DocumentError, NoDocumentError, json_object


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


@dataclass(frozen=True)
class Declared:
    """What a stack laid over its topology (as JSON), and the id of the image that each node ran."""

    overrides: str
    images: Mapping[str, str]


_AUTOMATION = "automation.json"
_DECLARED = "declared.json"


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
            found.append(records.read(file, Entry))
        except NoDocumentError:  # healed by another process between the listing and the reading
            continue
        except DocumentError as error:
            raise RedlabError(
                f"{error}; remove the file: the fault that it told of ends by itself, but for a node that was cut off, "
                f"which `redlab inspect {lab}` shows"
            ) from None
    return found


def remember_automation(lab: str, automation: Automation) -> None:
    """Write down the setting of the automation before a drill changes it."""
    _write(folder(lab) / _AUTOMATION, asdict(automation))


def remembered_automation(lab: str) -> Automation | None:
    """Return the setting of the automation before an interrupted drill, None when no drill changed it."""
    try:
        return records.read(folder(lab) / _AUTOMATION, Automation)
    except NoDocumentError:
        return None


def forget_automation(lab: str) -> None:
    """Remove the note: the automation is set as it was before the drill."""
    (folder(lab) / _AUTOMATION).unlink(missing_ok=True)


def remember_declared(lab: str, overrides: Mapping[str, Any], images: Mapping[str, str]) -> None:
    """Write down what a stack lays over its topology, and what runs, before a drill declares something else."""
    _write(folder(lab) / _DECLARED, asdict(Declared(json.dumps(overrides), images)))


def remembered_declared(lab: str) -> tuple[Mapping[str, Any], Mapping[str, str]] | None:
    """Return the overrides and images from before an interrupted drill, None when no drill changed them."""
    try:
        said = records.read(folder(lab) / _DECLARED, Declared)
    except NoDocumentError:
        return None
    return json_object(said.overrides, _DECLARED), said.images


def forget_declared(lab: str) -> None:
    """Remove the note: the stack is declared as it was before the drill."""
    (folder(lab) / _DECLARED).unlink(missing_ok=True)


def running(lab: str) -> bool:
    """Whether a drill, or what may not run beside one, is running on a lab."""
    try:
        with exclusive(lab):
            return False
    except RedlabError:
        return True


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
