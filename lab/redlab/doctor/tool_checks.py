"""Judgements of the tools and of the environment they run in. Pure."""

from __future__ import annotations

from typing import Final

from redlab.doctor.facts import Facts
from redlab.doctor.finding import Finding, broken, degraded, ok

_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")
_SETUP: Final = "`make setup` gets it for this checkout."


def pulumi(facts: Facts) -> Finding:
    """Whether there are a Pulumi CLI, its host for Python, and a Docker plugin."""
    tools = facts.tools
    if tools.pulumi is None:
        return broken("there is no Pulumi CLI", _SETUP)
    said = f"pulumi {tools.pulumi_version} ({tools.pulumi})".replace("  ", " ")
    if not tools.language_host:
        return broken(f"{said} has no pulumi-language-python beside it", _SETUP)
    if tools.pulumi_version and not tools.pulumi_version.startswith("v3."):
        return degraded(f"{said}: labs were tried with version 3", "Should something fail, use a release of version 3.")
    if tools.plugin is None:
        return degraded(f"{said} has no Docker plugin yet: it downloads the official one", _SETUP)
    return ok(f"{said} with the {tools.plugin} Docker plugin")


def proxies(facts: Facts) -> Finding:
    """What becomes of proxy variables: calls to this machine go past them, and the engine has settings of its own."""
    mine = [name for each in _PROXIES for name in (each, each.upper()) if facts.tools.variables.get(name)]
    if not mine:
        return ok("no proxy variables are set")
    said = f"{', '.join(mine)} is set; calls to this machine go past it"
    if not facts.engine.error and not facts.engine.about.has_proxy:
        return degraded(
            f"{said}. The engine has no proxy of its own, so what it pulls and builds goes straight to the network",
            'If that does not work: "proxies" in /etc/docker/daemon.json.',
        )
    return ok(said)


def context(facts: Facts) -> Finding:
    """Whether the docker command and redlab talk to the same engine."""
    tools, used = facts.tools, facts.engine.address
    if tools.variables.get("DOCKER_HOST"):
        return ok(f"DOCKER_HOST says {tools.variables['DOCKER_HOST']}; docker contexts do not count then")
    if tools.context == "default":
        return ok("docker context default")
    if not tools.context_host:
        return degraded(f"docker context {tools.context} does not exist", "docker context use default")
    if tools.context_host == used:
        return ok(f"docker context {tools.context}")
    return degraded(
        f"the docker command uses context {tools.context} ({tools.context_host}), redlab uses "
        f"{used or 'the default socket'}",
        f"`make setup` takes the context over, or: export DOCKER_HOST={tools.context_host}",
    )
