"""Objects on the engine that belong to one test."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import docker
from docker.errors import APIError

from provider.traits import CONTAINER, NETWORK, OWNER_LABEL, VOLUME

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "debian:bookworm-slim"


def engine_client() -> Any:
    """Return a client of the engine that the provider uses, too: DOCKER_HOST's, else the machine's own."""
    return docker.from_env().api


class Sandbox:
    """Gives names and inputs that no other test has, looks at the engine, and removes all that has such a name."""

    def __init__(self, client: Any, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.prefix = f"redlab-provider-test-{secrets.token_hex(4)}"

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
        for container in self.client.containers(all=True, filters={"name": self.prefix}):
            self.client.remove_container(container["Id"], v=True, force=True)
        for network in self.client.networks(names=[self.prefix]):
            self.client.remove_network(network["Id"])
        for volume in self.client.volumes(filters={"name": self.prefix})["Volumes"] or []:
            self.client.remove_volume(volume["Name"])
        for pattern in (f"{self.prefix}*", f"{self.prefix}*/*"):
            for image in self.client.images(name=pattern):
                for tag in image["RepoTags"]:
                    self.client.remove_image(tag)
