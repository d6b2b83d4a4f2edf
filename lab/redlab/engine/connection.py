"""The connection to the Docker engine: which one it is, and the SDK's client of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from redlab.engine.errors import EngineError
from redundancy.reading import DocumentError, read_json

if TYPE_CHECKING:
    import docker


@cache
def client() -> docker.DockerClient:
    """Return the client of the engine that DOCKER_HOST names, or the current context of the docker command.

    One on another machine is reached by the ssh client, with its configuration and keys. Raises EngineError when it
    does not answer. Only this package uses it, and tests and measurements that look at a lab from outside.
    """
    import docker

    try:
        connected = docker.from_env(timeout=60, use_ssh_client=True)
        connected.ping()
    except docker.errors.DockerException as error:
        message = f"the Docker engine does not answer ({error}); start it, or run `make setup`"
        raise EngineError(str(error), message) from None
    return connected


def address() -> str:
    """Return where the engine is looked for; '' for the default socket."""
    return os.environ.get("DOCKER_HOST") or context(os.environ)[1]


def context(environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the docker command's current context and where it leads to; ("default", "") when nobody chose one."""
    from docker.context import ContextAPI

    folder = Path(environment.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        said = read_json(folder / "config.json")
    except DocumentError:
        said = {}
    name = environment.get("DOCKER_CONTEXT") or said.get("currentContext")
    if not name or name == "default":
        return "default", ""
    found = ContextAPI.get_context(name)
    return str(name), str(found.Host) if found is not None else ""
