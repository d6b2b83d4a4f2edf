from typing import Any
from xml.etree import ElementTree as ET

import pytest

from redlab.report.diagram import Notation, draw

INVENTORY: dict[str, Any] = {
    "lab": "ha<&>",
    "pattern": "HighAvailability",
    "nodes": [
        {"name": "collector1", "role": "collector", "site": "access"},
        {"name": "lb1", "role": "loadBalancer", "site": "dc1"},
        {"name": "gw1", "role": "gateway", "site": "dc1"},
        {"name": "dps1", "role": "dataProcessingServer", "site": "dc1"},
        {"name": "db1", "role": "database", "site": "dc1"},
    ],
}


@pytest.mark.parametrize("notation", list(Notation))
def test_every_node_is_drawn(notation: Notation) -> None:
    text = draw(INVENTORY, notation)
    assert all(node["name"] in text for node in INVENTORY["nodes"])


def edges_of(text: str) -> set[str]:
    return {line.strip().replace("n_", "") for line in text.splitlines() if "-->" in line}


def test_a_site_called_like_a_word_of_mermaid_is_a_name_all_the_same() -> None:
    nodes = [{"name": "end-gw1", "role": "gateway", "site": "end"}]
    assert draw({**INVENTORY, "nodes": nodes}, Notation.MERMAID).splitlines() == [
        "flowchart LR",
        '  subgraph site_end["end"]',
        '    n_end-gw1["end-gw1<br/>gateway"]',
        "  end",
    ]


def test_mermaid_shows_who_talks_to_whom() -> None:
    assert edges_of(draw(INVENTORY, Notation.MERMAID)) == {
        "collector1 --> lb1",
        "lb1 --> gw1",
        "dps1 --> gw1",
        "dps1 --> db1",
        "gw1 --> db1",
    }


def of_two_sites(replication: object = None, exchange: object = None) -> set[str]:
    nodes = [
        {**node, "name": f"{site}-{node['name']}", "site": site}
        for site in ("dc1", "dc2")
        for node in INVENTORY["nodes"]
        if node["role"] != "collector"
    ]
    text = draw({**INVENTORY, "nodes": nodes, "replication": replication, "eventExchange": exchange}, Notation.MERMAID)
    return {edge for edge in edges_of(text) if "dc1-" in edge and "dc2-" in edge}


def test_two_sites_of_one_instance_share_their_databases() -> None:
    assert of_two_sites(None) == {
        "dc1-dps1 --> dc2-gw1", "dc2-dps1 --> dc1-gw1", "dc1-dps1 --> dc2-db1", "dc2-dps1 --> dc1-db1",
        "dc1-gw1 --> dc2-db1", "dc2-gw1 --> dc1-db1",
    }  # fmt: skip


def test_two_instances_share_what_is_left_in_their_queues_alone() -> None:
    assert of_two_sites({"synchronous": False}) == {"dc1-dps1 --> dc2-gw1", "dc2-dps1 --> dc1-gw1"}


def test_twin_instances_share_their_events_alone() -> None:
    assert of_two_sites(exchange={"collectors": {"dc1": [], "dc2": []}}) == {"dc1-dps1 --> dc2-dps1"}


def test_a_collector_without_a_twin_sends_to_both_instances() -> None:
    nodes = [
        *({"name": f"{site}-lb1", "role": "loadBalancer", "site": site} for site in ("dc1", "dc2")),
        *({"name": name, "role": "collector", "site": "access"} for name in ("dc1-collector1", "untwinned1")),
    ]
    exchange = {"collectors": {"dc1": ["dc1-collector1"], "dc2": []}, "untwinned": ["untwinned1"]}
    drawn = edges_of(draw({**INVENTORY, "nodes": nodes, "eventExchange": exchange}, Notation.MERMAID))
    assert drawn == {"dc1-collector1 --> dc1-lb1", "untwinned1 --> dc1-lb1", "untwinned1 --> dc2-lb1"}


def test_svg_is_well_formed_whatever_the_name() -> None:
    assert ET.fromstring(draw(INVENTORY, Notation.SVG)).tag.endswith("svg")
