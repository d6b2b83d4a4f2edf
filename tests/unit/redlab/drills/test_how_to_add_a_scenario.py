"""The guide docs/how-to/add-a-scenario.md is followed: everything that it says reads the list knows a new scenario."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from redlab import cli
from redlab.drills import matrix, scenarios, targets
from redlab.drills.assembly import predicted
from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import Scenario
from redlab.errors import RedlabError
from redlab.stack import checkout
from tests.support.drills.cover import COVER, holes
from tests.support.drills.mechanisms import Drill, every_drill
from tests.support.unit.inventories import inventory_of

GUIDE = (checkout.ROOT / "docs" / "how-to" / "add-a-scenario.md").read_text(encoding="utf-8")


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """Add the example of the guide to the list, as the guide says it."""
    example = textwrap.dedent(GUIDE.partition("```python\n")[2].partition("```")[0])
    scenario = eval(example, {**vars(scenarios)})  # noqa: S307 (a page of this repository)
    assert isinstance(scenario, Scenario)
    monkeypatch.setattr(scenarios, "SCENARIOS", (*scenarios.SCENARIOS, scenario))
    return scenario


def listed(*words: str) -> Any:
    return CliRunner().invoke(cli.application(), ["drill", *words, "--list"]).stdout


def test_the_example_is_not_a_scenario_yet() -> None:
    assert "dps-cut" not in {one.name for one in scenarios.SCENARIOS}


def test_the_list_of_drills_shows_it_where_it_can_run(added: Scenario) -> None:
    assert added.name in listed()
    assert [added.name in listed(stack) for stack in ("ha", "dr", "dr-ucmdb")] == [True, True, False]


def test_it_is_found_by_its_name_and_a_wrong_name_is_answered_with_it(added: Scenario) -> None:
    assert scenarios.find(added.name, "HighAvailability") is added
    with pytest.raises(RedlabError, match=added.name):
        scenarios.known("quake")


def test_the_live_view_and_the_campaigns_offer_it(added: Scenario) -> None:
    assert added in matrix.runnable(inventory_of("ha"))


def test_the_fault_matrix_runs_it_in_its_cell(added: Scenario) -> None:
    rows = matrix.plan(inventory_of("ha"), matrix.runnable(inventory_of("ha")))
    assert added in {cell.scenario for row in rows for cell in row.cells}


def test_its_outage_is_predicted_from_the_timers(added: Scenario) -> None:
    prediction = predicted(inventory_of("ha"), added, LoadSettings())
    assert all(each.seconds > 0 for each in prediction.derivations)


def test_the_cover_says_whether_it_brings_a_mechanism_of_its_own(added: Scenario) -> None:
    """The example brings none; with a target that no drill has it brings one."""
    known = {**every_drill(), Drill("ha", added.name): added}
    assert holes(COVER, known) == {}
    known[Drill("ha", added.name)] = replace(added, target=targets.IDLE_DPS)
    assert holes(COVER, known) == {f"target: {targets.IDLE_DPS.words}": (Drill("ha", added.name),)}


def test_every_file_that_the_guide_names_is_there() -> None:
    named = re.findall(r"`((?:lab|tests)/[\w/]+\.py)`", GUIDE)
    assert named
    assert [file for file in named if not (checkout.ROOT / file).is_file()] == []
