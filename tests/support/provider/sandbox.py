"""Objects on the engine that belong to one test."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError

from redlab_provider.traits import CONTAINER, NETWORK, OWNER_LABEL, VOLUME

IMAGE = "debian:bookworm-slim"
_PREFIX = "redlab-provider-test-"


def engine_client() -> Any:
    """Return a client of the provider's engine: DOCKER_HOST's, otherwise the machine's own."""
    return docker.from_env().api


class Sandbox:
    """Provides unique names and inputs, inspects the engine, and removes all objects with such a name."""

    def __init__(self, client: Any, folder: Path) -> None:
        self.client = client
        self.folder = folder
        remove_what_killed_tests_left(client)
        # The program names a bridge by the last ten characters: an engine that uses nftables fails at a leading digit.
        self.prefix = f"{_PREFIX}{os.getpid()}-run-{secrets.token_hex(4)}"

    def name(self, suffix: str) -> str:
        return f"{self.prefix}-{suffix}"

    def owned(self, **labels: str) -> list[dict[str, str]]:
        """Labels with an owner, as a lab stack has them."""
        return [{"label": key, "value": value} for key, value in {OWNER_LABEL: self.prefix, **labels}.items()]

    def container(self, suffix: str = "c", **inputs: Any) -> dict[str, Any]:
        """Inputs of a container that idles; it ends at once when it is told to."""
        return {
            "name": self.name(suffix),
            "image": IMAGE,
            "command": ["sleep", "infinity"],
            "init": True,
            "stopTimeout": 1,
        } | inputs

    def inspect(self, suffix: str, kind: str = CONTAINER) -> dict[str, Any]:
        inspectors = {
            CONTAINER: self.client.inspect_container,
            NETWORK: self.client.inspect_network,
            VOLUME: self.client.inspect_volume,
        }
        found: dict[str, Any] = inspectors[kind](self.name(suffix))
        return found

    def exists(self, suffix: str, kind: str = CONTAINER) -> bool:
        try:
            self.inspect(suffix, kind)
        except APIError as error:
            assert error.status_code == 404
            return False
        return True

    def run(self, suffix: str, *command: str) -> str:
        """Run a command in the container and return its output."""
        started = self.client.exec_create(self.name(suffix), list(command))
        return str(self.client.exec_start(started["Id"]).decode())

    def sweep(self) -> None:
        remove(self.client, self.prefix)
        for pattern in (f"{self.prefix}*", f"{self.prefix}*/*"):
            for image in self.client.images(name=pattern):
                for tag in image["RepoTags"]:
                    self.client.remove_image(tag)


def remove(client: Any, prefix: str) -> None:
    """Remove the containers, networks and volumes with this name prefix."""
    for container in client.containers(all=True, filters={"name": prefix}):
        client.remove_container(container["Id"], v=True, force=True)
    for network in client.networks(names=[prefix]):
        client.remove_network(network["Id"])
    for volume in client.volumes(filters={"name": prefix})["Volumes"] or []:
        client.remove_volume(volume["Name"])


def remove_what_killed_tests_left(client: Any) -> None:
    """Remove the objects of ended processes: their subnets would overlap."""
    names = [name for each in client.containers(all=True, filters={"name": _PREFIX}) for name in each["Names"]]
    names += [each["Name"] for each in client.networks(names=[_PREFIX])]
    for prefix, process in {found.groups() for name in names if (found := re.search(rf"({_PREFIX}(\d+)-)", name))}:
        if not Path("/proc", process).exists():
            remove(client, prefix)
