"""Two sites and a witness: names, addresses and ports stay apart; each node finds what it needs."""

import json
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from redundancy import loading, rules
from redundancy.addressing import AddressPlan
from redundancy.inventory import inventory
from redundancy.naming import Names
from redundancy.topology import Topology

STACK = Path(__file__).parents[3] / "stacks" / "distributed-ha.yaml"


@pytest.fixture(scope="module")
def topology() -> Topology:
    source = loading.parse(STACK.read_text(), STACK.name)
    return rules.accept(source, "distributed-ha", "10.200.96.0/20")


def test_no_two_nodes_share_a_name_or_an_address(topology: Topology) -> None:
    described = inventory(topology, Names("x", topology.pattern, ""), AddressPlan(topology))
    names = [node["name"] for node in described["nodes"]]
    addresses = [address for node in described["nodes"] for address in node["addresses"].values()]
    assert len(set(names)) == len(names)
    assert len(set(addresses)) == len(addresses)
    virtual = [ip for site in described["sites"] if not site["witness"] for ip in site["virtualIps"].values()]
    assert len(set(virtual)) == 4
    assert not set(virtual) & set(addresses)


def test_no_two_front_sides_share_a_port(topology: Topology) -> None:
    described = inventory(topology, Names("x", topology.pattern, ""), AddressPlan(topology))
    urls = [*described["urls"]["users"], *described["urls"]["collectors"]]
    assert len(urls) == 6
    assert len(set(urls)) == 6
    assert described["urls"]["management"] == described["urls"]["users"][1:]


def test_clients_go_to_the_global_load_balancer(topology: Topology) -> None:
    plan = AddressPlan(topology)
    assert topology.global_load_balancer is not None
    own = plan.addresses(topology.global_load_balancer.node)
    assert own == {"access": plan.entry.users}
    assert plan.entry.users == plan.entry.collectors


def test_the_router_has_a_leg_in_every_place_and_none_in_the_access_network(topology: Topology) -> None:
    plan = AddressPlan(topology)
    assert topology.wan_router is not None
    legs = plan.addresses(topology.wan_router)
    assert set(legs) == {"dc1", "dc2", "witness"}
    for place, address in legs.items():
        assert IPv4Address(address) in IPv4Network(plan.subnets[place].network)
        assert address != plan.subnets[place].default_route


def test_the_store_has_a_majority_without_any_one_place(topology: Topology) -> None:
    plan = AddressPlan(topology)
    assert sorted(plan.site_of(node) for node in topology.etcd_nodes) == ["dc1", "dc2", "witness"]


def test_links_that_are_left_out_have_the_defaults(topology: Topology) -> None:
    document = json.loads(json.dumps(loading.parse(STACK.read_text(), STACK.name).document))
    del document["links"]
    source = loading.Source("test", document, {})
    links = loading.load(source, "x").links
    assert [link.name for link in links] == [link.name for link in topology.links]
    assert {link.round_trip_milliseconds for link in links} == {2}


def test_a_cluster_in_one_site_has_two_servers_and_a_majority_of_its_own() -> None:
    text = "pattern: HighAvailability\nsites: {dc1: {database: {availability: cluster}}}\n"
    source = loading.parse(text, "ha.yaml")
    topology = rules.accept(source, "ha")
    assert [node.name for node in [one for site in topology.sites for one in site.database.nodes]] == ["db1", "db2"]
    assert [node.name for node in topology.etcd_nodes] == ["etcd1", "etcd2", "etcd3"]
    assert {"databaseCluster", "etcd"} <= topology.image_roles
    assert "database" not in topology.image_roles


def test_one_site_needs_nothing_that_lies_between_sites() -> None:
    topology = loading.load(loading.parse("pattern: HighAvailability\nsites: {dc1: {}}\n", "ha.yaml"), "ha")
    assert topology.image_roles == {"gateway", "dataProcessingServer", "loadBalancer", "database", "collector"}
    assert (topology.links, topology.wan_router, topology.global_load_balancer, topology.witness) == ((),) + (None,) * 3


def test_a_collector_belongs_to_its_own_site_also_where_one_site_s_name_begins_with_the_other_s() -> None:
    source = loading.parse("pattern: BusinessContinuity\nsites: {eu: {}, eu-west: {}}\n", "bc.yaml")
    topology = rules.accept(source, "bc")
    described = inventory(topology, Names("bc", topology.pattern, ""), AddressPlan(topology))
    assert described["eventExchange"]["collectors"] == {"eu": ["eu-collector1"], "eu-west": ["eu-west-collector1"]}
    addresses = [address for node in described["nodes"] for address in node["addresses"].values()]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize(("declared", "first"), [("", "dr"), ("globalLoadBalancer: {activeSite: prod}", "prod")])
def test_the_site_that_serves_first_is_the_active_one(declared: str, first: str) -> None:
    source = loading.parse(f"pattern: DisasterRecovery\nsites: {{prod: {{}}, dr: {{}}}}\n{declared}\n", "dr.yaml")
    assert loading.load(source, "dr").first_site == first


def test_a_collector_without_a_twin_is_nobodys_and_has_an_address_of_its_own() -> None:
    text = (
        STACK.with_name("business-continuity.yaml")
        .read_text()
        .replace("  count: 1\n  intervalFactor: 1", "  count: 2\n  untwinned: 2")
    )
    topology = rules.accept(loading.parse(text, "bc.yaml"), "bc", "10.200.96.0/20")
    assert [node.name for node in topology.untwinned] == ["untwinned1", "untwinned2"]
    plan = AddressPlan(topology)
    addresses = [address for node in topology.nodes for address in plan.addresses(node).values()]
    assert len(set(addresses)) == len(addresses)
    found = inventory(topology, Names("bc", topology.pattern, ""), plan)["eventExchange"]
    assert found["untwinned"] == ["untwinned1", "untwinned2"]
    assert found["collectors"] == {site: [f"{site}-collector1", f"{site}-collector2"] for site in ("dc1", "dc2")}
