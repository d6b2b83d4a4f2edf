"""All checks in the order in which the doctor names them, and which of them `up` waits for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import Enum

from redlab.doctor import engine_checks, machine_checks, tool_checks
from redlab.doctor.facts import Facts
from redlab.doctor.finding import Finding, Verdict


class Concern(Enum):
    """Which `up` a thing that is broken stops."""

    EVERY_LAB = "every lab"
    SEVERAL_SITES = "a lab of several sites"
    NEW_LAB = "a lab that is not up yet"
    NOTHING = "nothing: `up` names what is in the way of the lab's own pool"


@dataclass(frozen=True)
class Check:
    """One thing that is looked at."""

    name: str
    judge: Callable[[Facts], Finding]
    concerns: Concern = Concern.EVERY_LAB


CHECKS = (
    Check("engine", engine_checks.engine),
    Check("engine's machine", engine_checks.place),
    Check("API", engine_checks.api),
    Check("docker context", tool_checks.context),
    Check("firewall", engine_checks.firewall),
    Check("routed packets", engine_checks.routed_packets, Concern.SEVERAL_SITES),
    Check("limits", engine_checks.limits),
    Check("/dev/net/tun", machine_checks.tunnel_device, Concern.SEVERAL_SITES),
    Check("delays", machine_checks.delays, Concern.SEVERAL_SITES),
    Check("address pools", machine_checks.pools, Concern.NOTHING),
    Check("ports", machine_checks.ports, Concern.NEW_LAB),
    Check("memory", machine_checks.memory, Concern.NEW_LAB),
    Check("inotify", machine_checks.inotify, Concern.NEW_LAB),
    Check("disk", machine_checks.disk),
    Check("Pulumi", tool_checks.pulumi),
    Check("proxies", tool_checks.proxies),
)


def examine(facts: Facts) -> Iterator[tuple[Check, Finding]]:
    """Judge the facts, check by check; what only the whole examination tries is left out where it was not tried."""
    for check in CHECKS:
        if facts.routing is not None or check.judge is not engine_checks.routed_packets:
            yield check, check.judge(facts)


def refusals(facts: Facts, concerns: Collection[Concern]) -> list[str]:
    """Return why a lab cannot come up, one message for each check that says so; empty when it can."""
    return [
        f"{check.name}: {finding.found}. {finding.remedy}"
        for check, finding in examine(facts)
        if finding.verdict is Verdict.BROKEN and check.concerns in concerns
    ]
