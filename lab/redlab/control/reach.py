"""Proof, while a lab comes up, that its sites reach each other: databases would wait for minutes, and then not say why.

A node of one site opens a connection to a port of a node of another one. That the port refuses proves it as well as if
it accepted: packets went both ways through the router.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from redlab import engine
from redlab.control import router
from redlab.engine import EngineError
from redlab.errors import RedlabError

if TYPE_CHECKING:
    from redlab.engine import Container
    from redlab.model.inventory import Inventory, Link, Node

PATIENCE_SECONDS = 20.0
"""How long two sites may be apart although the router and a node of each run. A router is ready within 2 s."""
_ANSWER_SECONDS = 2.0
_PORT = 9  # discard: nothing in a lab listens there
_REFUSED, _ACCEPTED = "refused", "accepted"
_OPEN = f"LC_ALL=C timeout {_ANSWER_SECONDS:g} bash -c 'exec 3<>/dev/tcp/{{address}}/{_PORT}' 2>&1"


class SitesApartError(RedlabError):
    """Two linked sites do not reach each other."""


class Probe(Protocol):
    """What the proof asks of the world; tests have their own."""

    def running(self) -> Collection[str]:
        """Names of the nodes that run and are connected as the inventory says."""

    def connects(self, node: Node, address: str) -> bool | None:
        """Whether a connection gets an answer, acceptance or refusal; None when the node cannot try."""

    def changed_links(self) -> set[str]:
        """Names of the links that are cut or changed just now."""


@dataclass
class Reach:
    """The proof for one lab; ``look`` is called again and again while the lab comes up."""

    inventory: Inventory
    probe: Probe
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._waiting = {link.name: link for link in self.inventory.links}
        self._since: dict[str, float] = {}

    @property
    def proven(self) -> bool:
        """Whether every two linked sites have reached each other."""
        return not self._waiting

    def look(self) -> None:
        """Try the links that are not proven yet. Raises SitesApartError when two sites have been apart for too long."""
        if self.proven:
            return
        running, forwarder = self.probe.running(), router.node(self.inventory)
        if forwarder is None or forwarder.name not in running:
            return
        for link in list(self._waiting.values()):
            source, target = (self._node(site, running) for site in link.sites)
            if source is None or target is None:
                continue
            begun = self._since.setdefault(link.name, self.clock())
            answered = self.probe.connects(source, target.addresses[link.sites[1]])
            if answered is not False:
                del self._waiting[link.name]
            elif self.clock() - begun > PATIENCE_SECONDS:
                self._give_up(link, source, target)

    def _node(self, site: str, running: Collection[str]) -> Node | None:
        return next((node for node in self.inventory.of_site(site) if node.name in running), None)

    def _give_up(self, link: Link, source: Node, target: Node) -> None:
        if link.name in self.probe.changed_links():
            del self._waiting[link.name]  # the link was cut on purpose
            return
        raise SitesApartError(
            f"sites {' and '.join(link.sites)} do not reach each other: {source.name} got no answer from "
            f"{target.name} ({target.addresses[link.sites[1]]}) for {PATIENCE_SECONDS:g} s, although both "
            "nodes and the router run. Something on this machine drops what the router forwards: `redlab doctor` looks "
            "for it"
        )


class EngineProbe:
    """The probe of a lab on the Docker engine."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def running(self) -> Collection[str]:
        """Nodes that run, and have the address that the inventory gives them in their site."""
        return {
            name
            for name, container in engine.containers(self._inventory).items()
            if container.state.status == "running" and self._connected(self._inventory.node(name), container)
        }

    def connects(self, node: Node, address: str) -> bool | None:
        """Try it with the node's own bash; an image without one cannot."""
        command = ["sh", "-c", f"{_OPEN.format(address=address)} && echo {_ACCEPTED}; true"]
        try:
            answer = engine.of(node).run(node.container, command)
        except EngineError:  # it has just ended, or has no shell
            return None
        said = (answer.out + answer.err).decode(errors="replace").lower()
        if answer.code != 0 or "not found" in said:
            return None
        return _ACCEPTED in said or _REFUSED in said

    def changed_links(self) -> set[str]:
        """Ask the router."""
        return {link.name for link in router.state(self._inventory).links if link.differences}

    def _connected(self, node: Node, container: Container) -> bool:
        wanted = {self._inventory.networks[key].name: address for key, address in node.addresses.items()}
        return all(container.addresses.get(name) == address for name, address in wanted.items())
