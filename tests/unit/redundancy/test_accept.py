"""What is accepted as a topology: whole numbers, overrides as text, faults in the spelling of who wrote them."""

from __future__ import annotations

import math
from typing import Any, cast

import pytest

from redundancy import loading, rules, topology_file
from redundancy.patterns.pattern import document
from redundancy.reading import DocumentError
from redundancy.source import Source
from redundancy.topology import Topology

HA = "pattern: HighAvailability\nsites: {dc1: {}}\n"


def accepted(text: str, overrides: object = None) -> Topology:
    return rules.accept(loading.override(loading.parse(text, "ha.yaml"), overrides), "ha")


def refused(source: Source) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        rules.accept(source, "ha")
    return str(caught.value).split("\n")


def of_python(**args: Any) -> Source:
    return Source("arguments", document("HighAvailability", cast("Any", args)), snake_case=True)


def test_a_count_of_two_may_be_written_with_a_decimal_point() -> None:
    topology = accepted("pattern: HighAvailability\nsites: {dc1: {gateways: {count: 2.0}}}\n")
    assert [node.name for node in topology.sites[0].gateways.nodes] == ["gw1", "gw2"]


def test_overrides_that_pulumi_stores_as_text_or_as_numbers() -> None:
    # `pulumi config set --path` makes text of a decimal, a number of digits, a truth of "true".
    overrides = {
        "highAvailabilityController": {"leaseSeconds": "0.9", "renewSeconds": "0.3"},
        "description": 2024,
        "objectives": {"rtoSeconds": "1e1"},
    }
    topology = accepted(HA, overrides)
    assert (topology.controller.lease_seconds, topology.controller.renew_seconds) == (0.9, 0.3)
    assert (topology.description, topology.objectives.rto_seconds) == ("2024", 10)


def test_text_is_no_number_in_a_document_itself() -> None:
    assert refused(loading.parse(HA + "objectives: {rtoSeconds: '0.9'}\n", "ha.yaml")) == [
        'ha.yaml:3: objectives.rtoSeconds: found "0.9"; allowed: a number'
    ]


@pytest.mark.parametrize("text", [".nan", "nan", "inf", "0x10", "1_0", "010", "9" * 400])
def test_an_override_that_is_no_number_stays_text(text: str) -> None:
    (line,) = refused(loading.override(loading.parse(HA, "ha.yaml"), {"objectives": {"rtoSeconds": text}}))
    assert line.startswith('config redundancy:overrides (over ha.yaml): objectives.rtoSeconds: found "')


@pytest.mark.parametrize("overrides", ["hello", ["a"], 7, True])
def test_overrides_that_are_no_mapping(overrides: object) -> None:
    with pytest.raises(DocumentError, match=r"config redundancy:overrides: found .*; allowed: a mapping"):
        loading.override(loading.parse(HA, "ha.yaml"), overrides)


def test_overrides_that_are_no_json() -> None:
    with pytest.raises(DocumentError, match="config redundancy:overrides: broken JSON"):
        topology_file.overrides("hello")
    assert topology_file.overrides(None) is None


def test_faults_of_arguments_are_told_in_python_s_spelling() -> None:
    assert refused(
        of_python(
            sites={"dcA": {"data_processing_servers": {"count": 3}}, "dc1": {"gate_ways": {}}},
            high_availability_controller={"lease_seconds": 1.5, "renew_seconds": 1.5},
            objectives={"rto_seconds": math.nan},
            global_load_balancer={},
        )
    ) == [
        "arguments: objectives.rto_seconds: found NaN; allowed: a number",
        "arguments: sites.dcA: the name is not allowed; allowed: names like ^[a-z][a-z0-9-]{0,14}$; why: a site name "
        "becomes part of Docker network names and host names: a lower-case letter, then up to 14 lower-case letters, "
        "digits or hyphens",
        "arguments: sites.dc1.gate_ways: unknown key; allowed: data_processing_servers, database, gateways, images, "
        "load_balancers",
        "arguments: high_availability_controller.renew_seconds: found 1.5; allowed: at most 0.5 (a third of "
        "lease_seconds); why: two renewals may be missed before the lease ends; else a short stall looks like a dead "
        "DPS",
        "arguments: global_load_balancer: found given; allowed: nothing; why: HighAvailability has none; it is a part "
        "of DistributedHighAvailability and DisasterRecovery and BusinessContinuity",
    ]


def test_rules_are_told_in_python_s_spelling() -> None:
    (line,) = refused(
        of_python(
            sites={"dc1": {"data_processing_servers": {"count": 1}}},
            high_availability_controller={"automatic_failover": True},
        )
    )
    assert line == (
        "arguments: high_availability_controller.automatic_failover: found true; allowed: false, or "
        "sites.dc1.data_processing_servers.count: 2; why: there is no data processing server to fail over to"
    )


@pytest.mark.parametrize(
    "args", [{}, {"sites": None}, {"sites": []}, {"sites": {1: {}}}, {"sites": {"dc1": 7}}, {"sites": {"dc1": {2: 3}}}]
)
def test_arguments_of_any_shape_are_a_document(args: Any) -> None:
    assert refused(of_python(**args))


def test_arguments_that_hold_themselves() -> None:
    endless: list[Any] = [1] * 9000
    assert "more than 5,000 values" in refused(of_python(sites={"dc1": {}}, links={"a-b": endless}))[0]


def test_the_own_image_of_a_role_needs_what_its_maker_says() -> None:
    text = "pattern: HighAvailability\nsites: {dc1: {gateways: {resources: {memoryMebibytes: 32}}}}\n"
    assert refused(loading.parse(text, "ha.yaml"))
    assert accepted(text + "images: {gateway: example/gateway}\n")
