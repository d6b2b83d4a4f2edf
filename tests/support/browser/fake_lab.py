"""Labs of every pattern without a Docker engine: what the live view is told of them; drills that go on when told."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redlab.drills.scenarios import of_pattern
from redlab.errors import RedlabError
from redlab.probes.node_state import NodeState
from redlab.watch.process import Runner
from redlab.watch.server import Server, Watched
from redlab.watch.snapshot import Database, Link, Queue, Services, Snapshot

ROLES = {
    "collector": "collector",
    "glb": "globalLoadBalancer",
    "wan": "wanRouter",
    "lb": "loadBalancer",
    "gw": "gateway",
    "dps": "dataProcessingServer",
    "db": "database",
    "etcd": "etcd",
    "ucmdb": "ucmdb",
    "sm": "serviceManager",
    "oo": "operationsOrchestration",
}
FULL = "lb1 lb2 gw1 gw2 dps1 dps2 db1"
ACCESS = {"access": "collector1 glb1 wan1"}
# Pattern, and the nodes by place: those of the topologies in stacks/.
LABS: dict[str, tuple[str, dict[str, str]]] = {
    "ha": ("HighAvailability", {"access": "collector1", "dc1": FULL}),
    "distributed-ha": (
        "DistributedHighAvailability",
        ACCESS | dict.fromkeys(("dc1", "dc2"), "lb1 gw1 gw2 dps1 db1 etcd1") | {"witness": "etcd1"},
    ),
    "dr": ("DisasterRecovery", ACCESS | {"dc1": FULL, "dc2": FULL}),
    "dr-ucmdb": (
        "DisasterRecovery",
        ACCESS | dict.fromkeys(("dc1", "dc2"), "lb1 gw1 gw2 dps1 db1") | {"central": "ucmdb1 ucmdb2"},
    ),
    "business-continuity": (
        "BusinessContinuity",
        {"access": "dc1-collector1 dc2-collector1 glb1 wan1"}
        | dict.fromkeys(("dc1", "dc2"), "lb1 gw1 gw2 dps1 dps2 db1")
        | {"central": "ucmdb1 sm1 oo1 db1"},
    ),
}
BYTES_PER_SECOND = 240_000
DRILL = """
import pathlib, sys, time
def say(text):
    print(text, file=sys.stderr, flush=True)
for text in ("pre-flight: nodes, services, empty queues", "load: waiting for 3 s of success", "fault: crash of gw1"):
    say(text)
say("waiting for recovery")
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.02)
say("healing")
print(sys.argv[2])
"""
HEAL = "import sys; print('nothing was broken', file=sys.stderr)"


class FakeLab:
    """A lab whose looks a test changes by way of ``now``; with ``silent`` its engine does not answer."""

    def __init__(self, stack: str) -> None:
        self.pattern, places = LABS[stack]
        self.silent = False
        self.now = _healthy(stack, self.pattern, places)
        self._began = time.monotonic()

    def look(self) -> dict[str, Any]:
        """Take a look: traffic goes on over links that are not cut. Raises RedlabError while it is silent."""
        if self.silent:
            raise RedlabError("the Docker engine does not answer")
        carried = int((time.monotonic() - self._began) * BYTES_PER_SECOND)
        links = tuple(replace(one, forwarded_bytes=1000 if one.cut else carried) for one in self.now.links)
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        return replace(self.now, at=at, links=links).document()

    def put(self, node: str, state: str) -> None:
        """Give a node another state."""
        nodes = tuple(replace(one, state=state) if one.name == node else one for one in self.now.nodes)
        self.now = replace(self.now, nodes=nodes)

    def cut(self, link: str) -> None:
        """Cut a link in both directions."""
        links = tuple(_cut(one) if one.name == link else one for one in self.now.links)
        self.now = replace(self.now, links=links)


class Drills(Runner):
    """Runs what looks like drills; they recover when a test says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__("ha", self._fake)
        self._recovered = folder / "recovered"

    def recover(self) -> None:
        """Have the drill that runs come to its end."""
        self._recovered.touch()

    def _fake(self, _stack: str, what: str) -> Sequence[str]:
        if what == "heal":
            return [sys.executable, "-c", HEAL]
        result = {
            "verdict": "passed",
            "measured": {"rto_seconds": 1.25, "lost_events": 0, "acknowledged_events": 500},
            "objectives": {"rto_seconds": 10},
            "predicted": {"rto_seconds": 2.5},
        }
        return [sys.executable, "-c", DRILL, str(self._recovered), json.dumps(result)]


class ClosingServer(Server):
    """A server whose end ends its connections, as that of its process does."""

    def __init__(self, watched: Watched, port: int) -> None:
        self._connections: list[Any] = []
        super().__init__(watched, port)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.append(request)
        super().process_request(request, client_address)

    def server_close(self) -> None:
        super().server_close()
        for connection in self._connections:
            with suppress(OSError):  # it has ended already
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def served(lab: FakeLab, runner: Runner, port: int = 0, key: str = "") -> Iterator[Server]:
    """Serve a lab's live view until the block is left; ``port`` and ``key`` are those of an earlier run, or new."""
    scenarios = tuple((one.name, one.summary) for one in of_pattern(lab.pattern))
    with ClosingServer(Watched(lab.look, scenarios, runner), port) as server:
        server.key = key or server.key
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
            runner.stop()


def _healthy(stack: str, pattern: str, places: dict[str, str]) -> Snapshot:
    sites = tuple(place for place in places if place != "access")
    centers = [site for site in sites if site.startswith("dc")]
    nodes = [
        NodeState(_name(name, place, centers), _role(name, place), place, "healthy", "10.200.96.10", 0, "image")
        for place, names in places.items()
        for name in names.split()
    ]
    two_instances = pattern in ("DisasterRecovery", "BusinessContinuity")
    twins = pattern == "BusinessContinuity"
    serving = [one.name for one in nodes if one.name.endswith("dps1")][: 2 if twins else 1]
    databases = [one.name for one in nodes if one.role == "database"] if pattern == "DisasterRecovery" else []
    roles = ["primary", "standby"] if two_instances else []
    others = [site for site in sites if site not in centers]
    pairs = [tuple(centers), *((site, other) for site in centers for other in others)] if len(sites) > 1 else []
    return Snapshot(
        at="",
        lab=stack,
        pattern=pattern,
        rto_objective_seconds=10,
        rpo_objective_events=0,
        sites=sites,
        active_site="dc1" if len(centers) > 1 else None,
        nodes=tuple(nodes),
        services=tuple(
            Services(site if twins else None, "running", name, name, 3, automatic_failover=twins)
            for site, name in zip(centers, serving, strict=False)
        ),
        databases=tuple(
            Database(name, role, 0.42 if role == "standby" else None)
            for name, role in zip(databases, roles, strict=False)
        ),
        queues=tuple(Queue(one.name, 12) for one in nodes if one.role == "gateway"),
        links=tuple(Link(f"{one}-{other}", (one, other), 20, False, "", 0) for one, other in pairs),
        faults=(),
    )


def _name(name: str, place: str, centers: Sequence[str]) -> str:
    return name if place == "access" or len(centers) == 1 else f"{place}-{name}"


def _role(name: str, place: str) -> str:
    if (name, place) == ("db1", "central"):
        return "serviceDatabase"
    return ROLES[name.rpartition("-")[2].rstrip("0123456789")]


def _cut(link: Link) -> Link:
    one, other = link.sites
    return replace(link, cut=True, differences=f"{one} to {other} cut, {other} to {one} cut")
