"""Judgements of the engine: which one it is, what it speaks, what it can limit, and whether it lets routed packets by.

Pure. Which Docker engines are supported was measured (docs/engines.md); what is said of others follows from what they
answer, and from their documentation.
"""

from __future__ import annotations

from typing import Final

from redlab.doctor.facts import Facts, Routing
from redlab.doctor.finding import Finding, broken, degraded, ok
from redlab.engine.description import LIMITS

OLDEST_API: Final = (1, 41)
"""Engine 20.10: a platform at creation, cgroup namespaces."""
NEWEST_API: Final = (1, 56)
"""Moby 2.0.0-beta.24, which became engine 29: the newest that labs were brought up on."""
_START = "Start it (`make setup` does on Debian), or point DOCKER_HOST or `docker context use` at one that runs."


def engine(facts: Facts) -> Finding:
    """Which engine answers, and whether labs work on its kind."""
    found = facts.engine
    if found.error:
        return broken(found.error, _START)
    about = found.about
    name, release = about.name, about.release or "?"
    if about.is_podman:
        # podman, pkg/api/handlers/compat/networks.go: auxiliary addresses and the bridge's options are dropped, and
        # every network is isolated from all others.
        return broken(
            f"{name} {release} is Podman behind Docker's API: it drops the reserved default route of a network and "
            "keeps networks apart, so sites would not reach each other and packets would leave by the machine's uplink",
            "Use a Docker engine: DOCKER_HOST, or `docker context use`.",
        )
    if about.containers_of != "linux":
        return broken(
            f"{name} {release} runs {about.containers_of} containers", "Switch the engine to Linux containers."
        )
    if "Docker Desktop" in about.system:
        return degraded(
            f"{name} {release} in Docker Desktop's virtual machine: not tried",
            "Should something fail, run the checkout inside Linux, beside a Docker engine.",
        )
    if about.is_rootless:
        return degraded(
            f"{name} {release}, rootless: not tried", "Should something fail, use an engine that runs as root."
        )
    if release.startswith("27."):
        # docs/engines.md: three of five labs did not come up on 27.5.0.
        return broken(
            f"{name} {release} may publish a container's ports by any network that it joins, and refuses a site's "
            '("NAT is disabled"): load balancers start or not by chance',
            "Use an engine of release 20.10 to 26, or 28 and newer.",
        )
    if about.api > NEWEST_API:
        return degraded(
            f"{name} {release} is newer than what labs were tried on (API {_text(NEWEST_API)})",
            "Should something fail, use an engine of release 29 or before.",
        )
    return ok(f"{name} {release} at {found.address or 'the default socket'}")


def place(facts: Facts) -> Finding:
    """Whether the engine runs where this command does."""
    if facts.engine.error:
        return degraded("not looked at: no engine answers", "See the line of the engine.")
    if facts.engine.here:
        return ok("the engine runs on this machine's kernel")
    return degraded(
        f"the engine at {facts.engine.address or 'the default socket'} runs on another kernel "
        f"({facts.engine.about.kernel or 'unknown'}): ports that labs publish are on 127.0.0.1 there, "
        "and drills are refused since clocks differ",
        "Run the checkout on the machine of the engine.",
    )


def api(facts: Facts) -> Finding:
    """Which version of the API the engine speaks."""
    if facts.engine.error:
        return degraded("not looked at: no engine answers", "See the line of the engine.")
    spoken = facts.engine.about.api
    if not spoken:
        return degraded("the engine does not say which API it speaks", "Should something fail, use another engine.")
    if spoken < OLDEST_API:
        return broken(f"API {_text(spoken)}; labs need {_text(OLDEST_API)}", "Update the engine: 20.10 or later.")
    return ok(f"API {_text(spoken)} (labs need {_text(OLDEST_API)})")


def firewall(facts: Facts) -> Finding:
    """Which firewall the engine keeps networks apart with, and whether packets are forwarded at all."""
    if facts.engine.error:
        return degraded("not looked at: no engine answers", "See the line of the engine.")
    told = facts.engine.about.firewall
    driver = told or "iptables"
    if facts.engine.about.forwards is False:
        return degraded(
            f"{driver}; the kernel forwards no IPv4 packets, so published ports may not be reached",
            "sysctl -w net.ipv4.ip_forward=1, then restart the engine.",
        )
    if "firewalld" in driver:
        return degraded(f"{driver}: not tried", "Should sites not reach each other, stop firewalld.")
    return ok(driver if told else f"{driver} (the engine is older than 28.2 and does not say so itself)")


def routed_packets(facts: Facts) -> Finding:
    """Whether packets pass from one site's network to another's through a router."""
    tried = facts.routing or Routing(None, "only the whole examination does")
    if tried.passed is None:
        return degraded(f"not tried: {tried.said}", "`redlab up` proves it for the sites of the lab.")
    if tried.passed:
        return ok(tried.said)
    return broken(
        f"sites do not reach each other: {tried.said}",
        "Look for rules that drop forwarded packets: iptables-save -t raw, iptables -S DOCKER-USER, nft list ruleset. "
        "Labs of one site work.",
    )


def limits(facts: Facts) -> Finding:
    """Whether the engine can hold nodes to their memory and their share of the processors."""
    if facts.engine.error:
        return degraded("not looked at: no engine answers", "See the line of the engine.")
    cgroups = f"cgroup v{facts.engine.about.cgroups or '?'}"
    missing = facts.engine.about.unlimited
    if missing:
        return degraded(
            f"{cgroups}: the engine ignores limits of {', '.join(missing)}, so nodes are not held to their resources",
            "Rootless: delegate the controllers to your user (systemd, Delegate=cpu memory). Swap on cgroup v1: boot "
            "with swapaccount=1.",
        )
    return ok(f"{cgroups}, limits of {', '.join(LIMITS.values())} hold")


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
