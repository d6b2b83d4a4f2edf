"""The settings from the environment: sites, links, and the links' directions. Pure."""

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
"""The values of a link, and the maximum of each."""


class SettingsError(ValueError):
    """A value that is not allowed; the message names it."""


@dataclass(frozen=True)
class Shape:
    """The properties of a link; the keys are those of SHAPE_KEYS. The round trip is for both directions together."""

    values: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(SHAPE_KEYS, 0.0))

    def __getitem__(self, key: str) -> float:
        return self.values[key]

    def changed(self, changes: Mapping[str, float]) -> "Shape":
        """Return a shape with some values changed. Raises SettingsError."""
        for key, value in changes.items():
            if key not in SHAPE_KEYS:
                raise SettingsError(f"{key}: unknown; allowed: {', '.join(SHAPE_KEYS)}")
            if not (math.isfinite(value) and 0 <= value <= SHAPE_KEYS[key]):
                raise SettingsError(f"{key}: found {value:g}; allowed: 0 to {SHAPE_KEYS[key]:g}")
        return replace(self, values={**self.values, **changes})

    @property
    def delayed(self) -> bool:
        """True if packets have to be held at all."""
        return any(self[key] for key in ("roundTripMilliseconds", "jitterMilliseconds", "bandwidthMegabitsPerSecond"))

    def held(self, *, netem: bool) -> bool:
        """Tell whether packets must pass through their direction's device; with netem it makes the losses, too."""
        return self.delayed or (netem and self["lossPercent"] > 0)


@dataclass(frozen=True)
class Direction:
    """One direction of a link: its number, which names its device and routing table, and the sites that it joins."""

    number: int
    link: str
    source: str
    target: str

    @property
    def device(self) -> str:
        """The device that holds the direction's packets."""
        return f"wan{self.number}"

    @property
    def table(self) -> int:
        """The routing table that leads into the device."""
        return 100 + self.number


@dataclass(frozen=True)
class Settings:
    """The sites' networks, the declared links, and the ports of the database servers."""

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
    """Parse the environment. Raises a SettingsError that names the variables."""
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
