"""`make test` drills each mechanism of the product once, and no more."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from redlab.drills import targets
from redlab.predict.fault_kinds import FaultKind
from redlab.stack import checkout
from tests.support.drills.cover import BY_TERMS, COVER, holes
from tests.support.drills.mechanisms import STACKS, Drill, every_drill, mechanisms

README = Drill("ha", "dps-crash")
"""The drill that the README begins with: it stays in the cover as the one of `ha` in which the controller acts."""
TESTS = {
    "test_scenarios": "ha",
    "test_distributed_high_availability": "distributed-ha",
    "test_disaster_recovery": "dr",
    "test_external_ucmdb": "dr-ucmdb",
    "test_business_continuity": "business-continuity",
}
"""The topology that the drills of a file run on."""
CHECKED = {"unit", "golden", "errors"}
"""What `make check` runs."""


def test_each_mechanism_is_exercised_by_a_drill_of_make_test() -> None:
    missing = [
        f"{mechanism}: by {', '.join(map(str, by[:3]))}" for mechanism, by in holes(COVER, every_drill()).items()
    ]
    assert missing == [], "tests/support/drills/cover.py has no drill of these mechanisms"


def test_without_any_of_its_drills_the_cover_has_a_hole() -> None:
    whole = every_drill()
    superfluous = [drill for drill in COVER if not holes((other for other in COVER if other != drill), whole)]
    assert superfluous == []


def test_of_a_bound_that_is_left_out_each_term_is_exercised() -> None:
    whole = every_drill()
    exercised = frozenset[str]().union(*(mechanisms(drill.stack, whole[drill]) for drill in COVER))
    for bound in BY_TERMS:
        left_out = [drill for drill, scenario in whole.items() if bound in mechanisms(drill.stack, scenario)]
        assert left_out
        assert not {*left_out} & {*COVER}, "there is a drill of it: it need not be left out"
        for drill in left_out:
            terms = {one for one in mechanisms(drill.stack, whole[drill]) if one.startswith("term of a bound: ")}
            assert terms <= exercised


def test_a_hole_is_named_with_the_drills_that_would_fill_it() -> None:
    found = holes((drill for drill in COVER if drill.title != "witness-loss"), every_drill())
    assert f"target: {targets.WITNESS.words}" in found
    assert found["bound: store leader lost"] == (Drill("distributed-ha", "witness-loss"),)


@pytest.mark.parametrize(
    ("change", "mechanism"),
    [
        ({"target": targets.IDLE_DPS}, f"target: {targets.IDLE_DPS.words}"),
        ({"fault": FaultKind("drown", "under water")}, "fault: drown of nodes"),
        ({"stalled_seconds": 1.0, "procedure": True}, "procedure in ha"),
    ],
)
def test_what_a_new_scenario_brings_is_a_hole(change: dict[str, object], mechanism: str) -> None:
    new = replace(every_drill()[README], **change)  # type: ignore[arg-type]
    found = holes(COVER, {**every_drill(), Drill("ha", "new"): new})
    assert found == {mechanism: (Drill("ha", "new"),)}


def test_make_test_runs_the_cover_and_can_import_every_test() -> None:
    """Also of the folders that the checks do not run: what they import may have been renamed."""
    folders = sorted({file.parent.name for file in (checkout.ROOT / "tests").glob("*/test_*.py")} - CHECKED)
    collect = ["--collect-only", "-q", "-m", "measures and not campaign"]
    command = [sys.executable, "-m", "pytest", *(f"tests/{folder}" for folder in folders), *collect]
    done = subprocess.run(command, cwd=checkout.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    found = re.findall(r"^tests/drills/(\w+)\.py::test_drill\[(.+)\]$", done.stdout, re.MULTILINE)
    assert set(TESTS.values()) == set(STACKS)
    assert {Drill(TESTS[file], title) for file, title in found} == set(COVER)
