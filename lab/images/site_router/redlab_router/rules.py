"""The firewall rules as text: which packets pass, and which are counted, lost or cut. Pure."""

from collections.abc import Mapping

from redlab_router.settings import Direction, Settings, Shape

TABLE = "inet redlab"
FLOWS = {"database": (8008,), "store": (2379, 2380), "dps": (8082, 8090)}
"""The ports that classify the traffic between sites, beside those of the databases; all other traffic is `other`."""


def ruleset(settings: Settings, shapes: Mapping[str, Shape], *, netem: bool) -> str:
    """Return the whole ruleset, to be loaded in one transaction. With netem, losses are not made here.

    A held packet passes twice: into its device, and out of it. It is counted, and perhaps lost, only on its way out to
    a site. Cuts apply both times, so that they also catch held packets.
    """
    lines = [f"table {TABLE} {{"]
    lines += [f"  counter {counter(way, flow)} {{ }}" for way in settings.directions for flow in (*FLOWS, "other")]
    lines += [
        "  set cuts { typeof ip saddr . ip daddr; flags interval, timeout; }",
        "  chain forward {",
        "    type filter hook forward priority 0; policy drop;",
        "    ip saddr . ip daddr @cuts counter drop",
        '    oifname "wan*" accept',
        *(
            f"    ip saddr {settings.sites[way.source]} ip daddr {settings.sites[way.target]} goto {way.device}"
            for way in settings.directions
        ),
        "    reject with icmp type net-unreachable",
        "  }",
    ]
    for way in settings.directions:
        lines += [f"  chain {way.device} {{", *passing(settings, way, shapes[way.link], netem=netem), "  }"]
    return "\n".join([*lines, "}", ""])


def passing(settings: Settings, way: Direction, shape: Shape, *, netem: bool) -> list[str]:
    """Return the rules of a direction's chain, one per line."""
    lines = []
    if shape.held(netem=netem):
        # Whatever the routes are at the moment, for example after an interface came back: nothing passes undelayed.
        lines.append(f'    iifname != "{way.device}" drop')
    lost = 0 if netem else round(shape["lossPercent"] * 1000)
    if lost:
        # nft refuses a comparison that is always true.
        lines.append(f"    numgen random mod 100000 < {lost} drop" if lost < 100_000 else "    drop")
    for flow, ports in FLOWS.items():
        listed = ", ".join(map(str, (*settings.database_ports, *ports) if flow == "database" else ports))
        lines += [
            f"    tcp {side} {{ {listed} }} counter name {counter(way, flow)} accept" for side in ("sport", "dport")
        ]
    return [*lines, f"    counter name {counter(way, 'other')} accept"]


def counter(way: Direction, flow: str) -> str:
    """Return the name of the counter of a flow in a direction."""
    return f"{way.device}_{flow}"


def cut(settings: Settings, ways: list[Direction], seconds: float) -> str:
    """Return the commands that cut the directions for a time; an existing cut begins anew."""
    pairs = [f"{settings.sites[way.source]} . {settings.sites[way.target]}" for way in ways]
    fresh = ", ".join(f"{pair} timeout {max(1, round(seconds * 1000))}ms" for pair in pairs)
    plain = ", ".join(pairs)
    # Deleting a missing element fails, so it is added first: all in one transaction.
    return (
        f"add element {TABLE} cuts {{ {fresh} }}\n"
        f"delete element {TABLE} cuts {{ {plain} }}\n"
        f"add element {TABLE} cuts {{ {fresh} }}\n"
    )


def restore(settings: Settings, ways: list[Direction]) -> str:
    """Return the commands that end the cuts of directions that are cut."""
    pairs = ", ".join(f"{settings.sites[way.source]} . {settings.sites[way.target]}" for way in ways)
    return f"delete element {TABLE} cuts {{ {pairs} }}\n"
