"""What an upgrade declares on its way, and what is left of it in the end."""

from __future__ import annotations

from redlab.upgrade import declared
from tests.support.unit.inventories import inventory_of

HA, DR = inventory_of("ha"), inventory_of("dr")
NEW = {"gateway": "a/gateway:2"}


def test_a_single_node_has_an_image_of_its_own() -> None:
    found = declared.with_images({"objectives": {"rpoEvents": 1}}, HA, [HA.node("gw1")], NEW)
    node = {"sites": {"dc1": {"gateways": {"nodes": {"gw1": {"image": "a/gateway:2"}}}}}}
    assert found == {"objectives": {"rpoEvents": 1}, **node}


def test_all_nodes_of_a_site_have_one_image_in_one_place() -> None:
    nodes = DR.of_site("dc2", "gateway")
    begun = declared.with_images({}, DR, nodes[:1], NEW)
    assert declared.with_images(begun, DR, nodes, NEW) == {"sites": {"dc2": {"images": NEW}}}


def test_one_node_is_taken_back_and_the_others_keep_what_they_have() -> None:
    nodes = DR.of_site("dc2", "gateway")
    begun = declared.with_images({}, DR, nodes, NEW)
    found = declared.with_images(begun, DR, nodes[:1], {"gateway": ""})
    assert found == {"sites": {"dc2": {"gateways": {"nodes": {"gw2": {"image": "a/gateway:2"}}}}}}
    assert declared.with_images(found, DR, nodes[1:], {"gateway": ""}) == {}


def test_in_the_end_each_image_is_declared_once() -> None:
    begun = declared.with_images({}, DR, DR.of_site("dc2", "gateway"), NEW)
    begun = declared.with_images(begun, DR, [DR.node("dc1-gw1")], NEW)
    assert declared.for_all(begun, DR, NEW) == {"images": NEW}


def test_taken_back_nothing_is_left_but_what_was_there_before() -> None:
    before = {"images": {"gateway": "a/gateway:1"}, "sites": {"dc1": {"loadBalancers": {"count": 1}}}}
    begun = declared.with_images(before, DR, DR.of_site("dc1", "gateway"), NEW)
    assert declared.for_all(begun, DR, {"gateway": ""}) == before


def test_a_database_cluster_is_named_server_by_server() -> None:
    cluster = inventory_of("distributed-ha")
    found = declared.with_images({}, cluster, [cluster.node("dc1-db1")], {"databaseCluster": "a/cluster:2"})
    assert found == {"sites": {"dc1": {"images": {"databaseCluster": "a/cluster:2"}}}}
    assert list(declared.own_images(found, cluster, ["databaseCluster"])) == [
        ("sites", "dc1", "images", "databaseCluster")
    ]
    assert declared.own_images(found, cluster, ["gateway"]) == {}
