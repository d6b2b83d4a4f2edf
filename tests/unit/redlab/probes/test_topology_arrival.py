"""What of production's topology the other instance lacks: what integrations bring there, and has not come yet."""

from __future__ import annotations

import pytest

from redlab.probes.topology import Integration
from redlab.probes.topology_arrival import behind, brings


def way(source: str, target: str, *item_types: str) -> Integration:
    return Integration("ucmdb1", source, target, "population", item_types, 0, "current", "")


WAYS = [way("dc1", "ucmdb2", "host", "application"), way("ucmdb2", "dc2", "host"), way("ucmdb1", "dc2")]


@pytest.mark.parametrize(
    ("item_type", "found"),
    [("host", True), ("application", False), ("monitor", False)],
    ids=["all the way", "half", "no"],
)
def test_a_type_comes_where_every_filter_on_the_way_lets_it_through(item_type: str, *, found: bool) -> None:
    assert brings(WAYS, "dc1", "dc2", item_type) is found
    assert not brings(WAYS, "dc2", "dc1", item_type)


def test_only_what_is_brought_and_older_there_is_lacking() -> None:
    here = {
        ("host", "same"): (3, "a"),
        ("host", "older there"): (3, "a"),
        ("host", "newer there"): (3, "a"),
        ("host", "same again"): (9, "a"),
        ("host", "not there"): (1, "a"),
        ("monitor", "stays"): (1, "a"),
    }
    there = {
        ("host", "same"): (3, "a"),
        ("host", "older there"): (2, "b"),
        ("host", "newer there"): (4, "b"),
        ("host", "same again"): (1, "a"),
    }
    assert behind(here, there, WAYS, "dc1", "dc2") == ["host not there", "host older there"]
    assert behind(here, here, WAYS, "dc1", "dc2") == []
