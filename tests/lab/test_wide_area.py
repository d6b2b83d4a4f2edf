"""The wide-area load balancer's image: addresses of its own, and each user at the site that is nearest to him."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.support.lab.wide_area import INTERFACE_PORT, WideAreaSites

from redlab.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def started(request: pytest.FixtureRequest) -> WideAreaSites:
    made = WideAreaSites()
    request.addfinalizer(made.close)
    made.start()
    return made


@pytest.fixture
def sites(started: WideAreaSites) -> Iterator[WideAreaSites]:
    """Both sites are up, and dc1 is declared."""
    for node in started.nodes.values():
        node.start()
    started.declare("dc1")
    assert until(started.all_up, 30), started.nodes["glb1"].logs(tail=20)
    started.set("dc1")
    yield started


def test_each_interface_is_at_its_own_address_and_at_no_other(sites: WideAreaSites) -> None:
    assert sites.answers(sites.users, 8081)
    assert sites.answers(sites.interface, INTERFACE_PORT)
    assert not sites.answers(sites.users, INTERFACE_PORT)
    assert not sites.answers(sites.interface, 8081)
    assert not sites.answers(sites.address("glb1"), 8081)


def test_a_leg_that_was_away_has_its_addresses_and_routes_again(sites: WideAreaSites) -> None:
    assert "198.51.100.0/24 via" in sites.routes()
    process = sites.process()
    sites.reconnect()
    assert until(lambda: "198.51.100.0/24 via" in sites.routes(), 10)
    assert until(lambda: sites.answers(sites.users, 8081) and sites.answers(sites.interface, INTERFACE_PORT), 10)
    assert sites.process() == process


@pytest.mark.parametrize("lost", ["ip route del 198.51.100.0/24", "ip address del $OWN/24 dev $DEVICE"])
def test_what_a_leg_has_lost_it_gets_again_whatever_else_it_has_kept(sites: WideAreaSites, lost: str) -> None:
    """As when the engine gives a node its networks back one by one."""
    device = "$(ip -oneline -4 address show to $OWN/32 | awk '{ print $2 }')"
    code, said = sites.run("glb1", f"OWN={sites.interface}; DEVICE={device}; {lost}")
    assert code == 0, said
    assert until(lambda: "198.51.100.0/24 via" in sites.routes(), 10)
    assert until(lambda: sites.answers(sites.interface, INTERFACE_PORT), 10)


def test_haproxy_has_no_capability_although_its_container_has_one(sites: WideAreaSites) -> None:
    effective = {one["name"]: int(one["effective"], 16) for one in sites.processes()}
    assert effective["haproxy"] == 0
    assert effective["global-load-bal"] == 1 << 12  # NET_ADMIN: it sets up the legs


def test_nearest_is_the_site_of_the_most_specific_network(sites: WideAreaSites) -> None:
    assert sites.set("nearest")[0] == 0
    assert [sites.site_of(client) for client in ("collector1", "collector2", "collector3")] == ["dc1", "dc2", "dc1"]
    sites.nodes["dc2"].kill()
    assert until(lambda: sites.site_of("collector2") == "dc1", 10)
    sites.nodes["dc2"].start()
    assert until(lambda: sites.site_of("collector2") == "dc2", 10)
    assert sites.site_of("collector1") == "dc1"


def test_spread_is_always_the_same_site_for_a_client(sites: WideAreaSites) -> None:
    assert sites.set("spread")[0] == 0
    assert sites.routed("spread")
    for client in ("collector1", "collector2"):
        assert len({sites.site_of(client) for _ in range(3)}) == 1


def test_no_other_word_stands_for_every_site(sites: WideAreaSites) -> None:
    code, said = sites.set("everywhere")
    assert (code, "dc1, dc2" in said) == (2, True)
