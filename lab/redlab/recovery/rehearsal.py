"""A rehearsed failover: an isolated copy of the standby instance is promoted and checked; the original stands by."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from redlab import engine
from redlab.control import database_role, instance_parameters
from redlab.control.isolated_copy import isolated_copy
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redlab.probes import database, replication
from redlab.probes.stored_events import TABLES
from redlab.probes.stored_kinds import exists
from redlab.waiting import until
from redundancy.roles import COLLECTOR_PORT, USER_PORT, Role

STARTED_SECONDS = 60
SERVING_SECONDS = 30
UNREACHABLE_SECONDS = 2


@dataclass(frozen=True)
class Outcome:
    """The seconds from the order to promote the copy until users were served, and the problems that were found."""

    serving_after_seconds: float | None
    stored_events: int
    problems: tuple[str, ...]

    def __str__(self) -> str:
        served = "never served" if self.serving_after_seconds is None else f"served {self.serving_after_seconds:.2f} s"
        return f"the copy {served} after the order to promote it, with {self.stored_events} items of production"


def fail_over_copy(inventory: Inventory, site: str, say: Callable[[str], None]) -> Outcome:
    """Copy the instance in ``site``, promote the copy, and check it. The copy is always removed.

    Raises RedlabError when ``site`` has no standby to copy.
    """
    (original,) = inventory.of_site(site, Role.DATABASE)
    (production,) = (node for node in inventory.of_role(Role.DATABASE) if node != original)
    if not replication.streams(production, original):
        raise RedlabError(f"{original.name} does not follow {production.name}: there is nothing to try")
    held = stored_items(original)
    say(f"test failover: copying the instance in {site}")
    with isolated_copy(inventory, site, production.name) as copies:
        trial = Trial(inventory, copies, say)
        problems = [*trial.standing_by(), *trial.connected()]
        serving = None
        if not problems:
            try:
                serving = trial.recover()
                problems += trial.checked(held)
            except RedlabError as error:
                problems.append(str(error))
        stored = stored_items(trial.server) if serving is not None else 0
        # While the copy exists the original has to go on receiving changes, as a standby.
        before = replication.role(original)
        if before is None or not until(lambda: _advanced(original, before.replayed_bytes or 0), SERVING_SECONDS):
            problems.append(f"{original.name} got nothing more from {production.name}")
        if not replication.streams(production, original) or database.accepts_writes(original):
            problems.append(f"{original.name} does not stand by any more")
    return Outcome(serving, stored, tuple(problems))


class Trial:
    """The running copies, and the checks and actions of the rehearsal."""

    def __init__(self, inventory: Inventory, copies: Sequence[Node], say: Callable[[str], None]) -> None:
        self._inventory = inventory
        self._say = say
        self.server = next(node for node in copies if node.role == Role.DATABASE)
        self._gateways = [node for node in copies if node.role == Role.GATEWAY]
        self._processing = next(node for node in copies if node.role == Role.DATA_PROCESSING_SERVER)

    def standing_by(self) -> Iterator[str]:
        """Yield the nodes of the copy that do not stand by before the promotion."""
        if not until(lambda: (said := replication.role(self.server)) and said.standby, STARTED_SECONDS):
            yield f"{self.server.name}: the copy did not start as a standby"
        for node in self._gateways:
            if not until(partial(_stands_by, node), STARTED_SECONDS):
                yield f"{node.name}: the copy does not stand by: {_ready(node)[-200:]}"

    def connected(self) -> Iterator[str]:
        """Yield the nodes of the lab that the copy reaches. It must reach none."""
        attempts = "".join(
            f"(exec 3<>/dev/tcp/{address}/{port} && echo {node.name}) 2> /dev/null & "
            for node in self._inventory.nodes
            for address in node.addresses.values()
            for port in self._ports(node)
        )
        # All attempts run at once: a packet that gets through may take its time.
        limited = ["bash", "-c", f'timeout {UNREACHABLE_SECONDS} bash -c "$1"; true', "reach", f"{attempts}wait"]
        reached = engine.execute(self._gateways[0], limited).split()
        if reached:
            yield f"the copy reaches {', '.join(dict.fromkeys(reached))}: it is not isolated"

    def _ports(self, node: Node) -> tuple[int, ...]:
        if node.role == Role.DATABASE:
            return (instance_parameters.database_port(self._inventory, node),)
        return _PORTS.get(node.role, ())

    def recover(self) -> float:
        """Promote, clean up, assign the services, await the gateways; returns the seconds until users are served.

        Raises RedlabError when a step does not take effect.
        """
        self._say("test failover: promoting the copy")
        began = time.monotonic()
        database_role.promote(self.server)
        instance_parameters.clean_up(self._inventory, self.server)
        gateway = self._gateways[0]
        order = json.dumps({"to": self._processing.name})

        def assigned() -> bool:
            return _good(_ask(gateway, USER_PORT, "POST", "/management/v1/services/reassign", order))

        for what, effect in (
            ("its gateways do not serve", lambda: all(_good(_ready(node)) for node in self._gateways)),
            ("its services cannot be assigned", assigned),
            ("its users are not served", lambda: _good(_ask(gateway, USER_PORT, "GET", "/api/v1/recent"))),
        ):
            if not until(effect, SERVING_SECONDS, 0.05):
                raise RedlabError(f"the copy was promoted, but {what} after {SERVING_SECONDS} s")
        return time.monotonic() - began

    def checked(self, held: int) -> Iterator[str]:
        """Yield the defects of the promoted copy: data lost from the original, or new data that it does not store."""
        found = stored_items(self.server)
        if found < held:
            yield f"the copy has {found} events, metrics and topology items, {held} were there when it was made"
        sent = json.dumps({"collector": "test-failover", "events": _ONE_OF_EACH})
        if not _good(_ask(self._gateways[0], COLLECTOR_PORT, "POST", "/v1/events", sent)):
            yield "the copy takes nothing in"
        elif not until(lambda: stored_items(self.server) == found + len(_ONE_OF_EACH), SERVING_SECONDS):
            yield "the copy does not process the event, the metric and the topology that it took in"


_ONE_OF_EACH = (
    {"seq": 1, "data": {}},
    {"seq": 2, "kind": "metric", "data": {"metric": "trial", "value": 1}},
    {"seq": 3, "kind": "topology", "data": {"type": "host", "name": "trial", "attributes": {}}},
)
_PORTS = {
    Role.GATEWAY: (COLLECTOR_PORT, USER_PORT, Role.GATEWAY.row.status_port),
    Role.DATA_PROCESSING_SERVER: (Role.DATA_PROCESSING_SERVER.row.status_port,),
}


def _advanced(standby: Node, beyond_bytes: int) -> bool:
    said = replication.role(standby)
    return said is not None and (said.replayed_bytes or 0) > beyond_bytes


def stored_items(server: Node) -> int:
    """Return how many events, metrics and topology items a database server stores."""
    counted = [
        database.query(server, name, f"SELECT count(*) FROM {table}")  # noqa: S608 - constants
        for kind, (name, table) in TABLES.items()
        if exists(server, kind)
    ]
    return sum(map(int, counted))


def _stands_by(gateway: Node) -> bool:
    return "stands by" in _ready(gateway)


def _ready(gateway: Node) -> str:
    return _ask(gateway, gateway.role.row.status_port, "GET", "/readyz")


def _good(answer: str) -> bool:
    return " 200 " in answer.split("\n", 1)[0]


def _ask(node: Node, port: int, method: str, path: str, body: str = "") -> str:
    """Send an HTTP request from inside a copy, since it is unreachable from outside. Returns '' without an answer.

    The administrator's token is read from its file in the container: no command line contains it.
    """
    request = (
        'exec 3<>"/dev/tcp/127.0.0.1/$1"; token=$(cat /etc/redlab/secrets/admin-token); '
        r"printf '%s %s HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
        r"""Content-Length: %s\r\n\r\n%s' "$2" "$3" "$token" "${#4}" "$4" >&3; timeout 5 cat <&3"""
    )
    try:
        return engine.execute(node, ["bash", "-c", request, "ask", str(port), method, path, body])
    except RedlabError:
        return ""
