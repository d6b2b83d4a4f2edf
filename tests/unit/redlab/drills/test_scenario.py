import pytest

from redlab.drills.element_scenarios import ELEMENT_SCENARIOS
from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import ACTORS
from redlab.drills.scenarios import SCENARIOS, find, known, of_pattern
from redlab.drills.targets import Target
from redlab.drills.timers import timers_of
from redlab.errors import RedlabError
from redlab.model.inventory import parse
from redlab.predict.fault_kinds import FaultKind
from tests.support.unit.inventories import inventory_of_text


def test_an_unknown_scenario_lists_those_there_are() -> None:
    with pytest.raises(RedlabError, match=r"no scenario 'quake'; there are: gateway-crash, "):
        known("quake")


def test_timers_come_from_the_topology() -> None:
    text = "pattern: HighAvailability\nsites: {dc1: {loadBalancers: {count: 1, checkFall: 4}}}\n"
    timers = timers_of(
        inventory_of_text(text), find("dps-crash-manual", "HighAvailability"), LoadSettings(users_per_second=20)
    )
    assert timers.check_fall == 4
    assert timers.load_balancers == 1
    assert timers.load_interval_seconds == 0.05
    assert timers.operator_delay_seconds == 3


def test_an_inventory_of_another_version_is_refused() -> None:
    with pytest.raises(RedlabError, match="version 99"):
        parse({"schemaVersion": 99})


def test_a_stated_operator_takes_his_time_in_the_model() -> None:
    slow = find("production-loss", "DisasterRecovery").with_operator(7200, 3600)
    assert (slow.operator_delay_seconds, slow.waits_seconds) == (7200, 2)
    with pytest.raises(RedlabError, match="nobody acts in switchover"):
        find("switchover", "DisasterRecovery").with_operator(1, 1)


def test_a_name_means_the_same_in_every_pattern() -> None:
    meant: dict[str, set[tuple[Target, FaultKind, bool]]] = {}
    for one in (*SCENARIOS, *ELEMENT_SCENARIOS):
        meant.setdefault(one.name, set()).add((one.target, one.fault, one.operator_delay_seconds is not None))
    assert {name: found for name, found in meant.items() if len(found) > 1} == {}
    for pattern in {pattern for one in SCENARIOS for pattern in one.patterns}:
        names = [one.name for one in of_pattern(pattern)]
        assert len(names) == len(set(names))


def test_a_name_that_ends_with_who_acts_says_so() -> None:
    for one in SCENARIOS:
        fault, _, actor = one.name.rpartition("-")
        if actor in ACTORS:
            assert (one.operator_delay_seconds is not None) is (actor == "manual"), one.name
            other = [each for each in SCENARIOS if each.name == fault]
            assert all(each.operator_delay_seconds is None for each in other), f"{fault} says not who acts"


@pytest.mark.parametrize(
    ("name", "pattern", "now"),
    [
        ("site-loss", "DistributedHighAvailability", "site-loss-manual or site-loss-automatic"),
        ("site-loss", "BusinessContinuity", "site-loss-manual or site-loss-automatic"),
        ("database-volume-loss", "DisasterRecovery", "database-volume-loss-manual"),
    ],
)
def test_an_old_spelling_is_told_the_new_one(name: str, pattern: str, now: str) -> None:
    with pytest.raises(RedlabError, match=rf"no scenario '{name}' for {pattern}: its name says who acts in it: {now}$"):
        find(name, pattern)
