"""The engine port: everything that redlab asks of container engines, by the nodes of a lab.

:func:`of` alone knows which engine has a node. Operations on one container are methods of the :class:`Engine` that it
returns; here are those that go by a node, or over all engines of a lab.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from redlab.engine import connection
from redlab.engine.docker_engine import Engine
from redlab.engine.errors import EngineError, MissingError
from redlab.engine.model import Container, Kind, Thing
from redlab.errors import RedlabError

if TYPE_CHECKING:
    from redlab.model.inventory import Inventory, Node

__all__ = ["Container", "Engine", "EngineError", "Kind", "MissingError", "Thing"]

MOST_PROCESSES = 512
"""Of a container: the busiest, a database server, has some 120."""

_ENGINE = Engine(connection.client)


def of(place: Node | str = "") -> Engine:  # noqa: ARG001
    """Return the engine that has a node, or the container of this name; '' for that of everything else.

    There is one today, that of the environment. Labs over several hosts are told apart here, and nowhere else.
    """
    return _ENGINE


def all_of(inventory: Inventory) -> tuple[Engine, ...]:
    """Return the engines that a lab is on, each once, that of what belongs to no node first."""
    return tuple(dict.fromkeys([of(), *(of(node) for node in inventory.nodes)]))


def container(node: Node) -> Container:
    """Return the container of a node as it is now. Raises MissingError when it is gone."""
    return of(node).container(node.container)


def containers(inventory: Inventory) -> dict[str, Container]:
    """Return the containers of a lab that exist, by the node's name."""
    found = {one.name: one for engine in all_of(inventory) for one in engine.containers(inventory.labels)}
    return {node.name: found[node.container] for node in inventory.nodes if node.container in found}


def execute(node: Node, command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command inside a node, once, and return its standard output. Raises RedlabError when it fails."""
    return of(node).execute(node.container, command, environment)


def read_json(node: Node, command: list[str]) -> Any:
    """Return the JSON value that a command inside a node writes. Raises RedlabError as :func:`execute` does."""
    return json.loads(execute(node, command))


def stream(node: Node, command: list[str], environment: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """Run a command inside a node; yields its standard output as it comes. Raises RedlabError when it failed."""
    return of(node).stream(node.container, command, environment)


def read_file(node: Node, path: str) -> bytes:
    """Return the content of a file of a node that runs or is stopped; nothing when there is none."""
    return of(node).read_file(node.container, path)


def write_file(node: Node, path: str, content: bytes) -> None:
    """Write a file of a node that runs or is stopped; everybody in it may read the file."""
    of(node).write_file(node.container, path, content)


def limit_processes(inventory: Inventory) -> None:
    """Let no container of a lab have more than `MOST_PROCESSES`; one that is made anew has no limit until then.

    Neither provider's containers have such an argument, and the limit of a user (`ulimits`) is one of all containers.
    """
    unlimited: dict[Engine, list[str]] = {}
    for name, one in containers(inventory).items():
        if one.most_processes != MOST_PROCESSES:
            unlimited.setdefault(of(inventory.node(name)), []).append(one.name)
    for engine, names in unlimited.items():
        engine.limit_processes(names, MOST_PROCESSES)


def labelled(labels: Mapping[str, str]) -> list[Thing]:
    """Return the containers, networks and volumes that have all of these labels, in the order of their removal."""
    return of().things(labels)


def remove(labels: Mapping[str, str]) -> int:
    """Remove the containers, networks and volumes that have all of these labels; returns how many there were."""
    found = labelled(labels)
    for one in found:
        of().remove(one.kind, one.id)
    return len(found)


def now() -> float:
    """Return the time by the engine's clock, in Unix seconds."""
    return of().now()


def made_at(inventory: Inventory) -> float:
    """Return when a lab was made, in Unix seconds of the engine's clock: when the oldest of its things was.

    Containers do not count: a changed topology makes them anew. Raises RedlabError when nothing of the lab is there.
    """
    made = [one.made_at for one in of().things(inventory.labels, (Kind.NETWORK, Kind.VOLUME))]
    if not made:
        raise RedlabError(f"nothing of lab {inventory.lab} is there; `redlab up {inventory.lab}` makes it")
    return min(made)
