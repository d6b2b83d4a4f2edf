from dataclasses import replace

import pytest

from redlab.predict.fault_kinds import CRASH, CUT, HANG
from redlab.predict.part import Part
from redlab.predict.parts import Roles, declared, part_of_link, part_of_node, part_of_site
from redlab.predict.single_points import single_points
from tests.support.unit.inventories import inventory_of, inventory_of_text


@pytest.mark.parametrize(
    ("stack", "parts"),
    [
        (
            "ha",
            {"gw1": "GATEWAY", "gw2": "GATEWAY", "dps1": "ACTIVE_SERVER", "dps2": "SPARE", "lb1": "LOAD_BALANCER",
             "lb2": "SPARE", "db1": "ONLY_DATABASE"},
        ),
        (
            "distributed-ha",
            {"dc1-gw1": "GATEWAY", "dc2-gw1": "SPARE", "dc1-dps1": "ACTIVE_SERVER", "dc2-dps1": "SPARE",
             "dc1-lb1": "ENTRANCE", "dc2-lb1": "SPARE", "dc1-db1": "DATABASE_PRIMARY", "dc2-db1": "DATABASE_STANDBY",
             "dc1-etcd1": "SPARE", "witness-etcd1": "SPARE", "glb1": "ONLY_ENTRANCE", "wan1": "ONLY_MAJORITY"},
        ),
        (
            "dr",
            {"dc1-gw1": "GATEWAY", "dc2-gw1": "SPARE", "dc1-lb1": "LOAD_BALANCER", "dc1-lb2": "SPARE",
             "dc2-lb1": "SPARE", "dc1-db1": "ONLY_DATABASE", "dc2-db1": "SPARE", "wan1": "SPARE"},
        ),
        (
            "business-continuity",
            {"dc1-lb1": "ENTRANCE", "dc2-lb1": "SPARE", "dc1-db1": "ONLY_DATABASE", "dc2-db1": "SPARE",
             "dc2-dps1": "SPARE", "central-ucmdb1": "SPARE", "central-sm1": "SPARE", "glb1": "ONLY_ENTRANCE"},
        ),
    ],
)  # fmt: skip
def test_the_parts_of_nodes(stack: str, parts: dict[str, str]) -> None:
    lab = inventory_of(stack)
    roles = declared(lab)
    assert {name: part_of_node(lab, lab.node(name), roles).name for name in parts} == parts


def test_the_leader_of_the_store_is_no_spare() -> None:
    lab = inventory_of("distributed-ha")
    roles = replace(declared(lab), store_leader="dc2-etcd1")
    assert part_of_node(lab, lab.node("dc2-etcd1"), roles) is Part.STORE_LEADER
    assert part_of_node(lab, lab.node("witness-etcd1"), roles) is Part.SPARE


def test_who_does_what_decides_not_the_name() -> None:
    lab = inventory_of("ha")
    moved = Roles("dc1", "dps2", "", frozenset({"lb2"}))
    assert part_of_node(lab, lab.node("dps1"), moved) is Part.SPARE
    assert part_of_node(lab, lab.node("dps2"), moved) is Part.ACTIVE_SERVER
    assert part_of_node(lab, lab.node("lb2"), moved) is Part.LOAD_BALANCER


@pytest.mark.parametrize(
    ("stack", "site", "crash", "cut"),
    [
        ("ha", "dc1", Part.ONLY_SITE, Part.ONLY_SITE),
        ("distributed-ha", "dc1", Part.SITE, Part.ONLY_MAJORITY),
        ("distributed-ha", "dc2", Part.DATABASE_STANDBY, Part.DATABASE_STANDBY),
        ("distributed-ha", "witness", Part.SPARE, Part.SPARE),
        ("dr", "dc1", Part.PRODUCTION, Part.SPARE),
        ("dr", "dc2", Part.SPARE, Part.SPARE),
        ("business-continuity", "dc1", Part.ENTRANCE, Part.SPARE),
        ("business-continuity", "dc2", Part.SPARE, Part.SPARE),
    ],
)
def test_the_parts_of_sites(stack: str, site: str, crash: Part, cut: Part) -> None:
    lab = inventory_of(stack)
    found = [part_of_site(lab, site, fault, declared(lab)) for fault in (CRASH, HANG, CUT)]
    assert found == [crash, crash, cut]


@pytest.mark.parametrize(
    ("stack", "link", "part"),
    [
        ("distributed-ha", "dc1-dc2", Part.DATABASE_STANDBY),
        ("distributed-ha", "dc1-witness", Part.SPARE),
        ("dr", "dc1-dc2", Part.SPARE),
    ],
)
def test_the_parts_of_links(stack: str, link: str, part: Part) -> None:
    assert part_of_link(inventory_of(stack), link) is part


def test_nobody_commits_without_a_synchronous_standby_in_the_other_instance() -> None:
    lab = inventory_of_text("pattern: DisasterRecovery\nreplication: {mode: synchronous}\nsites: {dc1: {}, dc2: {}}\n")
    assert part_of_node(lab, lab.node("dc2-db1"), declared(lab)) is Part.ONLY_DATABASE
    assert part_of_link(lab, "dc1-dc2") is Part.ONLY_DATABASE


@pytest.mark.parametrize(
    ("stack", "points"),
    [
        ("ha", ("db1", "dc1")),
        ("distributed-ha", ("wan1", "glb1")),
        ("dr", ("dc1-db1", "glb1")),
        ("business-continuity", ("dc1-db1", "glb1")),
    ],
)
def test_single_points_of_failure(stack: str, points: tuple[str, ...]) -> None:
    assert single_points(inventory_of(stack)) == points


def test_a_pool_of_one_is_a_single_point() -> None:
    text = (
        "pattern: HighAvailability\nsites: {dc1: {gateways: {count: 1}, dataProcessingServers: {count: 1}, "
        "loadBalancers: {count: 1}}}\n"
    )
    assert single_points(inventory_of_text(text)) == ("db1", "gw1", "dps1", "lb1", "dc1")
