import pytest
from tests.unit.redlab.inventories import inventory_of_text

from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenarios import find, known
from redlab.drills.timers import timers_of
from redlab.errors import RedlabError
from redlab.inventory import parse


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
