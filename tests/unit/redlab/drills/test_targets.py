"""Every target finds itself in a lab, whatever the topology, without an engine."""

from __future__ import annotations

import pytest

from redlab.drills import targets
from redlab.drills.element_scenarios import aimed, aimed_at, elements, named
from redlab.drills.matrix import runnable
from redlab.drills.targets import Target
from redlab.faults.way import Way
from redlab.predict.fault_kinds import CUT
from tests.support.drills.mechanisms import STACKS
from tests.support.unit.inventories import inventory_of
from tests.support.unit.sights import Sight


@pytest.mark.parametrize("stack", STACKS)
def test_what_a_scenario_hits_is_there_to_be_hit(stack: str) -> None:
    lab = inventory_of(stack)
    for scenario in runnable(lab):
        hit = scenario.target.find(Sight(lab))
        assert hit.name
        assert (bool(hit.ways), bool(hit.nodes and hit.ways)) == (scenario.target.of_links, False)
        assert hit.nodes or hit.ways or not scenario.fault.breaks, f"{scenario.name} breaks nothing"


@pytest.mark.parametrize(
    ("stack", "target", "name", "nodes"),
    [
        ("ha", targets.SERVING_GATEWAY, "gw2", ("gw2",)),
        ("ha", targets.ACTIVE_DPS, "dps1", ("dps1",)),
        ("ha", targets.IDLE_DPS, "dps2", ("dps2",)),
        ("ha", targets.VIRTUAL_IP_HOLDER, "lb1", ("lb1",)),
        ("ha", targets.IDLE_LOAD_BALANCER, "lb2", ("lb2",)),
        ("ha", targets.DATABASE, "db1", ("db1",)),
        ("ha", targets.IMAGES, "images of gateways and data processing servers", ("gw1", "gw2", "dps1", "dps2")),
        ("distributed-ha", targets.DATABASE_PRIMARY, "dc1-db1", ("dc1-db1",)),
        ("distributed-ha", targets.DATABASE_STANDBY, "dc2-db1", ("dc2-db1",)),
        ("distributed-ha", targets.WITNESS, "witness-etcd1", ("witness-etcd1",)),
        ("distributed-ha", targets.CLIENTS, "clients of dc1", ()),
        ("dr", targets.STANDBY_COPY, "a copy of dc2", ()),
        ("business-continuity", targets.LOCAL_LOAD_BALANCER, "load balancers of dc1", ("dc1-lb1",)),
        ("business-continuity", targets.CONFIGURATION, "configuration of dc2", ()),
    ],
)
def test_it_finds_itself(stack: str, target: Target, name: str, nodes: tuple[str, ...]) -> None:
    hit = target.find(Sight(inventory_of(stack)))
    assert (hit.name, tuple(node.name for node in hit.nodes)) == (name, nodes)


def test_links_are_hit_with_their_direction_and_a_site_as_a_whole() -> None:
    lab = inventory_of("distributed-ha")
    links = (Way("dc1-dc2"), Way("dc1-witness"))
    for target, ways, site in (
        (targets.SITE_LINK, (Way("dc1-dc2"),), ""),
        (targets.OUTWARD_LINK, (Way("dc1-dc2", "dc1"),), ""),
        (targets.ACTIVE_SITE_LINKS, links, "dc1"),
        (targets.ACTIVE_SITE, (), "dc1"),
    ):
        hit = target.find(Sight(lab))
        assert (hit.ways, hit.site) == (ways, site)


def test_every_node_is_hit_in_another_order_each_time_but_the_collectors() -> None:
    lab = inventory_of("ha")
    found = [targets.EVERY_NODE.find(Sight(lab)).nodes for _ in range(20)]
    assert len({tuple(node.name for node in nodes) for nodes in found}) > 1
    assert {node.name for node in found[0]} == {node.name for node in lab.nodes if node.role != "collector"}


@pytest.mark.parametrize(
    ("name", "element", "hit"),
    [
        ("node-cut", "dc2-gw2", ("dc2-gw2", 1, ())),
        ("link-cut", "dc1-dc2", ("dc1-dc2", 0, (Way("dc1-dc2"),))),
        ("site-hang", "dc2", ("dc2", 6, ())),
        ("site-cut", "dc2", ("dc2", 0, (Way("dc1-dc2"), Way("dc2-witness")))),
    ],
)
def test_an_element_is_hit_by_its_name(name: str, element: str, hit: tuple[str, int, tuple[Way, ...]]) -> None:
    lab, scenario = inventory_of("distributed-ha"), named(name)
    assert scenario is not None
    assert element in elements(lab, scenario)
    found = aimed(lab, scenario, element).target.find(Sight(lab, element))
    assert (found.name, len(found.nodes), found.ways) == hit


def test_who_plays_a_part_is_hit_whatever_reports_call_it() -> None:
    lab = inventory_of("distributed-ha")
    scenario = aimed_at(lab, CUT, targets.SERVING_GATEWAY, "serving gateway")
    assert scenario.target.find(Sight(lab, scenario.element)).name == "dc1-gw2"
