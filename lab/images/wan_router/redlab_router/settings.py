"""What the router is told: its sites, its links and their values. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from ipaddress import IPv4Network
from typing import Any


class InvalidSettingError(Exception):
    """A setting or an argument is wrong; the message names it and says what is allowed."""


@dataclass(frozen=True)
class Values:
    """How a link behaves. The round trip is split evenly; the rest holds for each direction; bandwidth 0: no limit."""

    round_trip_milliseconds: float = 0.0
    jitter_milliseconds: float = 0.0
    loss_percent: float = 0.0
    bandwidth_megabits_per_second: float = 0.0

    @property
    def delay_seconds(self) -> float:
        """How long a packet is held at least, one way."""
        return self.round_trip_milliseconds / 2000

    @property
    def jitter_seconds(self) -> float:
        """How much longer than that a packet is held at most."""
        return self.jitter_milliseconds / 1000

    @property
    def shaped(self) -> bool:
        """Whether packets have to be held at all; loss alone needs no queue."""
        return bool(self.round_trip_milliseconds or self.jitter_milliseconds or self.bandwidth_megabits_per_second)


MAXIMUM = {
    "round_trip_milliseconds": 2000.0,
    "jitter_milliseconds": 1000.0,
    "loss_percent": 100.0,
    "bandwidth_megabits_per_second": 100_000.0,
}
"""The largest value of each; the smallest is 0 (schemas/topology.schema.json has the same)."""


@dataclass(frozen=True)
class Link:
    """The way between two sites, as declared."""

    name: str
    sites: tuple[str, str]
    declared: Values


@dataclass(frozen=True)
class Direction:
    """One direction of a link; ``device`` is the name of its TUN, where one is used."""

    number: int
    link: Link
    source: str
    destination: str

    @property
    def device(self) -> str:
        """Name of the direction's TUN device."""
        return f"wan{self.number}"


@dataclass(frozen=True)
class Settings:
    """The subnet of each site, and the links."""

    sites: Mapping[str, IPv4Network]
    links: tuple[Link, ...]

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Both directions of every link, numbered."""
        ways = [(link, *pair) for link in self.links for pair in (link.sites, link.sites[::-1])]
        return tuple(Direction(number, *way) for number, way in enumerate(ways))

    def link(self, name: str) -> Link:
        """Return a link by its name. Raises InvalidSettingError that lists the names there are."""
        for link in self.links:
            if link.name == name:
                return link
        raise InvalidSettingError(f"no link {name!r}; there are: {', '.join(link.name for link in self.links)}")


def camel(name: str) -> str:
    """Return a field's name as JSON has it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def described(values: Values) -> dict[str, float]:
    """Return values as JSON has them."""
    return {camel(name): value for name, value in asdict(values).items()}


def checked(name: str, value: Any, what: str) -> float:
    """Return the value of a field of :class:`Values`. Raises InvalidSettingError when it is out of its bounds."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= MAXIMUM[name]:
        raise InvalidSettingError(f"{what} is {value!r}; it must be from 0 to {MAXIMUM[name]:g}")
    return float(value)


def load(environment: Mapping[str, str]) -> Settings:
    """Read REDLAB_SITES and REDLAB_LINKS. Raises InvalidSettingError."""
    sites = {}
    for name, subnet in _json(environment, "REDLAB_SITES", dict).items():
        try:
            sites[name] = IPv4Network(subnet)
        except ValueError as error:
            raise InvalidSettingError(f"REDLAB_SITES: {name}: {error}") from None
    links = tuple(_link(item, sites) for item in _json(environment, "REDLAB_LINKS", list))
    for kind, seen in (("name", [link.name for link in links]), ("pair", [frozenset(link.sites) for link in links])):
        if len(set(seen)) < len(seen):
            raise InvalidSettingError(f"REDLAB_LINKS: two links have the same {kind}")
    return Settings(sites, links)


def _json(environment: Mapping[str, str], name: str, kind: type) -> Any:
    try:
        document = json.loads(environment.get(name, ""))
    except ValueError as error:
        raise InvalidSettingError(f"{name} is no JSON: {error}") from None
    if not isinstance(document, kind):
        raise InvalidSettingError(f"{name} is no {'object' if kind is dict else 'list'}")
    return document


def _link(item: Any, sites: Mapping[str, IPv4Network]) -> Link:
    try:
        name, (one, other) = str(item["name"]), item["sites"]
    except (KeyError, TypeError, ValueError):
        raise InvalidSettingError(f"REDLAB_LINKS: {item!r} has no name or not two sites") from None
    if one == other or not {one, other} <= set(sites):
        raise InvalidSettingError(f"REDLAB_LINKS: {name} joins {one!r} and {other!r}; sites: {', '.join(sites)}")
    given = {
        field.name: checked(field.name, item.get(camel(field.name), 0), f"REDLAB_LINKS: {name}: {camel(field.name)}")
        for field in fields(Values)
    }
    return Link(name, (one, other), Values(**given))
