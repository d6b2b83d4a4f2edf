"""An engine in memory: containers that start, end and are cut off as an engine's do, and what was asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from redlab import engine
from redlab.engine import Container, Engine, EngineError, Kind, MissingError, Thing
from redlab.engine.description import thing_of
from redlab.engine.model import About, Answer, Endpoint, Health, Image, State
from redlab.errors import RedlabError
from redundancy.naming import LABEL_PREFIX

if TYPE_CHECKING:
    import pytest

    from redlab.model.inventory import Inventory, Node

RUNNING = State("running", running=True, health=Health("healthy"))
ENDED = "2026-12-01T00:00:00Z"


def running(name: str, **described: Any) -> Container:
    """A container that runs and is healthy."""
    return Container(f"id-of-{name}", name, **{"state": RUNNING, **described})


def of_node(inventory: Inventory, node: Node) -> Container:
    """The container of a node, as a lab that was just brought up has it."""
    labels = {f"{LABEL_PREFIX}node": node.name, f"{LABEL_PREFIX}role": node.role, f"{LABEL_PREFIX}site": node.site}
    connected = {inventory.networks[key].name: address for key, address in node.addresses.items()}
    return running(
        node.container,
        labels=inventory.labels | labels,
        image=f"image-of-{node.role}",
        image_name=node.image,
        endpoints=tuple(Endpoint(network, address) for network, address in connected.items()),
        addresses=connected,
        most_processes=engine.MOST_PROCESSES,
    )


class FakeEngine(Engine):
    """``done``: what was done to containers, in order.   ``refusals``: what is refused, with the engine's words.

    ``there``: the containers, by name.   ``execute`` answers what ``answer`` returns, which is given the container's
    name and the command; it may raise.   A word of ``refusals`` is used once; nothing else fails.
    """

    def __init__(self, containers: Iterable[Container] = (), answer: Callable[[str, list[str]], str] | None = None):
        super().__init__(self._no_sdk)
        self.there = {one.name: one for one in containers}
        self.others: list[Thing] = []
        self.images: dict[str, Image] = {}
        self.files: dict[tuple[str, str], bytes] = {}
        self.said: dict[str, bytes] = {}
        self.done: list[str] = []
        self.refusals: dict[str, list[str]] = {}
        self.ran_once: list[str] = []
        self.time = 0.0
        self._answer = answer or (lambda name, command: "")

    @classmethod
    def of_lab(cls, inventory: Inventory, answer: Callable[[str, list[str]], str] | None = None) -> FakeEngine:
        """The engine of a lab that was just brought up."""
        return cls([of_node(inventory, node) for node in inventory.nodes], answer)

    def used(self, patch: pytest.MonkeyPatch) -> FakeEngine:
        """Have every node in this engine."""
        patch.setattr(engine, "of", lambda *_: self)
        return self

    def change(self, name: str, **changes: Any) -> None:
        """Have a container be otherwise from now on; names of its state's fields change the state."""
        found = self.container(name)
        state = {key: value for key, value in changes.items() if hasattr(found.state, key)}
        rest = {key: value for key, value in changes.items() if key not in state}
        self.there[name] = replace(found, state=replace(found.state, **state), **rest)

    # The engine

    def about(self) -> About:
        return About(release="0")

    def now(self) -> float:
        return self.time

    def is_here(self) -> bool:
        return True

    def container(self, name: str) -> Container:
        if name not in self.there:
            raise MissingError(f"No such container: {name}", f"container {name} is gone; `redlab up` makes it again")
        return self.there[name]

    def containers(self, labels: Mapping[str, str]) -> list[Container]:
        return [one for one in self.there.values() if labels.items() <= one.labels.items()]

    def things(self, labels: Mapping[str, str], kinds: Iterable[Kind] = tuple(Kind)) -> list[Thing]:
        found = [*map(thing_of, self.there.values()), *self.others]
        return [one for one in found if one.kind in kinds and labels.items() <= one.labels.items()]

    def remove(self, kind: Kind, name: str) -> None:
        self._do(f"remove {kind} {name}")
        self.there = {key: one for key, one in self.there.items() if name not in (one.id, one.name)}
        self.others = [one for one in self.others if name not in (one.id, one.name)]

    def image(self, name: str) -> Image:
        if name not in self.images:
            raise MissingError(f"No such image: {name}")
        return self.images[name]

    # A container

    def start(self, name: str) -> None:
        self._do(f"start {name}")
        self.change(name, status="running", running=True, paused=False, exit_code=0)

    def stop(self, name: str, seconds: int) -> None:
        self._do(f"stop {name} within {seconds} s")
        self._end(name, 0)

    def restart(self, name: str, seconds: int) -> None:
        self.stop(name, seconds)
        self.start(name)

    def kill(self, name: str) -> None:
        self._do(f"kill {name}")
        self._end(name, 137)

    def pause(self, name: str) -> None:
        self._do(f"pause {name}")
        self.change(name, status="paused", paused=True)

    def unpause(self, name: str) -> None:
        self._do(f"unpause {name}")
        self.change(name, status="running", paused=False)

    def connect(self, name: str, endpoint: Endpoint) -> None:
        self._do(f"connect {name} {endpoint.network}")
        found = self.container(name)
        self.change(name, endpoints=(*found.endpoints, endpoint))

    def disconnect(self, name: str, network: str) -> None:
        self._do(f"disconnect {name} {network}")
        found = self.container(name)
        self.change(name, endpoints=tuple(one for one in found.endpoints if one.network != network))

    def erase_volumes(self, name: str) -> None:
        self._do(f"erase {name}")

    def execute(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> str:
        state = self.container(name).state
        if state.status != "running":
            raise EngineError(f"container {name} is {state.status}")
        return self._answer(name, command)

    def run(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> Answer:
        return Answer(0, self.execute(name, command, environment).encode(), b"")

    def logs(self, name: str, *, tail: int | None = None, since: int | None = None, stamps: bool = False) -> bytes:
        self.container(name)
        return self.said.get(name, b"")

    def read_file(self, name: str, path: str) -> bytes:
        self.container(name)
        return self.files.get((name, path), b"")

    def write_file(self, name: str, path: str, content: bytes, mode: int = 0o644, user: int = 0) -> None:
        self._do(f"write {name}:{path} {mode:o} {user}")
        self.files[name, path] = content

    def run_once(
        self,
        image: str,
        command: list[str],
        *,
        entrypoint: str,
        labels: Mapping[str, str] | None = None,
        volumes_from: Iterable[str] = (),
        read_only: bool = False,
    ) -> str:
        self.ran_once.append(image)
        return self._answer(image, command)

    def limit_processes(self, names: Iterable[str], most: int) -> None:
        for name in names:
            self.change(name, most_processes=most)

    # Helpers

    def _do(self, what: str) -> None:
        self.done.append(what)
        words = self.refusals.get(what)
        if words:
            raise EngineError(words.pop(0))

    def _end(self, name: str, code: int) -> None:
        self.change(name, status="exited", running=False, paused=False, pid=0, exit_code=code, finished_at=ENDED)

    @staticmethod
    def _no_sdk() -> Any:
        raise RedlabError("a test asked the SDK for an engine that is in memory")
