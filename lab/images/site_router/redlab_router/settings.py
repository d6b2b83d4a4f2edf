"""What the environment says: the sites, the links, and the directions they have. Pure."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network

SHAPE_KEYS = {
    "roundTripMilliseconds": 2000.0,
    "jitterMilliseconds": 1000.0,
    "lossPercent": 100.0,
    "bandwidthMegabitsPerSecond": 100000.0,
}
"""The values that a link has, and the greatest of each."""


class SettingsError(ValueError):
    """A value that is not allowed; the message names it."""


@dataclass(frozen=True)
class Shape:
    """How a link is: its keys are those of SHAPE_KEYS. Round trip for both directions, the rest for each."""

    values: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(SHAPE_KEYS, 0.0))

    def __getitem__(self, key: str) -> float:
        return self.values[key]

    def changed(self, changes: Mapping[str, float]) -> "Shape":
        """Return it with some values changed. Raises SettingsError."""
        for key, value in changes.items():
            if key not in SHAPE_KEYS:
                raise SettingsError(f"{key}: unknown; allowed: {', '.join(SHAPE_KEYS)}")
            if not (math.isfinite(value) and 0 <= value <= SHAPE_KEYS[key]):
                raise SettingsError(f"{key}: found {value:g}; allowed: 0 to {SHAPE_KEYS[key]:g}")
        return replace(self, values={**self.values, **changes})

    @property
    def delayed(self) -> bool:
        """Whether packets have to be held at all."""
        return any(self[key] for key in ("roundTripMilliseconds", "jitterMilliseconds", "bandwidthMegabitsPerSecond"))

    def held(self, *, netem: bool) -> bool:
        """Whether packets have to take the way through their direction's device; netem makes the losses there too."""
        return self.delayed or (netem and self["lossPercent"] > 0)


@dataclass(frozen=True)
class Direction:
    """One way of a link: its number, which names its device and its routing table, and the sites it joins."""

    number: int
    link: str
    source: str
    target: str

    @property
    def device(self) -> str:
        """The device that holds its packets."""
        return f"wan{self.number}"

    @property
    def table(self) -> int:
        """The routing table that leads into the device."""
        return 100 + self.number


@dataclass(frozen=True)
class Settings:
    """The sites' networks, and the links as they are declared; where database servers listen."""

    sites: Mapping[str, IPv4Network]
    links: Mapping[str, tuple[str, str]]
    declared: Mapping[str, Shape]
    database_ports: tuple[int, ...] = (5432,)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Both directions of every link."""
        ways = [(name, pair) for name, (a, b) in self.links.items() for pair in ((a, b), (b, a))]
        return tuple(Direction(number, name, *pair) for number, (name, pair) in enumerate(ways))


def parse(environment: Mapping[str, str]) -> Settings:
    """Read the environment. Raises SettingsError that names the variable."""
    try:
        sites = {name: IPv4Network(subnet) for name, subnet in json.loads(environment["REDLAB_SITES"]).items()}
        described = json.loads(environment["REDLAB_LINKS"])
        links = {link["name"]: (link["sites"][0], link["sites"][1]) for link in described}
        declared = {
            link["name"]: Shape().changed({key: float(link[key]) for key in SHAPE_KEYS if key in link})
            for link in described
        }
        ports = tuple(int(port) for port in json.loads(environment.get("REDLAB_DATABASE_PORTS") or "[5432]"))
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise SettingsError(f"REDLAB_SITES, REDLAB_LINKS, REDLAB_DATABASE_PORTS: {error!r}") from None
    unknown = {site for pair in links.values() for site in pair} - sites.keys()
    if unknown:
        raise SettingsError(f"REDLAB_LINKS: no such site: {', '.join(sorted(unknown))}")
    return Settings(sites, links, declared, ports)
