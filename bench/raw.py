"""The baseline: a blueprint created and removed directly through the engine's API."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from bench import parallel
from bench.blueprint import Blueprint, Container

Api = Any
"""A `docker.APIClient`; the stubs of that library leave out some of its methods."""
HEALTHY_SECONDS = 180


class UnhealthyError(Exception):
    """A container of the baseline did not become healthy."""


def up(api: Api, blueprint: Blueprint) -> None:
    """Create networks and volumes, then the containers; return when all are healthy. Raises UnhealthyError."""
    make = [partial(_network, api, body) for body in blueprint.networks]
    make += [partial(_volume, api, body) for body in blueprint.volumes]
    parallel.each(make, lambda step: step())
    # The stream begins before the first container starts: no change of health is missed.
    since = int(time.time())
    parallel.each(blueprint.containers, lambda container: _start(api, container))
    _wait(api, {container.name for container in blueprint.containers if "Healthcheck" in container.body}, since)


def down(api: Api, blueprint: Blueprint) -> None:
    """Stop and remove the containers, then remove networks and volumes."""
    parallel.each(blueprint.containers, lambda container: _remove(api, container))
    parallel.each(blueprint.networks, lambda network: api.remove_network(network["Name"]))
    parallel.each(blueprint.volumes, lambda volume: api.remove_volume(volume["Name"]))


def _network(api: Api, body: dict[str, Any]) -> None:
    api.create_network(
        body["Name"],
        driver=body["Driver"],
        options=body.get("Options"),
        ipam=body.get("IPAM"),
        check_duplicate=True,
        labels=body["Labels"],
    )


def _volume(api: Api, body: dict[str, Any]) -> None:
    api.create_volume(body["Name"], driver=body["Driver"], labels=body["Labels"])


def _start(api: Api, container: Container) -> None:
    identity = api.create_container_from_config(container.body, container.name)["Id"]
    for network, endpoint in container.endpoints.items():
        address = endpoint["IPAMConfig"]["IPv4Address"]
        api.connect_container_to_network(identity, network, ipv4_address=address)
    if container.archive:
        api.put_archive(identity, "/", container.archive)
    api.start(identity)


def _wait(api: Api, names: set[str], since: int) -> None:
    filters = {"type": "container", "event": "health_status"}
    deadline = int(time.time()) + HEALTHY_SECONDS
    waiting = set(names)
    for event in api.events(since=since, until=deadline, filters=filters, decode=True) if waiting else ():
        if event["Action"] == "health_status: healthy":
            waiting.discard(event["Actor"]["Attributes"]["name"])
        if not waiting:
            return
    if waiting:
        raise UnhealthyError(f"not healthy within {HEALTHY_SECONDS} s: {', '.join(sorted(waiting))}")


def _remove(api: Api, container: Container) -> None:
    if container.grace_seconds:
        api.stop(container.name, timeout=container.grace_seconds)
    api.remove_container(container.name, v=True, force=True)
