"""The router's nftables rules as text: what may pass, what is cut, what is lost, what is counted. Pure."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network

from redlab_router.settings import Direction, Settings, Values

TABLE = "ip wan"
CUT = f"{TABLE} cut"
_LOSS_STEPS = 1_000_000


def pair(settings: Settings, direction: Direction) -> str:
    """Return the direction's key in the sets: the ordered pair of its subnets."""
    return f"{settings.sites[direction.source]} . {settings.sites[direction.destination]}"


def counter(direction: Direction) -> str:
    """Name of the counter of what has left the router in this direction."""
    return f"forwarded_{direction.number}"


def base(settings: Settings) -> str:
    """Return the rules that never change. Nothing passes undelayed unless its pair is in the set `direct`."""
    lines = [f"table {TABLE} {{"]
    lines += [f"  counter {counter(direction)} {{ }}" for direction in settings.directions]
    for name, flags in (("linked", "interval"), ("direct", "interval"), ("cut", "interval, timeout")):
        lines.append(f"  set {name} {{ typeof ip saddr . ip daddr; flags {flags}; }}")
    lines += [
        "  chain loss { }",
        "  chain entering {",
        "    ip saddr . ip daddr @cut counter drop",
        "    jump loss",
        "  }",
        "  chain forward {",
        "    type filter hook forward priority 0; policy drop;",
        '    iifname != "wan*" jump entering',
        '    oifname "wan*" ip saddr . ip daddr @linked accept',
        '    iifname != "wan*" ip saddr . ip daddr != @direct drop',
    ]
    for direction in settings.directions:
        source, destination = settings.sites[direction.source], settings.sites[direction.destination]
        lines.append(f"    ip saddr {source} ip daddr {destination} counter name {counter(direction)} accept")
    lines += ["  }", "}"]
    lines += [f"add element {TABLE} linked {{ {pair(settings, direction)} }}" for direction in settings.directions]
    return "\n".join(lines) + "\n"


def shaping(settings: Settings, current: Mapping[str, Values], direct: Iterable[Direction]) -> str:
    """Return the change, atomic, to these losses and to these directions that pass undelayed."""
    lines = [f"flush chain {TABLE} loss", f"flush set {TABLE} direct"]
    lines += [f"add element {TABLE} direct {{ {pair(settings, direction)} }}" for direction in direct]
    for direction in settings.directions:
        steps = round(current[direction.link.name].loss_percent / 100 * _LOSS_STEPS)
        if steps:
            source, destination = settings.sites[direction.source], settings.sites[direction.destination]
            lines.append(
                f"add rule {TABLE} loss ip saddr {source} ip daddr {destination}"
                f" numgen random mod {_LOSS_STEPS} < {steps} counter drop"
            )
    return "\n".join(lines) + "\n"


def cut(settings: Settings, directions: Iterable[Direction], seconds: float) -> str:
    """Return the change that drops packets of these directions from now on, for so long; a cut there is renewed."""
    lines = []
    for each in (pair(settings, direction) for direction in directions):
        timed = f"{{ {each} timeout {round(seconds * 1000)}ms }}"
        lines += [f"add element {CUT} {timed}", f"delete element {CUT} {{ {each} }}", f"add element {CUT} {timed}"]
    return "\n".join(lines) + "\n"


def uncut(settings: Settings, directions: Iterable[Direction]) -> str:
    """Return the change that ends these cuts at once, whether they are there or not."""
    lines = []
    for each in (pair(settings, direction) for direction in directions):
        lines += [f"add element {CUT} {{ {each} timeout 1s }}", f"delete element {CUT} {{ {each} }}"]
    return "\n".join(lines) + "\n"


def cuts(settings: Settings, listed: Mapping[str, object]) -> dict[int, float]:
    """Return the remaining seconds of the cuts in `nft -j list set`, by the direction's number."""
    by_pair = {
        (settings.sites[direction.source], settings.sites[direction.destination]): direction.number
        for direction in settings.directions
    }
    found = {}
    for item in listed["nftables"]:  # type: ignore[attr-defined]
        for element in item.get("set", {}).get("elem", []):
            held = element["elem"]
            source, destination = (
                IPv4Network((side["prefix"]["addr"], side["prefix"]["len"])) for side in held["val"]["concat"]
            )
            found[by_pair[source, destination]] = float(held["expires"])
    return found


def counters(listed: Mapping[str, object]) -> dict[str, tuple[int, int]]:
    """Return packets and bytes of `nft -j list counters`, by the counter's name."""
    items = (item["counter"] for item in listed["nftables"] if "counter" in item)  # type: ignore[attr-defined]
    return {item["name"]: (item["packets"], item["bytes"]) for item in items}
