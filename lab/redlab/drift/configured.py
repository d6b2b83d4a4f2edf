"""What is configured in a running lab, as its management API says (docs/contract/gateway.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.errors import RedlabError


@dataclass(frozen=True)
class Item:
    """One item; ``problem``: why it takes no effect although its kind does, None where there is no reason."""

    kind: str
    name: str
    content: Any
    changed_at: str
    problem: str | None


@dataclass(frozen=True)
class Fired:
    """An alert that fired once, for one event; the event is known by its collector and number."""

    alert: str
    collector: str
    seq: int
    fired_at: str
    dps: str


class Configuration:
    """The configuration of one instance. Every operation raises RedlabError when it is refused, or nobody answers."""

    def __init__(self, management: Management) -> None:
        self._management = management

    def items(self, kind: str | None = None) -> list[Item]:
        """Return all items, or those of one kind."""
        return [Item(**one) for one in self._management.ask("GET", _path(*([kind] if kind else [])))["items"]]

    def item(self, kind: str, name: str) -> Item:
        """Return one item."""
        return Item(**self._management.ask("GET", _path(kind, name)))

    def put(self, kind: str, name: str, content: Any) -> bool:
        """Write an item; returns whether it is new."""
        return bool(self._management.ask("PUT", _path(kind, name), content)["created"])

    def delete(self, kind: str, name: str) -> None:
        """Delete an item."""
        self._management.ask("DELETE", _path(kind, name))

    def fired(self) -> list[Fired]:
        """Return the alerts that fired last, the newest first."""
        return [Fired(**one) for one in self._management.ask("GET", "alerts")["alerts"]]


def of(lab: Laboratory, site: str | None) -> Configuration:
    """Return the configuration of the instance in a site; without twins there is one. Raises RedlabError."""
    sites = lab.inventory.data_centers
    if site is not None and site not in sites:
        raise RedlabError(f"site {site!r}; allowed: {', '.join(sites)}")
    if not lab.inventory.active_active:
        return Configuration(lab.management)
    if site is None:
        raise RedlabError(
            f"which instance of lab {lab.inventory.lab}? name its site, {' or '.join(sites)}, after the stack: each of "
            "the twins has a configuration of its own"
        )
    return Configuration(lab.management_of(site))


def _path(*words: str) -> str:
    return "/".join(("configuration", *(quote(word, safe="") for word in words)))
