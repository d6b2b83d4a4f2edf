"""Drills of the tests: run as a CI job runs them, held to what every drill has to show, written down as a table."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redlab.commands.drill import run_once
from redlab.control.lab import Laboratory
from redlab.drills.element_scenarios import aimed, named
from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import Scenario
from redlab.drills.scenarios import find
from redlab.measure.verdict import EXIT_CODES
from redlab.model.inventory import Inventory
from redlab.report.figures import NONE, seconds
from redlab.results.documents import to_document, validate
from redlab.stack import checkout
from tests.support import docker_engine
from tests.support.drills.mechanisms import part_of
from tests.support.stacks.commands import redlab

COLUMNS = ("topology", "drill", "outcome", "RTO", "users", "predicted at most", "lost", "of acknowledged", "took")


@dataclass(frozen=True)
class Ran:
    """A drill that was run; without a result the figures are None. Times in seconds, ``took_seconds`` of all of it."""

    topology: str
    drill: str
    outcome: str
    rto_seconds: float | None
    user_rto_seconds: float | None
    predicted_seconds: float | None
    lost_events: int | None
    acknowledged_events: int | None
    took_seconds: float


RAN: list[Ran] = []
"""The drills of this test run."""


def scenario_of(inventory: Inventory, title: str) -> Scenario:
    """Return the scenario of a lab that has this title: its name, and what fails where that may be anything."""
    name, _, element = title.partition(" ")
    of_any = named(name)
    return aimed(inventory, of_any, element) if of_any else find(name, inventory.pattern)


def drilled(lab: Laboratory, title: str) -> dict[str, Any]:
    """Run a drill on a lab of the tests as `redlab datasheet` does; returns its result, which is as it has to be."""

    def run() -> dict[str, Any]:
        _, result = run_once(lab, scenario_of(lab.inventory, title), LoadSettings(), f"{title}: ")
        return to_document(result)

    return _held(lab, title, run)


def drilled_by_command(lab: Laboratory, title: str, *options: str) -> dict[str, Any]:
    """Do the same by `redlab drill`, as a CI job does."""
    scenario = scenario_of(lab.inventory, title)
    assert not scenario.element, "a fault of any element is aimed by an option, which this does not give"

    def run() -> dict[str, Any]:
        command = ["drill", lab.inventory.lab, scenario.name, "--format", "json", *options]
        done = redlab(*command, succeeds=False)
        assert done.stdout, f"redlab {' '.join(command)} ended with {done.returncode}:\n{done.stderr}"
        result: dict[str, Any] = json.loads(done.stdout)
        validate(result)
        assert done.returncode == EXIT_CODES[result["verdict"]]
        return result

    return _held(lab, title, run)


def _held(lab: Laboratory, title: str, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run a drill, write it down, and hold it to what every drill shows: it passed as predicted, and lost nothing.

    An asynchronous replication may not have sent everything yet when production is lost.
    """
    scenario, began = scenario_of(lab.inventory, title), time.monotonic()
    result: dict[str, Any] = {}
    try:
        result = run()
    finally:
        RAN.append(_ran(lab.inventory.lab.removeprefix("test-"), title, result, time.monotonic() - began))
    measured = result["measured"]
    assert (result["verdict"], result["within_prediction"]) == ("passed", True), {
        key: result[key] for key in ("reasons", "warnings", "measured", "predicted", "outages")
    }
    assert measured["acknowledged_events"] > 100
    # Whatever fails, events, metrics and topology were on their way; what is lost of any of them is counted in all.
    assert {one["kind"] for one in measured["kinds"] if one["acknowledged"] > 10} == {"event", "metric", "topology"}
    assert measured["lost_events"] <= (
        lab.inventory.objectives.rpo_events if loses_production(lab.inventory, scenario) else 0
    )
    assert (measured["duplicate_events"], measured["dual_primary_seconds"]) == (0, 0)
    assert measured["redundancy_restored_seconds"] is not None
    if scenario.element:
        # By the drill as by the topology.
        assert bool(result["single_point"]) == part_of(lab.inventory, scenario).alone
    return result


def loses_production(inventory: Inventory, scenario: Scenario) -> bool:
    """Whether an operator fails over to another instance, which may not have heard of everything."""
    return bool(inventory.replication and scenario.procedure and scenario.operator_delay_seconds is not None)


def write(ran: Iterable[Ran], file: Path, *, began_at: datetime, exit_code: int) -> str:
    """Write what was run, as Markdown and, with another suffix, as JSON; returns the Markdown."""
    drills = list(ran)
    document = {
        "kind": "drills",
        "started_at": began_at.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - began_at).total_seconds(), 1),
        "commit": _commit(),
        "machine": {
            "processors": os.cpu_count(),
            "kernel": platform.release().partition("-")[0],
            "docker_engine": docker_engine.client().version()["Version"],
        },
        "tests_exit_code": exit_code,
        "drills": [asdict(one) for one in drills],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_suffix(".json").write_text(json.dumps(document, indent=2) + "\n")
    text = _markdown(document, drills)
    file.with_suffix(".md").write_text(text)
    return text


def _ran(topology: str, title: str, result: dict[str, Any], took_seconds: float) -> Ran:
    measured = result.get("measured") or {}
    return Ran(
        topology,
        title,
        result["verdict"] if result else "not run",
        measured.get("rto_seconds"),
        measured.get("user_rto_seconds"),
        result["predicted"]["rto_seconds"] if result else None,
        measured.get("lost_events"),
        measured.get("acknowledged_events"),
        round(took_seconds, 1),
    )


def _markdown(document: dict[str, Any], drills: list[Ran]) -> str:
    machine = document["machine"]
    passed = sum(one.outcome == "passed" for one in drills)
    lost, acknowledged = (
        sum(getattr(one, key) or 0 for one in drills) for key in ("lost_events", "acknowledged_events")
    )
    head = (
        f"**{document['started_at'][:10]}**, commit {document['commit']}, {machine['processors']} processors, kernel "
        f"{machine['kernel']}, Docker engine {machine['docker_engine']}: {passed} of {len(drills)} drills passed in "
        f"{document['seconds'] / 60:.1f} minutes, {lost} of {acknowledged} acknowledged events lost."
    )
    table = [COLUMNS, ["---"] * len(COLUMNS), *map(_row, drills)]
    return "\n".join([head, "", *(f"| {' | '.join(row)} |" for row in table)]) + "\n"


def _row(one: Ran) -> list[str]:
    none = NONE if one.acknowledged_events is None else "never"
    return [
        one.topology,
        one.drill,
        one.outcome,
        seconds(one.rto_seconds, none=none),
        seconds(one.user_rto_seconds, none=none),
        seconds(one.predicted_seconds, none=NONE),
        NONE if one.lost_events is None else str(one.lost_events),
        NONE if one.acknowledged_events is None else str(one.acknowledged_events),
        f"{one.took_seconds:.0f} s",
    ]


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    return subprocess.run(command, cwd=checkout.ROOT, capture_output=True, text=True, check=False).stdout.strip()
