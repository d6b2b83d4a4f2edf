"""Each check of the doctor says ok, degraded and broken where it should, with its reason and its remedy."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from redlab.doctor import engine_checks, machine_checks, tool_checks
from redlab.doctor.examination import CHECKS, Concern, examine, refusals
from redlab.doctor.facts import Facts, Inotify, Routing
from redlab.doctor.finding import Verdict
from redundancy.addressing import CANDIDATE_POOLS
from tests.support.unit import doctor_answers as answers
from tests.support.unit.doctor_answers import HEALTHY, with_engine, with_machine, with_tools

OK, DEGRADED, BROKEN = Verdict.OK, Verdict.DEGRADED, Verdict.BROKEN
VPN = ("route of tun0", IPv4Network("10.0.0.0/8"))
EVERY_PRIVATE_ONE = (VPN, *(("lab", IPv4Network(each)) for each in ("172.16.0.0/12", "192.168.0.0/16")))
ALL_BUT_TWO_POOLS = tuple(("lab", pool) for pool in CANDIDATE_POOLS[2:])
EVERY_BLOCK = frozenset(range(21000, 29448, 16))
PROXY = {"http_proxy": "http://proxy.example:3128"}
PROXIED_ENGINE = answers.engine("28.5.2", "1.51", {"HttpProxy": "http://proxy.example:3128"})

CASES = [
    (engine_checks.engine, HEALTHY, OK, "20.10.24"),
    (engine_checks.engine, with_engine(answers.RELEASE_28), OK, "28.5.2"),
    (engine_checks.engine, with_engine(answers.NFTABLES_29), OK, "library-import"),
    (engine_checks.engine, with_engine(answers.engine("27.5.0", "1.47")), BROKEN, "NAT is disabled"),
    (engine_checks.engine, with_engine(answers.DESKTOP), DEGRADED, "Docker Desktop's virtual machine: not tried"),
    (engine_checks.engine, with_engine(answers.ROOTLESS), DEGRADED, "rootless: not tried"),
    (engine_checks.engine, with_engine(answers.engine("31.0.0", "1.60")), DEGRADED, "newer than what labs"),
    (engine_checks.engine, with_engine(answers.PODMAN), BROKEN, "packets would leave by the machine's uplink"),
    (engine_checks.engine, with_engine(answers.WINDOWS), BROKEN, "windows containers"),
    (engine_checks.engine, with_engine(answers.SILENT), BROKEN, "does not answer"),
    (engine_checks.place, HEALTHY, OK, "this machine's kernel"),
    (engine_checks.place, with_engine(answers.DESKTOP), DEGRADED, "6.10.0-linuxkit"),
    (engine_checks.api, HEALTHY, OK, "1.41"),
    (engine_checks.api, with_engine(answers.engine("20.10.0", "")), DEGRADED, "does not say"),
    (engine_checks.api, with_engine(answers.engine("19.03.15", "1.40")), BROKEN, "labs need 1.41"),
    (engine_checks.firewall, HEALTHY, OK, "iptables"),
    (engine_checks.firewall, with_engine(answers.NFTABLES_29), OK, "nftables"),
    (
        engine_checks.firewall,
        with_engine(answers.engine("29.0.0", "1.52", {"FirewallBackend": {"Driver": "iptables+firewalld"}})),
        DEGRADED,
        "firewalld: not tried",
    ),
    (
        engine_checks.firewall,
        with_engine(answers.engine("28.5.2", "1.51", {"IPv4Forwarding": False})),
        DEGRADED,
        "forwards no IPv4 packets",
    ),
    (engine_checks.routed_packets, HEALTHY, OK, "forwards"),
    (engine_checks.routed_packets, replace(HEALTHY, routing=Routing(None, "no image")), DEGRADED, "not tried"),
    (engine_checks.routed_packets, replace(HEALTHY, routing=Routing(False, "no answer")), BROKEN, "no answer"),
    (engine_checks.limits, HEALTHY, OK, "cgroup v1"),
    (engine_checks.limits, with_engine(answers.ROOTLESS), DEGRADED, "memory, swap, processor shares"),
    (
        engine_checks.limits,
        with_engine(answers.engine("20.10.24", "1.41", {"SwapLimit": False})),
        DEGRADED,
        "ignores limits of swap,",
    ),
    (machine_checks.tunnel_device, HEALTHY, OK, "is there"),
    (machine_checks.tunnel_device, with_machine(tun=None), DEGRADED, "not looked at"),
    (machine_checks.tunnel_device, with_machine(tun=False), BROKEN, "several sites"),
    (machine_checks.delays, HEALTHY, OK, "TUN device"),
    (machine_checks.delays, with_machine(netem=True), OK, "by netem"),
    (machine_checks.delays, with_machine(netem=None), OK, "where the router finds none"),
    (machine_checks.delays, with_machine(netem=None, tun=None), DEGRADED, "not looked at"),
    (machine_checks.delays, with_machine(netem=False, tun=False), BROKEN, "neither"),
    (machine_checks.pools, HEALTHY, OK, "528 of 528"),
    (machine_checks.pools, with_machine(used_networks=ALL_BUT_TWO_POOLS), DEGRADED, "only 2"),
    (machine_checks.pools, with_machine(used_networks=EVERY_PRIVATE_ONE), BROKEN, r"route of tun0 (10.0.0.0/8)"),
    (machine_checks.ports, HEALTHY, OK, "21000 to 29447"),
    (machine_checks.ports, with_machine(foreign_ports=frozenset({22, 8080, 29448})), OK, "no other program"),
    (machine_checks.ports, with_machine(foreign_ports=frozenset({21001, 22})), DEGRADED, "21001"),
    (machine_checks.ports, with_machine(foreign_ports=EVERY_BLOCK), BROKEN, "every lab: 21000, 21016"),
    (machine_checks.memory, HEALTHY, OK, "21505 MiB"),
    (machine_checks.memory, with_machine(available_mebibytes=1500), DEGRADED, "1500 MiB"),
    (machine_checks.memory, with_machine(available_mebibytes=300), BROKEN, "300 MiB"),
    (machine_checks.inotify, HEALTHY, OK, "3 of 128"),
    (machine_checks.inotify, with_machine(inotify=None), OK, "not looked at"),
    (machine_checks.inotify, with_machine(inotify=Inotify(128, 120)), DEGRADED, "120 of 128"),
    (machine_checks.inotify, with_machine(inotify=Inotify(128, 128)), BROKEN, "cannot follow"),
    (machine_checks.disk, HEALTHY, OK, "63.2 GiB"),
    (machine_checks.disk, with_machine(free_gibibytes={"/var/lib/docker": 3.0, "/home": 90.0}), DEGRADED, "3.0 GiB"),
    (machine_checks.disk, with_machine(free_gibibytes={}), DEGRADED, "not looked at"),
    (machine_checks.disk, with_machine(free_gibibytes={"/var/lib/docker": 0.1}), BROKEN, "/var/lib/docker"),
    (tool_checks.pulumi, HEALTHY, OK, "pulumi v3.259.0 (/bin/pulumi) with the native"),
    (tool_checks.pulumi, with_tools(plugin=None), DEGRADED, "no Docker plugin"),
    (tool_checks.pulumi, with_tools(pulumi_version="v4.0.0"), DEGRADED, "version 3"),
    (tool_checks.pulumi, with_tools(pulumi=None), BROKEN, "no Pulumi CLI"),
    (tool_checks.pulumi, with_tools(language_host=False), BROKEN, "pulumi-language-python"),
    (tool_checks.proxies, HEALTHY, OK, "no proxy"),
    (tool_checks.proxies, replace(with_tools(variables=PROXY), engine=PROXIED_ENGINE), OK, "go past it"),
    (tool_checks.proxies, with_tools(variables=PROXY), DEGRADED, "builds goes straight"),
    (tool_checks.context, HEALTHY, OK, "context default"),
    (tool_checks.context, with_tools(variables={"DOCKER_HOST": "unix:///x.sock"}), OK, "unix:///x.sock"),
    (
        tool_checks.context,
        replace(
            with_tools(context="mine", context_host="unix:///mine.sock"),
            engine=replace(answers.RELEASE_28, address="unix:///mine.sock"),
        ),
        OK,
        "context mine",
    ),
    (tool_checks.context, with_tools(context="mine", context_host="unix:///mine.sock"), DEGRADED, "unix:///mine.sock"),
    (tool_checks.context, with_tools(context="gone"), DEGRADED, "gone does not exist"),
]  # fmt: skip
NEVER_BROKEN = {
    engine_checks.place,
    engine_checks.firewall,
    engine_checks.limits,
    tool_checks.context,
    tool_checks.proxies,
}
"""Labs come up whatever these find."""


@pytest.mark.parametrize(
    ("judge", "facts", "verdict", "said"),
    CASES,
    ids=[f"{judge.__name__}-{verdict}-{said}" for judge, _, verdict, said in CASES],
)
def test_a_check_judges_what_was_read(judge: object, facts: Facts, verdict: Verdict, said: str) -> None:
    assert callable(judge)
    finding = judge(facts)
    assert finding.verdict is verdict
    assert said in finding.found
    assert bool(finding.remedy) == (verdict is not OK)


def test_each_check_is_seen_with_every_verdict_it_can_have() -> None:
    seen = {(judge, verdict) for judge, _, verdict, _ in CASES}
    for check in CHECKS:
        assert (check.judge, OK) in seen
        assert (check.judge, DEGRADED) in seen
        assert ((check.judge, BROKEN) in seen) != (check.judge in NEVER_BROKEN)


@pytest.mark.parametrize(
    "facts", [HEALTHY, with_engine(answers.RELEASE_28), with_engine(answers.NFTABLES_29)], ids=["20.10", "28", "29"]
)
def test_a_healthy_machine_is_warned_of_nothing(facts: Facts) -> None:
    assert [check.name for check, finding in examine(facts) if finding.verdict is not OK] == []


def test_nothing_that_is_not_looked_at_is_broken_where_no_engine_answers() -> None:
    facts = with_engine(answers.SILENT)
    assert [check.name for check, finding in examine(facts) if finding.verdict is BROKEN] == ["engine"]


def test_what_was_not_tried_is_not_judged() -> None:
    names = [check.name for check, _ in examine(replace(HEALTHY, routing=None))]
    assert "routed packets" not in names
    assert len(names) == len(CHECKS) - 1


def test_up_is_refused_what_cannot_work_in_the_doctors_words() -> None:
    facts = with_engine(answers.PODMAN)
    (message,) = refusals(facts, {Concern.EVERY_LAB})
    finding = engine_checks.engine(facts)
    assert message == f"engine: {finding.found}. {finding.remedy}"
    assert refusals(HEALTHY, set(Concern)) == []


def test_a_lab_of_one_site_needs_no_device_for_links() -> None:
    facts = with_machine(tun=False)
    assert refusals(facts, {Concern.EVERY_LAB, Concern.NEW_LAB}) == []
    assert len(refusals(facts, {Concern.EVERY_LAB, Concern.SEVERAL_SITES})) == 2


def test_a_lab_that_is_up_is_not_stopped_by_what_it_takes_itself() -> None:
    facts = with_machine(available_mebibytes=100)
    assert refusals(facts, {Concern.EVERY_LAB, Concern.SEVERAL_SITES}) == []
    assert len(refusals(facts, {Concern.EVERY_LAB, Concern.NEW_LAB})) == 1
