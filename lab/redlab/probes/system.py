"""What a node runs on and runs: operating system, architecture, root directory, image, limits, versions of programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from redlab import engine
from redlab.engine import Container
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node

OPERATING_SYSTEM = "operating system"
ARCHITECTURE = "architecture"
ROOT_DIRECTORY = "root directory"
IMAGE = "image"

_PROGRAMS = {
    "python3": "--version",
    "haproxy": "-v",
    "keepalived": "--version",
    "postgres": "--version",
    "patroni": "--version",
    "etcd": "--version",
}
"""Those of the stand-ins, and how each is asked for its version; of others the image tells."""
_ROOT_VARIABLES = ("REDLAB_ROOT_DIRECTORY", "PYTHONPATH")

_ASK = "; ".join(
    (
        r"""printf 'operating system\t%s\n' "$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release | tr -d '"')" """,
        r"""printf 'architecture\t%s\n' "$(uname -m)" """,
        r"""path=$(command -v "$0") && printf 'start\t%s\n' "$(readlink -f "$path")" """,
        *(
            rf"""path=$(command -v {name}) && printf 'program\t{name}\t%s\t%s\n' "$path" """
            rf""""$({name} {option} 2>&1 | head -n 1)" """
            for name, option in _PROGRAMS.items()
        ),
        "true",
    )
)


def facts(inventory: Inventory, nodes: Sequence[Node]) -> list[dict[str, str]]:
    """Return what is known of each node: facts in words, by what they are about.

    A node that cannot be asked has only what the engine knows of it; one that is gone has nothing.
    """
    containers = engine.containers(inventory)

    def of(node: Node) -> dict[str, str]:
        if node.name not in containers:
            return {}
        container = containers[node.name]
        try:
            said = engine.execute(node, ["/bin/sh", "-c", _ASK, started_program(container)])
        except RedlabError:  # stopped or paused, or an image without a shell
            said = ""
        return parsed(container, said)

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(of, nodes))


def started_program(container: Container) -> str:
    """Return the program that a container starts; '' where it is not said."""
    return container.program[0] if container.program else ""


def parsed(container: Container, said: str) -> dict[str, str]:
    """Return the facts from the engine's word on a container, and what it says of itself ('': nothing). Pure."""
    lines = [line.split("\t") for line in said.splitlines()]
    start = next((line[1] for line in lines if line[0] == "start"), "")
    return {
        **{line[0]: line[1] for line in lines if line[0] in (OPERATING_SYSTEM, ARCHITECTURE)},
        ROOT_DIRECTORY: _root(container, start or started_program(container)),
        IMAGE: f"{container.image_name} ({container.image.removeprefix('sha256:')[:12]})",
        "memory": f"{container.memory_bytes // 2**20} MiB",
        "CPU shares": str(container.cpu_shares),
        **dict(_programs(lines)),
    }


def _programs(lines: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    for kind, *rest in lines:
        if kind == "program" and len(rest) == 3:
            name, path, version = rest
            found = re.search(r"\d+(\.\d+)+\S*", version)
            yield name, f"{found[0] if found else version} ({path})"


def _root(container: Container, start: str) -> str:
    """Where the programs of the role are (docs/contract/index.md): said by the image, or by what it starts."""
    variables = dict(each.partition("=")[::2] for each in container.environment)
    given = next((variables[name] for name in _ROOT_VARIABLES if variables.get(name)), "")
    working = container.working_folder or "/"
    return given or (working if working != "/" else start.rpartition("/")[0] or "/")
