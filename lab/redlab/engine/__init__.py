"""The Docker engine and the containers of a lab in it."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from redlab.engine import shell
from redlab.errors import RedlabError

if TYPE_CHECKING:
    import docker
    from docker.models.containers import Container
    from docker.models.networks import Network
    from docker.models.volumes import Volume

    from redlab.model.inventory import Inventory, Node


MOST_PROCESSES = 512
"""Of a container: the busiest, a database server, has some 120."""


@cache
def client() -> docker.DockerClient:
    """Return the client of the engine that DOCKER_HOST names, or the current context of the docker command.

    One on another machine is reached by the ssh client, with its configuration and keys. Raises RedlabError when it
    does not answer.
    """
    import docker

    try:
        connected = docker.from_env(timeout=60, use_ssh_client=True)
        connected.ping()
    except docker.errors.DockerException as error:
        raise RedlabError(f"the Docker engine does not answer ({error}); start it, or run `make setup`") from None
    return connected


def is_here() -> bool:
    """Whether the engine is on this machine (its base URL is the SDK's), so that what it publishes is reached here."""
    return urlparse(client().api.base_url).hostname in ("localhost", "127.0.0.1")


def now() -> float:
    """Return the time by the engine's clock, in Unix seconds."""
    return _instant(client().info()["SystemTime"])


def made_at(inventory: Inventory) -> float:
    """Return when a lab was made, in Unix seconds of the engine's clock: when the oldest of its things was.

    Containers do not count: a changed topology makes them anew. Raises RedlabError when nothing of the lab is there.
    """
    filters: dict[str, str | list[str] | bool] = {"label": [f"{k}={v}" for k, v in inventory.labels.items()]}
    made = [_instant(each.attrs["Created"]) for each in client().networks.list(filters=filters)]
    made += [_instant(each.attrs["CreatedAt"]) for each in client().volumes.list(filters=filters)]
    if not made:
        raise RedlabError(f"nothing of lab {inventory.lab} is there; `redlab up {inventory.lab}` makes it")
    return min(made)


def containers_made_at(inventory: Inventory) -> dict[str, float]:
    """Return when the container of each node that has one was made, in Unix seconds, by the node's name."""
    return {name: _instant(each.attrs["Created"]) for name, each in containers(inventory).items()}


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def container(node: Node) -> Container:
    """Return the container of a node. Raises RedlabError when it is gone."""
    import docker

    try:
        return client().containers.get(node.container)
    except docker.errors.NotFound:
        raise RedlabError(f"container {node.container} is gone; `redlab up` makes it again") from None


def containers(inventory: Inventory) -> dict[str, Container]:
    """Return the containers of a lab that exist, by the node's name."""
    found = client().containers.list(
        all=True, ignore_removed=True, filters={"label": [f"{k}={v}" for k, v in inventory.labels.items()]}
    )
    by_name = {found_one.name: found_one for found_one in found}
    return {node.name: by_name[node.container] for node in inventory.nodes if node.container in by_name}


def limit_processes(inventory: Inventory) -> None:
    """Let no container of a lab have more than `MOST_PROCESSES`; one that is made anew has no limit until then.

    Neither provider's containers have such an argument, and the limit of a user (`ulimits`) is one of all containers.
    """
    found = containers(inventory).values()
    names = [str(one.name) for one in found if one.attrs["HostConfig"]["PidsLimit"] != MOST_PROCESSES]
    if names:
        command = ["docker", "update", "--pids-limit", str(MOST_PROCESSES), *names]
        # An engine whose kernel cannot limit them says so, and goes on.
        subprocess.run(command, check=False, capture_output=True)


def execute(node: Node, command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command inside a node, once, and return its standard output. Raises RedlabError when it fails."""
    return execute_in(node.container, command, environment)


def read_json(node: Node, command: list[str]) -> Any:
    """Return the JSON value that a command inside a node writes. Raises RedlabError as :func:`execute` does."""
    return json.loads(execute(node, command))


def execute_in(name: str, command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command inside the container of this name, as :func:`execute` does."""
    import docker

    try:
        found = client().containers.get(name)
        answer = shell.run(found, command, environment or {})
    except docker.errors.NotFound:
        raise RedlabError(f"container {name} is gone; `redlab up` makes it again") from None
    except docker.errors.APIError as error:  # it is stopped or paused
        raise RedlabError(f"{name}: {error.explanation}") from None
    if answer.code != 0:  # None: the container ended while the command was running
        said = (answer.err or answer.out).decode(errors="replace").strip()
        raise RedlabError(f"{' '.join(command[:3])} in {name} ended with {answer.code}: {said}")
    return answer.out.decode()


def stream(node: Node, command: list[str], environment: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """Run a command inside a node; yields its standard output as it comes. Raises RedlabError when it failed."""
    api, said = client().api, b""
    begun = api.exec_create(container(node).id, command, environment=dict(environment or {}))["Id"]
    for out, err in api.exec_start(begun, stream=True, demux=True):
        said += err or b""
        if out:
            yield out
    code = api.exec_inspect(begun)["ExitCode"]
    if code != 0:
        told = said.decode(errors="replace").strip()
        raise RedlabError(f"{command[0]} in {node.container} ended with {code}: {told}")


def create(name: str, description: Mapping[str, Any]) -> None:
    """Create a container from the engine's own description of one (its API, ContainerCreate)."""
    create_from: Callable[[Mapping[str, Any], str], object] = client().api.create_container_from_config
    create_from(description, name)


def labelled(labels: Mapping[str, str]) -> list[Container | Network | Volume]:
    """Return the containers, networks and volumes that have all of these labels, in the order of their removal."""
    filters: dict[str, str | list[str] | bool] = {"label": [f"{key}={value}" for key, value in labels.items()]}
    found = client()
    return [
        *found.containers.list(all=True, filters=filters, ignore_removed=True),
        *found.networks.list(filters=filters),
        *found.volumes.list(filters=filters),
    ]


def remove(labels: Mapping[str, str]) -> int:
    """Remove the containers, networks and volumes that have all of these labels; returns how many there were."""
    from docker.models.containers import Container
    from docker.models.networks import Network

    found = labelled(labels)
    for one in found:
        if isinstance(one, Container):
            one.remove(force=True, v=True)
        elif isinstance(one, Network):
            one.remove()
        else:
            one.remove(force=True)
    return len(found)


def erase_volumes(container: Container) -> None:
    """Erase what the volumes of a container hold, which does not run; they are as new then.

    A throw-away container of the same image does it, without a network. Raises docker.errors.DockerException.
    """
    places = [str(mount["Destination"]) for mount in container.attrs["Mounts"] if mount["Type"] == "volume"]
    run_once(
        container.attrs["Image"],
        [*places, "-mindepth", "1", "-delete"],
        entrypoint="find",
        volumes_from=[str(container.name)],
        labels=container.labels,
    )


def run_once(image: str, command: list[str], **options: Any) -> str:
    """Run a throw-away container without a network to its end, and return its standard output.

    Its anonymous volumes go with it, which `containers.run(remove=True)` of docker-py leaves behind. ``options`` are
    those of `containers.create`. Raises docker.errors.DockerException, also when the command fails.
    """
    import docker

    container = client().containers.create(
        image, command, network_mode="none", cap_drop=["ALL"], security_opt=["no-new-privileges"], **options
    )
    try:
        container.start()
        code = container.wait()["StatusCode"]
        if code:
            raise docker.errors.ContainerError(
                container, code, command, image, bytes(container.logs(stdout=False)).decode(errors="replace")
            )
        return bytes(container.logs(stderr=False)).decode(errors="replace")
    finally:
        container.remove(force=True, v=True)


def read_file(node: Node, path: str) -> bytes:
    """Return the content of a file of a node that runs or is stopped; nothing when there is none."""
    import docker

    try:
        stream, _ = container(node).get_archive(path)
    except docker.errors.NotFound:
        return b""
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        content = archive.extractfile(archive.getmembers()[0])
        return content.read() if content else b""


def write_file(node: Node, path: str, content: bytes) -> None:
    """Write a file of a node that runs or is stopped; everybody in it may read the file."""
    place = PurePosixPath(path)
    described = tarfile.TarInfo(place.name)
    described.size, described.mode = len(content), 0o644
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(described, io.BytesIO(content))
    if not container(node).put_archive(str(place.parent), packed.getvalue()):
        raise RedlabError(f"{node.name}: the engine did not write {path}")
