"""The router's image: what links are like, that cuts end by themselves, and that nothing passes any other way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.support.lab.engine_rules import EngineRules
from tests.support.lab.linked_sites import ROUND_TRIP_MILLISECONDS, LinkedSites

from redlab.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker

# How far the fastest of 20 round trips may be off: what else the machine does makes some slower, but none faster.
TOLERANCE_MILLISECONDS = 1.0


@pytest.fixture(scope="module")
def started(request: pytest.FixtureRequest) -> LinkedSites:
    made = LinkedSites()
    request.addfinalizer(made.close)
    made.start()
    return made


@pytest.fixture
def sites(started: LinkedSites) -> Iterator[LinkedSites]:
    """The router runs, and its links are as declared."""
    started.nodes["wan1"].start()
    assert until(started.healthy, 20), started.nodes["wan1"].logs(tail=20)
    started.link("restore", "--all")
    assert until(lambda: started.reaches("dc1", "dc2"), 10)
    yield started


def fastest(sites: LinkedSites, source: str, target: str) -> float:
    return float(min(sites.measure(source, target)["milliseconds"]))


def test_links_delay_as_declared_and_those_without_a_delay_do_not(sites: LinkedSites) -> None:
    assert fastest(sites, "dc1", "dc2") == pytest.approx(ROUND_TRIP_MILLISECONDS, abs=TOLERANCE_MILLISECONDS)
    assert fastest(sites, "dc2", "dc1") == pytest.approx(ROUND_TRIP_MILLISECONDS, abs=TOLERANCE_MILLISECONDS)
    assert fastest(sites, "witness", "dc1") < TOLERANCE_MILLISECONDS


def test_another_round_trip_holds_for_its_time_and_the_declared_one_comes_back(sites: LinkedSites) -> None:
    code, said = sites.link("set", "dc1-dc2", "--round-trip-milliseconds", "2", "--seconds", "3")
    assert code == 0, said
    until_seconds = time.monotonic() + 3
    assert fastest(sites, "dc1", "dc2") == pytest.approx(2, abs=TOLERANCE_MILLISECONDS)
    assert sites.show()["current"]["roundTripMilliseconds"] == 2
    assert until(lambda: sites.show()["current"] == sites.show()["declared"], 6)
    assert time.monotonic() > until_seconds - 0.5
    assert fastest(sites, "dc1", "dc2") == pytest.approx(ROUND_TRIP_MILLISECONDS, abs=TOLERANCE_MILLISECONDS)


def test_a_link_carries_a_gigabit_site_s_traffic_and_its_limit_holds(sites: LinkedSites) -> None:
    sites.link("set", "dc1-dc2", "--round-trip-milliseconds", "2")
    assert sites.measure("dc1", "dc2", "stream", "2")["megabits_per_second"] > 200
    sites.link("set", "dc1-dc2", "--bandwidth-megabits-per-second", "50")
    assert sites.measure("dc1", "dc2", "stream", "3")["megabits_per_second"] == pytest.approx(50, rel=0.2)


def test_loss_and_jitter(sites: LinkedSites) -> None:
    sites.link("set", "dc1-dc2", "--loss-percent", "100")
    assert not sites.reaches("dc1", "dc2")
    sites.link("set", "dc1-dc2", "--loss-percent", "0", "--jitter-milliseconds", "8")
    taken = sites.measure("dc1", "dc2")["milliseconds"]
    assert taken[-1] - taken[0] > 4


def test_a_cut_in_one_direction_leaves_the_other_open_and_ends_by_itself(sites: LinkedSites) -> None:
    before = sites.show()["forwarded"]
    code, said = sites.link("cut", "dc1-dc2", "--from", "dc1", "--seconds", "4")
    began = time.monotonic()
    assert code == 0, said
    (cut,) = sites.show()["cuts"]
    assert (cut["from"], cut["to"]) == ("dc1", "dc2")
    assert 2 <= cut["remainingSeconds"] <= 4
    # What dc2 asks gets to dc1, whose answers are dropped: the router forwarded in that direction alone.
    assert not sites.reaches("dc2", "dc1")
    after = sites.show()["forwarded"]
    passed = {new["from"]: new["packets"] - old["packets"] for new, old in zip(after, before, strict=True)}
    assert passed["dc2"] >= 5
    assert passed["dc1"] == 0
    assert sites.reaches("dc1", "witness")
    assert until(lambda: sites.reaches("dc1", "dc2"), 8)
    assert time.monotonic() - began > 3.5
    assert sites.show()["cuts"] == []


def test_a_cut_ends_even_though_the_router_hangs(sites: LinkedSites) -> None:
    sites.link("cut", "dc1-witness", "--seconds", "3")
    assert not sites.reaches("dc1", "witness")
    sites.nodes["wan1"].pause()
    try:
        assert until(lambda: sites.reaches("dc1", "witness"), 8)
    finally:
        sites.nodes["wan1"].unpause()


def test_restore_ends_a_cut_and_a_renewed_cut_has_its_new_time(sites: LinkedSites) -> None:
    sites.link("cut", "dc1-dc2", "--seconds", "600")
    sites.link("cut", "dc1-dc2", "--seconds", "60")
    assert {cut["from"] for cut in sites.show()["cuts"]} == {"dc1", "dc2"}
    assert all(cut["remainingSeconds"] <= 60 for cut in sites.show()["cuts"])
    assert not sites.reaches("dc1", "dc2")
    code, said = sites.link("restore", "dc1-dc2")
    assert code == 0, said
    assert sites.reaches("dc1", "dc2")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("cut", "dc9", "--seconds", "5"), "dc1-dc2, dc1-witness"),
        (("cut", "dc1-dc2", "--from", "witness", "--seconds", "5"), "dc1"),
        (("cut", "dc1-dc2", "--seconds", "-1"), "seconds"),
        (("cut", "dc1-dc2"), "seconds"),
        (("set", "dc1-dc2", "--loss-percent", "101"), "101"),
        (("restore",), "all"),
    ],
)
def test_what_makes_no_sense_is_refused(sites: LinkedSites, arguments: tuple[str, ...], says: str) -> None:
    before = sites.show()
    code, said = sites.link(*arguments)
    assert code != 0
    assert says in said
    now = sites.show()
    assert (now["cuts"], now["current"]) == (before["cuts"], before["current"])


@pytest.mark.parametrize(("source", "target"), [("dc2", "witness"), ("dc1", "192.0.2.1"), ("dc1", "10.209.255.1")])
def test_where_no_link_leads_is_unreachable_and_the_sender_is_told(
    sites: LinkedSites, source: str, target: str
) -> None:
    measured = sites.measure(source, target)
    assert measured["answers"] == 0
    assert any("unreachable" in said.lower() or "no route" in said.lower() for said in measured["refusals"]), measured


def test_flows_are_told_apart(sites: LinkedSites) -> None:
    def dps_bytes() -> int:
        flows = sites.show()["flows"]
        return int(next(each["bytes"] for each in flows if (each["from"], each["flow"]) == ("dc1", "dps")))

    before = dps_bytes()
    carried = sites.measure("dc1", "dc2", "stream", "0.5")["bytes"]
    assert carried <= dps_bytes() - before <= 1.1 * carried


def test_an_interface_that_was_away_works_again(sites: LinkedSites) -> None:
    sites.detach("dc2")
    assert not sites.reaches("dc1", "dc2")
    assert sites.reaches("dc1", "witness")
    sites.attach("dc2")
    assert until(lambda: sites.reaches("dc1", "dc2"), 10)
    assert fastest(sites, "dc1", "dc2") == pytest.approx(ROUND_TRIP_MILLISECONDS, abs=TOLERANCE_MILLISECONDS)
    assert sites.measure("dc1", "192.0.2.1")["refusals"]


def test_sites_reach_each_other_on_an_engine_that_protects_nat_networks(sites: LinkedSites) -> None:
    with EngineRules(sites.networks.values()):
        assert sites.reaches("dc1", "dc2")
        assert sites.reaches("witness", "dc1")


def test_sites_in_nat_mode_would_not_reach_each_other_there(sites: LinkedSites) -> None:
    with EngineRules(sites.networks.values(), all_networks=True):
        assert not sites.reaches("dc1", "dc2")
    assert sites.reaches("dc1", "dc2")


def test_nodes_find_the_router_at_the_mac_address_they_know(sites: LinkedSites) -> None:
    """Engines since 28 give an endpoint a random one; nodes keep the old one for up to a minute."""
    known = sites.neighbour("dc2")
    assert known == "02:42:" + ":".join(f"{byte:02x}" for byte in sites.subnets["dc2"][254].packed)
    sites.nodes["wan1"].restart(timeout=5)
    assert until(sites.healthy, 20)
    assert sites.reaches("dc1", "dc2")
    assert sites.neighbour("dc2") == known


def test_a_leg_that_was_away_for_less_than_a_look_is_seen(sites: LinkedSites) -> None:
    """Engines since 28 give the new interface the old one's name."""
    router = sites.nodes["wan1"]
    router.pause()
    try:
        name = sites.router_interface("dc2")
        sites.detach("dc2")
        sites.attach("dc2")
        sites.rename_router_interface("dc2", name)
    finally:
        router.unpause()
    assert until(lambda: sites.reaches("dc1", "dc2"), 10)


def test_it_stops_at_once(sites: LinkedSites) -> None:
    began = time.monotonic()
    sites.nodes["wan1"].stop(timeout=5)
    assert time.monotonic() - began < 2
    sites.nodes["wan1"].reload()
    assert sites.nodes["wan1"].attrs["State"]["ExitCode"] in (0, 143)


def test_nothing_passes_undelayed_when_what_delays_is_dead(sites: LinkedSites) -> None:
    if sites.show()["emulation"] == "netem":
        pytest.skip("the kernel itself delays")
    # The router itself, the first Python, is stopped, so that it cannot come to help at once.
    pythons = "$(grep -lx python3 /proc/[0-9]*/comm | cut -d/ -f3 | sort -n)"
    sites.router_shell(f"set -- {pythons}; kill -STOP $1; router=$1; shift; kill -KILL $*; echo $router > /tmp/stopped")
    assert not sites.reaches("dc1", "dc2")
    assert sites.reaches("dc1", "witness")
    sites.router_shell("kill -CONT $(cat /tmp/stopped)")
    assert sites.nodes["wan1"].wait(timeout=10)["StatusCode"] == 1
