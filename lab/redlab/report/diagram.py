"""A picture of a topology, from its inventory alone: sites as clusters, the nodes in them, the links between them.

Mermaid and dot say which node connects to which. D2's picture, which `layout` draws as SVG, has one arrow for all nodes
of a role in a site, and leaves connections between sites to the links: every packet between sites takes the router.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from html import escape
from typing import Any

from redlab.report import layout
from redundancy.roles import Reach, Role

ACCESS = "access"
"""The place of clients, and of the load balancers and the router that belong to no site."""
_LETTER_WIDTH, _LINE_HEIGHT, _PADDING, _TITLE_LETTERS = 8.4, 21, 9, 17


class Notation(StrEnum):
    """The notation of a graph."""

    MERMAID = "mermaid"
    DOT = "dot"
    D2 = "d2"
    SVG = "svg"


def draw(inventory: Mapping[str, Any], notation: Notation) -> str:
    """Return the text of the graph."""
    return {Notation.MERMAID: _mermaid, Notation.DOT: _dot, Notation.D2: _d2, Notation.SVG: _svg}[notation](inventory)


def _groups(inventory: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for node in inventory["nodes"]:
        groups.setdefault(node["site"], []).append(node)
    return groups


def _edges(inventory: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    nodes = [(Role(node["role"]), node) for node in inventory["nodes"]]
    for source, target in ((role, peer) for role in Role for peer in role.talks_to):
        for one in (node for role, node in nodes if role is source):
            for other in (node for role, node in nodes if role is target):
                if _talk(inventory, one, other):
                    yield one["name"], other["name"]


def _talk(inventory: Mapping[str, Any], one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two nodes connect whose roles connect: the reach of the first node's role must include the second."""
    exchange = inventory.get("eventExchange")
    source, target = Role(one["role"]), Role(other["role"])
    if source is target:  # active-active instances exchange events
        return bool(exchange) and one["site"] < other["site"]
    if (source, target) == (Role.COLLECTOR, Role.LOAD_BALANCER):
        if exchange:
            return one["name"] in (*exchange["collectors"][other["site"]], *exchange.get("untwinned", ()))
        # If there is a global load balancer, collectors reach the sites through it.
        return all(node["role"] != Role.GLOBAL_LOAD_BALANCER for node in inventory["nodes"])
    if target is Role.GLOBAL_LOAD_BALANCER:
        # The integrations of active-active instances pass through the wide-area load balancer.
        return bool(exchange) or source is Role.COLLECTOR
    if one["site"] == other["site"] or source.row.reach is Reach.EVERYWHERE:
        return True
    if source.row.reach is Reach.SITE:
        return False
    # Each of two instances has its own database; the data processing servers of both empty all gateways' queues.
    return not exchange and (not inventory.get("replication") or target is Role.GATEWAY)


def _colour(node: Mapping[str, Any]) -> str:
    return Role(node["role"]).row.colour


def _mermaid(inventory: Mapping[str, Any]) -> str:
    # Prefixes: a name that is or begins with a keyword of Mermaid (a site called `end`) would not be read as a name.
    lines = ["flowchart LR"]
    for site, nodes in _groups(inventory).items():
        lines.append(f'  subgraph site_{site}["{site}"]')
        lines += [f'    n_{node["name"]}["{node["name"]}<br/>{node["role"]}"]' for node in nodes]
        lines.append("  end")
    lines += [f"  n_{source} --> n_{target}" for source, target in _edges(inventory)]
    lines += [f"  site_{site} === n_{router}" for site, router in _connected(inventory)]
    return "\n".join(lines)


def _dot(inventory: Mapping[str, Any]) -> str:
    lines = [f'digraph "{inventory["lab"]}" {{', "  rankdir=LR; compound=true;", "  node [shape=box, style=filled];"]
    for site, nodes in _groups(inventory).items():
        lines.append(f'  subgraph "cluster_{site}" {{ label="{site}";')
        lines += [
            f'    "{node["name"]}" [label="{node["name"]}\\n{node["role"]}", fillcolor="{_colour(node)}"];'
            for node in nodes
        ]
        lines.append("  }")
    lines += [f'  "{source}" -> "{target}";' for source, target in _edges(inventory)]
    first = {site: nodes[0]["name"] for site, nodes in _groups(inventory).items()}
    lines += [
        f'  "{first[site]}" -> "{router}" [dir=none, penwidth=3, ltail="cluster_{site}"];'
        for site, router in _connected(inventory)
    ]
    return "\n".join([*lines, "}"])


def _connected(inventory: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each site that has a link, with its router."""
    routers = [node["name"] for node in inventory["nodes"] if node["role"] == Role.WAN_ROUTER]
    sites = dict.fromkeys(site for link in inventory.get("links", ()) for site in link["sites"])
    return [(site, router) for router in routers for site in sites]


def _svg(inventory: Mapping[str, Any]) -> str:
    title = f"<title>{escape(inventory['lab'])}: {escape(inventory['pattern'])}</title>"
    head, end, picture = layout.svg(_d2(inventory)).partition(">")
    return f"{head}{end}{title}{picture}"


def _d2(inventory: Mapping[str, Any]) -> str:
    lines = ["direction: down"]
    places: dict[str, str] = {}
    for site, nodes in _groups(inventory).items():
        lines.append(f"{_quoted(site)}: {{label.near: top-left; style.font-size: 20; style.fill: '#f4f4f4'")
        for role in Role:
            pool = [node for node in nodes if node["role"] == role]
            if pool and role is not Role.WAN_ROUTER:
                key = pool[0]["name"] if len(pool) == 1 else role.value
                places |= {node["name"]: f"{_quoted(site)}.{_quoted(key)}" for node in pool}
                lines += [f"  {line}" for line in (_box(pool[0]) if len(pool) == 1 else _pool(pool))]
        lines.append("}")
    arrows = _arrows(inventory, places)
    links = list(_links(inventory, places, {place for one, _, other in arrows for place in (one, other)}))
    drawn = (f"{one} {arrow} {other}: {{style.stroke: '#333333'}}" for one, arrow, other in arrows)
    return "\n".join([*lines, *drawn, *links, ""])


def _box(node: Mapping[str, Any], *said: str) -> list[str]:
    """Return the box of a node: its name, then the given lines, else the title of its role."""
    lines = [node["name"], *(said or textwrap.wrap(Role(node["role"]).row.title, _TITLE_LETTERS))]
    width, height = max(map(len, lines)) * _LETTER_WIDTH + 2 * _PADDING, len(lines) * _LINE_HEIGHT + 2 * _PADDING
    colour = _colour(node)
    return [
        f"{_quoted(node['name'])}: {_quoted(chr(10).join(lines))} {{width: {width:.0f}; height: {height}; "
        f"style: {{fill: '{colour}'; stroke: '#333333'; font-color: '{_ink(colour)}'; bold: false}}}}"
    ]


def _pool(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the box around the nodes of one role in one site; each arrow to it goes to all of them."""
    head, of, rest = Role(nodes[0]["role"]).row.title.partition(" of ")
    style = "style: {fill: '#ffffff'; stroke: '#333333'; stroke-dash: 3; font-size: 16}"
    boxes = [f"  {line}" for node in nodes for line in _box(node, "")]
    return [f"{nodes[0]['role']}: {_quoted(f'{head}s{of}{rest}')} {{{style}", *boxes, "}"]


def _arrows(inventory: Mapping[str, Any], places: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return the arrows between the places of nodes, from top to bottom: clients, their load balancers, sites.

    There is no arrow between two sites.
    """
    site = {node["name"]: node["site"] for node in inventory["nodes"]}
    pairs = {
        (places[source], places[target]): site[source] != ACCESS and site[target] == ACCESS
        for source, target in _edges(inventory)
        if site[source] == site[target] or ACCESS in (site[source], site[target])
    }
    back = {(target, source) for (source, target), upwards in pairs.items() if upwards}
    down = [pair for pair, upwards in pairs.items() if not upwards]
    return [
        *((one, "<->" if (one, other) in back else "->", other) for one, other in down),
        *((one, "<-", other) for one, other in sorted(back) if (one, other) not in down),
    ]


def _links(inventory: Mapping[str, Any], places: Mapping[str, str], connected: Iterable[str]) -> Iterator[str]:
    """Yield the router, and a line to it from each site: from the nodes without an arrow, if there are any."""
    for router in (node for node in inventory["nodes"] if node["role"] == Role.WAN_ROUTER):
        said = [f"{' – '.join(link['sites'])}: {link['roundTripMilliseconds']:g} ms" for link in inventory["links"]]
        yield from _box(router, Role.WAN_ROUTER.row.title, *said)
        for site, name in _connected(inventory):
            alone = dict.fromkeys(
                places[node["name"]]
                for node in inventory["nodes"]
                if node["site"] == site and places[node["name"]] not in connected
            )
            for end in alone or [_quoted(site)]:
                yield f"{end} -- {_quoted(name)}: {{style: {{stroke: '{_colour(router)}'; stroke-width: 5}}}}"


def _quoted(text: str) -> str:
    """Return a text as a string of D2's language."""
    return json.dumps(text, ensure_ascii=False)


def _ink(colour: str) -> str:
    """Return black or white, whichever has the greater contrast on a colour (WCAG 2.2, relative luminance)."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"
