"""Refuses a lab that needs what somebody else has, or cannot go on with what it keeps, before anything is made."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse
from weakref import WeakKeyDictionary

import pulumi

from redundancy import claims, kept, leaving, ports
from redundancy.claims import Claims, Seen
from redundancy.kept import Held
from redundancy.naming import LABEL_PREFIX
from redundancy.roles import Role
from redundancy.sites import leaving_gateways

if TYPE_CHECKING:
    from collections.abc import Mapping

    import docker

_LOOK_SECONDS = 5
_of_program: WeakKeyDictionary[pulumi.Resource, dict[str, Claims]] = WeakKeyDictionary()
_of_process: dict[str, Claims] = {}
"""What the labs of one run of a program claim, by their names; the run is told by its stack. What makes components for
programs in other languages has no stack, and lives for one run."""


def refuse(described: Mapping[str, Any], pool: IPv4Network, owner: str, opts: pulumi.ResourceOptions | None) -> None:
    """Raise RunError that names who has what the lab needs: another lab of the program, or somebody on the engine.

    Or that says what the lab keeps already, which a changed topology cannot go on with, or would lose.

    An engine that only a provider knows is not asked: it says itself what it refuses, later.
    """
    own, found = claims.of_lab(described, pool), _labs_of_this_run()
    problems = list(claims.conflicts(own, (other for lab, other in found.items() if lab != described["lab"])))
    found[described["lab"]] = own
    if not problems and not _has_engine_of_its_own(opts):
        problems = _on_the_engine(own, described, owner)
    if problems:
        raise pulumi.RunError("\n".join(problems))


def _labs_of_this_run() -> dict[str, Claims]:
    root = pulumi.runtime.settings.get_root_resource()
    return _of_process if root is None else _of_program.setdefault(root, {})


def _has_engine_of_its_own(opts: pulumi.ResourceOptions | None) -> bool:
    config = pulumi.Config("docker")
    return bool(opts and (opts.provider or opts.providers)) or any(config.get(key) for key in ("host", "context"))


def _on_the_engine(own: Claims, described: Mapping[str, Any], owner: str) -> list[str]:
    client = connect()
    if client is None:
        return []
    try:
        seen = look(client, described["lab"], owner)
        held = holds(client, described["lab"], owner)
    except OSError:  # requests' own: it stopped answering, and what is made next says so
        return []
    problems = [*kept.problems(described, held), *claims.conflicts(own, seen.others)]
    if not problems:
        problems = list(leaving.problems(described["lab"], leaving_gateways.look(client, described, owner)))
    named = {port for other in seen.others for port in other.ports}
    if not problems and urlparse(client.base_url).hostname in ("localhost", "127.0.0.1"):
        listening = ports.in_use(own.ports - seen.own_ports - named)
        problems = list(claims.conflicts(own, [Claims("another program of this machine", ports=listening)]))
    return problems


def connect() -> docker.APIClient | None:
    """Return a client of the engine that the environment names, None where it does not answer."""
    import docker

    try:
        return docker.from_env(timeout=_LOOK_SECONDS, use_ssh_client=True).api
    except docker.errors.DockerException:
        return None


def look(client: docker.APIClient, lab: str, owner: str) -> Seen:
    """Return what an engine has."""
    return claims.of_engine(client.networks(), client.containers(all=True), lab, owner)


def holds(client: docker.APIClient, lab: str, owner: str) -> list[Held]:
    """Return what a lab keeps on an engine already."""
    wanted = {"lab": lab, **({"owner": owner} if owner else {})}
    filters: dict[str, Any] = {"label": [f"{LABEL_PREFIX}{key}={value}" for key, value in wanted.items()]}
    volumes = client.volumes(filters)["Volumes"] or ()
    databases = client.containers(
        all=True, filters={"label": [*filters["label"], f"{LABEL_PREFIX}role={Role.DATABASE}"]}
    )
    configured = [client.inspect_container(one["Id"])["Config"] for one in databases]
    return [
        *(kept.held(one["Labels"] or {}) for one in volumes),
        *(kept.held(one["Labels"], one["Env"]) for one in configured),
    ]
