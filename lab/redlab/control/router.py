"""The router between the sites of a lab: the present state of its links, and changes to them.

Its command `link` is described in docs/contract/wan-router.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redundancy.roles import Role

DEFAULT_CUT_SECONDS = 60.0
LONGEST_CUT_SECONDS = 600.0


@dataclass(frozen=True)
class Values:
    """The values of a link. Jitter and loss are those of each direction; a bandwidth of 0 is unlimited."""

    round_trip_milliseconds: float
    jitter_milliseconds: float
    loss_percent: float
    bandwidth_megabits_per_second: float


@dataclass(frozen=True)
class Cut:
    """A direction whose packets are dropped, and the seconds until the cut ends."""

    from_site: str
    to_site: str
    remaining_seconds: float


@dataclass(frozen=True)
class Traffic:
    """What the router has forwarded in a direction since it started."""

    from_site: str
    to_site: str
    bytes: int
    packets: int


@dataclass(frozen=True)
class LinkState:
    """A link as the router has it now."""

    name: str
    sites: tuple[str, str]
    declared: Values
    current: Values
    cuts: tuple[Cut, ...]
    forwarded: tuple[Traffic, ...]

    @property
    def differences(self) -> str:
        """Return the values that are not as declared, in words; '' when every value is."""
        found = [f"{cut.from_site} to {cut.to_site} cut" for cut in self.cuts]
        return ", ".join([*found, *(["changed"] if self.current != self.declared else [])])


@dataclass(frozen=True)
class Wan:
    """All links, and what makes their delays: ``netem`` (the kernel) or ``tun`` (a process of the router)."""

    emulation: str
    links: tuple[LinkState, ...]


def node(inventory: Inventory) -> Node | None:
    """Return the router of a lab, None where there is one site."""
    return next(iter(inventory.of_role(Role.WAN_ROUTER)), None)


def document(inventory: Inventory) -> dict[str, Any]:
    """Return what `link show` says. Raises RedlabError when there is no router, or it does not answer."""
    return dict(engine.read_json(_router(inventory), ["link", "show"]))


def state(inventory: Inventory) -> Wan:
    """Return the links as they are now. Raises RedlabError as :func:`document` does."""
    return parse(document(inventory))


def change(inventory: Inventory, link: str, values: Mapping[str, float], seconds: float | None = None) -> None:
    """Give a link other values (keys: the fields of Values), for a time if one is given; the rest stay as they are."""
    if not values:
        raise RedlabError(f"set what? give at least one of: {', '.join(map(_option, value_names()))}")
    options = [part for name, value in values.items() for part in (_option(name), f"{value:g}")]
    _run(inventory, link, ["set", link, *options, *_until(seconds)])


def cut(inventory: Inventory, link: str, seconds: float, from_site: str | None = None) -> None:
    """Cut a link for a time, after which the router's kernel ends it by itself.

    With ``from_site`` only what comes from that site is dropped.
    """
    if not 0 < seconds <= LONGEST_CUT_SECONDS:
        raise RedlabError(f"a cut lasts {seconds:g} s; it may last up to {LONGEST_CUT_SECONDS:g} s")
    if from_site is not None and from_site not in (sites := _sites(inventory, link)):
        raise RedlabError(f"{link} has no end in {from_site!r}; its ends are: {', '.join(sites)}")
    _run(inventory, link, ["cut", link, *(["--from", from_site] if from_site else []), *_until(seconds)])


def restore(inventory: Inventory, link: str | None = None) -> None:
    """End the cuts of a link, or of all, and give it its declared values back."""
    _run(inventory, link, ["restore", link or "--all"])


def restore_links(inventory: Inventory) -> list[str]:
    """Restore every link that is not as declared; returns what was done, a line each. Nothing without a router."""
    if node(inventory) is None:
        return []
    broken = {link.name: link.differences for link in state(inventory).links if link.differences}
    if broken:
        restore(inventory)
    return [f"link {name}: {differences}, reverted" for name, differences in broken.items()]


def value_names() -> tuple[str, ...]:
    """Return the names of a link's values."""
    return tuple(field.name for field in fields(Values))


def parse(said: Mapping[str, Any]) -> Wan:
    """Read what `link show` says."""
    return Wan(said["emulation"], tuple(_link(link) for link in said["links"]))


def _link(said: Mapping[str, Any]) -> LinkState:
    one, other = said["sites"]
    return LinkState(
        said["name"],
        (one, other),
        _values(said["declared"]),
        _values(said["current"]),
        tuple(Cut(each["from"], each["to"], each["remainingSeconds"]) for each in said["cuts"]),
        tuple(Traffic(each["from"], each["to"], each["bytes"], each["packets"]) for each in said["forwarded"]),
    )


def _values(said: Mapping[str, float]) -> Values:
    return Values(
        said["roundTripMilliseconds"],
        said["jitterMilliseconds"],
        said["lossPercent"],
        said["bandwidthMegabitsPerSecond"],
    )


def _router(inventory: Inventory) -> Node:
    found = node(inventory)
    if found is None:
        raise RedlabError(f"lab {inventory.lab} ({inventory.pattern}) has no links between sites")
    return found


def _sites(inventory: Inventory, name: str) -> tuple[str, str]:
    for link in inventory.links:
        if link.name == name:
            return link.sites
    raise RedlabError(
        f"no link {name!r} in lab {inventory.lab}; there are: {', '.join(link.name for link in inventory.links)}"
    )


def _run(inventory: Inventory, link: str | None, arguments: list[str]) -> None:
    node = _router(inventory)
    if link is not None:
        _sites(inventory, link)
    engine.execute(node, ["link", *arguments])


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _until(seconds: float | None) -> list[str]:
    return [] if seconds is None else ["--seconds", f"{seconds:g}"]
