"""From samples of byte counters to flows, from a peak to a link, and from round trips to an exit code."""

import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from redlab.commands import link as commands
from redlab.drills import link_benchmark
from redlab.drills.link_benchmark import (
    LINK_SIZES_MEGABITS_PER_SECOND,
    Benchmark,
    Flow,
    Key,
    carried,
    flows_of,
    limit_milliseconds,
    recommended,
    size_of,
)
from redlab.faults import journal
from redlab.measure.round_trips import Probe, judge, summed
from tests.support.unit.inventories import inventory_of

KEY = ("dc1-dc2", "dc1", "dc2", "database")


def test_mean_and_peak() -> None:
    samples = [(0.0, {KEY: 1000}), (0.5, {KEY: 1000}), (1.0, {KEY: 126_000}), (2.0, {KEY: 251_000})]
    (flow,) = flows_of(inventory_of("dr"), "normal", samples)
    assert (flow.link, flow.from_site, flow.to_site, flow.flow) == KEY
    assert flow.carries == "replication"
    assert flow.mean_megabits_per_second == pytest.approx(1.0)
    assert flow.peak_megabits_per_second == pytest.approx(2.0)
    assert flow.megabytes == pytest.approx(0.25)


@pytest.mark.parametrize(("peak", "size"), [(0, 2), (0.9, 2), (1.1, 10), (60, 155), (1e9, 100000)])
def test_the_recommended_link_carries_the_peak_twice(peak: float, size: float) -> None:
    assert recommended(peak) == size
    assert list(LINK_SIZES_MEGABITS_PER_SECOND) == sorted(LINK_SIZES_MEGABITS_PER_SECOND)


def test_a_link_is_sized_by_its_busier_direction_and_phase() -> None:
    def flow(link: str, phase: str, source: str, peak: float) -> Flow:
        return Flow(phase, link, source, "there", "database", "", 0.0, peak, 0.0)

    flows = [
        flow("a", "normal", "dc1", 2.0),
        flow("a", "normal", "dc1", 2.5),
        flow("a", "normal", "dc2", 3.0),
        flow("a", "failover", "dc1", 4.0),
        flow("b", "normal", "dc1", 50.0),
    ]
    assert size_of("a", flows).peak_megabits_per_second == 4.5
    assert size_of("a", flows).recommended_megabits_per_second == 10
    assert size_of("b", flows).recommended_megabits_per_second == 100
    assert size_of("c", flows).peak_megabits_per_second == 0


@pytest.mark.parametrize(
    ("stack", "key", "carries"),
    [
        ("distributed-ha", KEY, "statements, and the standby's copy"),
        ("distributed-ha", ("dc1-witness", "dc1", "witness", "store"), "the cluster's agreement"),
        ("dr", KEY, "replication"),
        ("dr-ucmdb", KEY, "replication"),
        ("dr-ucmdb", ("central-dc2", "central", "dc2", "database"), "topology, UCMDB and RTSM"),
        ("business-continuity", ("dc1-dc2", "dc2", "dc1", "dps"), "events exchanged"),
        ("business-continuity", ("central-dc1", "dc1", "central", "other"), "service desk, global ids"),
        ("business-continuity", KEY, ""),
    ],
)
def test_a_flow_carries_what_the_pattern_sends(stack: str, key: Key, carries: str) -> None:
    assert carried(inventory_of(stack), key) == carries


def test_one_instance_in_two_sites_alone_has_a_limit() -> None:
    limits = {stack: limit_milliseconds(inventory_of(stack).pattern) for stack in ("distributed-ha", "dr", "dr-ucmdb")}
    assert limits == {"distributed-ha": 5.0, "dr": None, "dr-ucmdb": None}
    assert limit_milliseconds(inventory_of("business-continuity").pattern) is None


@pytest.mark.parametrize(
    ("milliseconds", "limit", "code", "said"),
    [
        (
            [2.0] * 50,
            5.0,
            0,
            "round trip of dc1-dc2, less than 5 ms at all times: met: every probe took less than 5 ms",
        ),
        ([20.0] * 50, 5.0, 1, "exceeded: normal: 50 of 50 probes took 5 ms or longer"),
        ([20.0] * 50, 5.0, 1, "not allowed over this link, whatever its size"),
        ([2.0] * 40 + [20.0] * 10, 5.0, 3, "undecided: normal: 10 of 50 probes took 5 ms or longer; this machine"),
        ([20.0] * 50, None, 0, "any distance and any link is allowed"),
    ],
)
def test_the_command_ends_with_1_when_the_limit_is_exceeded_and_says_so(
    monkeypatch: pytest.MonkeyPatch, milliseconds: list[float], limit: float | None, code: int, said: str
) -> None:
    trips = {"normal": summed([Probe(each, 20.0) for each in milliseconds], limit)}
    sizes = (size_of("dc1-dc2", []),)
    found = Benchmark("DistributedHighAvailability", "dc1-dc2", (), sizes, trips, judge(trips, limit))
    monkeypatch.setattr(link_benchmark, "run", lambda *_: found)
    monkeypatch.setattr(commands, "open_lab", lambda _: SimpleNamespace())
    monkeypatch.setattr(journal, "exclusive", lambda _: nullcontext())
    done = CliRunner().invoke(commands.links, ["benchmark", "dha"])
    assert (done.exit_code, said in " ".join(done.stdout.split())) == (code, True), done.output
    shown = CliRunner().invoke(commands.links, ["benchmark", "dha", "--format", "json"])
    document = json.loads(shown.stdout)
    assert (shown.exit_code, document["latency"]["limit_milliseconds"]) == (code, limit)
    assert document["round_trips"]["normal"]["p99_milliseconds"] == milliseconds[-1]
