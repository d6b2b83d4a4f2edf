import pytest
from typer.testing import CliRunner

from redlab.commands import drill as commands
from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.drills.assembly import prediction_of
from redlab.drills.element_scenarios import ELEMENT_SCENARIOS, FAULT_SECONDS, aimed, elements, named
from redlab.drills.load_settings import LoadSettings
from redlab.drills.record import Record
from redlab.drills.scenario import Scenario
from redlab.drills.scenarios import SCENARIOS, known
from redlab.errors import RedlabError
from redlab.predict.part import Part
from tests.support.unit.inventories import STACKS, inventory_of


def of(name: str) -> Scenario:
    scenario = named(name)
    assert scenario is not None
    return scenario


def test_their_names_are_known_and_their_own() -> None:
    for scenario in ELEMENT_SCENARIOS:
        known(scenario.name)
    assert not {one.name for one in ELEMENT_SCENARIOS} & {one.name for one in SCENARIOS}
    assert named("dps-crash") is None


@pytest.mark.parametrize("stack", STACKS)
def test_collectors_are_spared_and_the_router_keeps_its_networks(stack: str) -> None:
    lab = inventory_of(stack)
    others = [node.name for node in lab.nodes if node.role != "collector"]
    assert elements(lab, of("node-crash")) == elements(lab, of("node-hang")) == others
    assert elements(lab, of("node-cut")) == [name for name in others if name != "wan1"]


@pytest.mark.parametrize(
    ("name", "element", "message"),
    [
        ("node-crash", None, r"which node\? give --node, one of: db1, gw1, gw2, dps1, dps2, lb1, lb2$"),
        ("node-hang", "gw9", "no node 'gw9' in lab ha that it may hit; there are: db1, gw1"),
        ("node-cut", "collector1", "no node 'collector1'"),
        ("site-crash", "dc2", "no site 'dc2' in lab ha that it may hit; there are: dc1$"),
        ("link-cut", "dc1-dc2", r"lab ha \(HighAvailability\) has no links"),
        ("site-cut", None, "has no links between sites"),
    ],
)
def test_what_cannot_be_hit_is_refused_with_what_can(name: str, element: str | None, message: str) -> None:
    with pytest.raises(RedlabError, match=message):
        aimed(inventory_of("ha"), of(name), element)


@pytest.mark.parametrize(
    ("stack", "services", "site", "fencing"),
    [
        ("ha", True, False, False),
        ("distributed-ha", True, True, True),
        ("dr", True, False, False),
        ("business-continuity", True, True, False),
    ],
)
def test_everything_acts_by_itself_that_can(stack: str, services: bool, site: bool, fencing: bool) -> None:
    lab = inventory_of(stack)
    scenario = aimed(lab, of("node-crash"), elements(lab, of("node-crash"))[0])
    assert (scenario.automatic_failover, scenario.automatic_site, scenario.fencing) == (services, site, fencing)
    assert (scenario.lasts_seconds, scenario.operator_delay_seconds) == (FAULT_SECONDS, None)


@pytest.mark.parametrize(
    ("stack", "name", "site", "procedure"),
    [
        ("dr", "site-hang", "dc1", True),
        ("dr", "site-hang", "dc2", False),
        ("dr", "site-cut", "dc1", False),
        ("distributed-ha", "site-hang", "dc1", False),
    ],
)
def test_only_an_instance_that_serves_is_failed_over_by_an_operator(
    stack: str, name: str, site: str, procedure: bool
) -> None:
    scenario = aimed(inventory_of(stack), of(name), site)
    assert scenario.procedure is procedure
    assert (scenario.operator_delay_seconds == 0) is procedure


def test_the_prediction_is_that_of_the_part_that_was_hit() -> None:
    lab = inventory_of("ha")
    record = Record("node-crash-1", "", aimed(lab, of("node-crash"), "db1"), LoadSettings())
    before = prediction_of(record, lab)
    record.part = Part.ONLY_DATABASE
    after = prediction_of(record, lab)
    assert before.scenario == after.scenario == "node-crash db1"
    assert ("fault lasts", FAULT_SECONDS) not in before.worst.terms
    assert ("fault lasts", FAULT_SECONDS) in after.worst.terms


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ha", "node-crash"], "which node? give --node, one of: db1, gw1"),
        (["ha", "node-crash", "--node", "gw9"], "no node 'gw9'"),
        (["ha", "node-crash", "--node", "gw1", "--site", "dc1"], "node-crash does not take a site; omit --site"),
        (["ha", "dps-crash", "--node", "dps1"], "dps-crash does not take a node; omit --node"),
        (["ha"], "which scenario?"),
        (["ha", "node-quake"], "no scenario 'node-quake'; there are: gateway-crash"),
        (["dr", "site-loss"], "no scenario 'site-loss': its name says who acts in it: site-loss-manual or site-loss-"),
    ],
)
def test_bad_usage_breaks_nothing(arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from redlab.cli import application

    lab = Laboratory(inventory_of("ha"), Management((), ""))
    monkeypatch.setattr(commands, "open_lab", lambda _: lab)
    monkeypatch.setattr(commands, "run_once", lambda *_, **__: pytest.fail("a drill was begun"))
    ended = CliRunner().invoke(application(), ["drill", *arguments])
    assert isinstance(ended.exception, RedlabError)
    assert message in str(ended.exception)
    assert ended.exception.exit_code == 2
