"""What `redlab link benchmark` has to find on a lab of several sites."""

from __future__ import annotations

import json
from typing import Any

from tests.support.stacks.commands import redlab


def benchmarked(stack: str, seconds: int, *, exit_code: int = 0) -> dict[str, Any]:
    """Run it; returns what it found, of which every phase has round trips and every link a size."""
    said = redlab("link", "benchmark", stack, "--seconds", str(seconds), "--format", "json", succeeds=not exit_code)
    assert said.returncode == exit_code, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    assert found["round_trips"].keys() == {"normal", "failover"}
    assert all(trips["probes"] >= 20 for trips in found["round_trips"].values())
    assert all(each["recommended_megabits_per_second"] >= 2 for each in found["sizes"])
    return found


def moved(found: dict[str, Any], carries: str) -> set[tuple[str, str]]:
    """The phase and the direction of every flow that carried this, and did carry something."""
    return {
        (flow["phase"], f"{flow['from_site']} to {flow['to_site']}")
        for flow in found["flows"]
        if flow["carries"] == carries and flow["megabytes"] > 0
    }
