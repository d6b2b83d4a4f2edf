"""Which image a node gets: its own before its site's before its role's, and which nodes that leaves the stand-in."""

from __future__ import annotations

from redundancy import loading, rules
from redundancy.topology import Topology

DR = """
pattern: DisasterRecovery
images: {gateway: a/gateway:1}
sites:
  dc1: {}
  dc2:
    images: {gateway: a/gateway:2, database: a/database:2}
    gateways: {nodes: {gw2: {image: "a/gateway:3"}}}
"""
CLUSTER = """
pattern: HighAvailability
sites:
  dc1:
    database: {availability: cluster, nodes: {db2: {image: "a/cluster:2"}, etcd3: {image: "a/etcd:2"}}}
"""


def images(text: str) -> dict[str, str]:
    topology = accepted(text)
    return {node.name: topology.image_of(node) for node in topology.nodes if topology.image_of(node)}


def accepted(text: str) -> Topology:
    return rules.accept(loading.parse(text, "x.yaml"), "x")


def test_the_most_specific_image_is_taken() -> None:
    assert images(DR) == {
        "dc1-gw1": "a/gateway:1",
        "dc1-gw2": "a/gateway:1",
        "dc2-gw1": "a/gateway:2",
        "dc2-gw2": "a/gateway:3",
        "dc2-db1": "a/database:2",
    }


def test_single_servers_of_a_cluster_have_images_of_their_own() -> None:
    assert images(CLUSTER) == {"db2": "a/cluster:2", "etcd3": "a/etcd:2"}


def test_an_upgrade_half_way_breaks_no_rule_of_identical_instances() -> None:
    assert len(accepted(DR).sites) == 2


def test_less_memory_is_for_other_images_alone() -> None:
    text = DR.replace("  dc1: {}", "  dc1: {gateways: {resources: {memoryMebibytes: 32}}}").replace(
        "    gateways: {", "    gateways: {resources: {memoryMebibytes: 32}, "
    )
    assert len(accepted(text).sites) == 2
