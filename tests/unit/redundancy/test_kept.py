"""A topology that cannot go on with what a lab keeps is refused before anything changes."""

from __future__ import annotations

from typing import Any

import pytest

from redundancy import kept
from redundancy.kept import Held
from tests.support.unit.described import described

DATABASE = {"io.redundancy-lab.node": "db1", "io.redundancy-lab.role": "database"}
HA = "HighAvailability"
CLUSTER = "{dc1: {database: {availability: cluster}}}"


def container(node: str, pattern: str, *environment: str) -> Held:
    labels = {**DATABASE, "io.redundancy-lab.node": node, "io.redundancy-lab.pattern": pattern}
    return kept.held(labels, ["PATH=/bin", *environment])


def volume(node: str, role: str, pattern: str = HA) -> Held:
    names = {"node": node, "role": role, "pattern": pattern}
    return kept.held({f"io.redundancy-lab.{key}": value for key, value in names.items()})


SINGLE = container("db1", HA)
MEMBER = container("db1", HA, "REDLAB_CLUSTER=ha")
REPLICATED = container("dc1-db1", "DisasterRecovery", "REDLAB_REPLICATION_PEER=dc2-db1")
LOGICAL = container("dc1-db1", "DisasterRecovery", "REDLAB_REPLICATION_PEER=dc2-db1", "REDLAB_LOGICAL_REPLICATION=true")


@pytest.mark.parametrize(
    ("planned", "found"),
    [
        pytest.param(described(HA), [], id="a new lab"),
        pytest.param(
            described(HA), [SINGLE, volume("db1", "database"), volume("gw3", "gateway")], id="a gateway leaves"
        ),
        pytest.param(described(HA, CLUSTER), [MEMBER, volume("db1", "database")], id="the same cluster"),
        pytest.param(described(HA, CLUSTER), [volume("db1", "database")], id="killed before there were members"),
        pytest.param(described("DisasterRecovery", "{dc1: {}, dc2: {}}"), [REPLICATED], id="the same two instances"),
    ],
)
def test_what_can_go_on_is_not_refused(planned: dict[str, Any], found: list[Held]) -> None:
    assert list(kept.problems(planned, found)) == []


@pytest.mark.parametrize(
    ("planned", "found", "said"),
    [
        pytest.param(
            described("DisasterRecovery", "{dc1: {}, dc2: {}}"),
            [SINGLE, volume("gw1", "gateway")],
            "lab x is there as HighAvailability, and is to be DisasterRecovery",
            id="another pattern",
        ),
        pytest.param(
            described(HA, CLUSTER),
            [SINGLE],
            "its database db1 is a single server, and is to be a member of a cluster",
            id="single to cluster",
        ),
        pytest.param(
            described(HA), [MEMBER], "its database db1 is a member of a cluster, and is to be a single", id="and back"
        ),
        pytest.param(
            described("DisasterRecovery", "{dc1: {}, dc2: {}}"),
            [LOGICAL],
            "is to be one of two, replicated as",
            id="dr",
        ),
        pytest.param(
            described("DisasterRecovery", "{east: {}, west: {}}"),
            [REPLICATED],
            "its database dc1-db1 is in the topology no more",
            id="another name of a site",
        ),
    ],
)
def test_what_cannot_go_on_is_refused_once(planned: dict[str, Any], found: list[Held], said: str) -> None:
    (told,) = kept.problems(planned, found)
    assert said in told
    assert told.endswith("Nothing was changed")
