from ipaddress import IPv4Network

import pytest

from redundancy import loading
from redundancy.addressing import CANDIDATE_POOLS, AddressPlan, default_pool
from redundancy.topology import Topology


def topology(text: str = "{}", lab: str = "ha", pool: str = "10.200.96.0/20") -> Topology:
    document = f"pattern: HighAvailability\nsites: {{dc1: {text}}}\naddressPool: {pool}\n"
    return loading.load(loading.parse(document, "ha.yaml"), lab)


def test_addresses_do_not_depend_on_how_many_nodes_there_are() -> None:
    few, many = (topology(f"{{gateways: {{count: {count}}}}}") for count in (1, 3))
    for node in few.sites[0].nodes:
        assert AddressPlan(few).addresses(node) == AddressPlan(many).addresses(node)


def test_every_address_lies_in_its_network() -> None:
    lab = topology()
    plan = AddressPlan(lab)
    for node in (*lab.sites[0].nodes, *lab.collectors.nodes):
        for network, address in plan.addresses(node).items():
            assert IPv4Network(address).subnet_of(plan.subnets[network].network)


def test_only_load_balancers_have_a_leg_in_both_networks() -> None:
    lab = topology()
    plan = AddressPlan(lab)
    both = {node.role for node in lab.sites[0].nodes if len(plan.addresses(node)) == 2}
    assert both == {"loadBalancer"}


def test_published_ports_of_different_pools_differ() -> None:
    one, other = topology(pool="10.200.96.0/20"), topology(pool="10.200.112.0/20")

    def ports(lab: Topology) -> set[int]:
        nodes = lab.sites[0].load_balancers.nodes
        return {AddressPlan(lab).published_port(node, kind) for node in nodes for kind in ("collectors", "users")}

    assert len(ports(one)) == 4
    assert not ports(one) & ports(other)


@pytest.mark.parametrize("lab", ["ha", "distributed-ha", "dr", "x"])
def test_the_default_pool_is_stable_and_a_candidate(lab: str) -> None:
    assert default_pool(lab) == default_pool(lab)
    assert IPv4Network(default_pool(lab)) in CANDIDATE_POOLS
