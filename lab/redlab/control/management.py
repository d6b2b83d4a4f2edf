"""Client of the management API (docs/contract/gateway.md), by way of any load balancer that answers."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redlab.errors import RedlabError

TIMEOUT_SECONDS = 3


@dataclass(frozen=True)
class Services:
    """Who has the services: assigned to, active on, state (active, starting, none), epoch and rest of the lease."""

    assigned_to: str | None
    active: str | None
    state: str
    epoch: int
    expires_in_seconds: float | None


@dataclass(frozen=True)
class Health:
    """What the management API says of the lab."""

    nodes: tuple[Mapping[str, Any], ...]
    services: Services
    automatic_failover: bool

    @property
    def rejected_events(self) -> int:
        """The number of events that could not be stored and were set aside."""
        return sum(int(node.get("rejected_events") or 0) for node in self.nodes)


@dataclass(frozen=True)
class Management:
    """The management API of a lab: ``urls`` are those of the sites' load balancers, ``token`` the administrator's."""

    urls: Sequence[str]
    # Whatever prints a lab, a failing test for one, must not print it.
    token: str = field(repr=False)
    trusting: ssl.SSLContext | None = None
    """How the load balancers are known, where they are asked over TLS."""

    def health(self) -> Health:
        """Return the state of nodes, services and controller."""
        answer = self.ask("GET", "health")
        services = answer["services"]
        return Health(
            tuple(answer["nodes"]),
            Services(
                services["assigned_to"],
                services["active"],
                services["state"],
                int(services["epoch"] or 0),
                services["expires_in_seconds"],
            ),
            bool(answer["controller"]["automatic_failover"]),
        )

    def reachable_health(self) -> Health | None:
        """Return the same state as :meth:`health`, or None while the management API does not answer."""
        try:
            return self.health()
        except RedlabError:
            return None

    def reachable_services(self) -> Services:
        """Return who has the services; while the management API does not answer: nobody, as far as one can tell."""
        health = self.reachable_health()
        return health.services if health else Services(None, None, "unknown", 0, None)

    def reassign(self, to: str) -> int:
        """Assign the services to a DPS; returns the new epoch of the lease."""
        return int(self.ask("POST", "services/reassign", {"to": to})["epoch"])

    def set_automatic_failover(self, on: bool) -> None:
        """Switch the High Availability Controller on or off."""
        self.ask("PUT", "controller", {"automatic_failover": on})

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Return what the API answers to a request; ``path`` begins after its version. Raises RedlabError."""
        problems = []
        for url in self.urls:
            request = urllib.request.Request(
                f"{url}/management/v1/{path}",
                method=method,
                data=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            )
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=self.trusting) as answer:
                    loaded: dict[str, Any] = json.load(answer)
                    return loaded
            except urllib.error.HTTPError as error:
                problems.append(f"{url}: {error.code} {_said(error.read())}")
                if error.code < 500:
                    break
            except OSError as error:
                problems.append(f"{url}: {error}")
        raise RedlabError(f"management API, {method} {path}: {'; '.join(problems)}")


def _said(body: bytes) -> str:
    """Return the error of an answer: the API's own words, or else the beginning of the body."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()[:200]
