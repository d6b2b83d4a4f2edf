"""A picture of a topology, from its inventory alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from html import escape
from typing import Any

from redundancy.roles import Reach, Role

_BOX_WIDTH, _BOX_HEIGHT, _GAP, _MARGIN = 150, 44, 46, 24


class Notation(StrEnum):
    """How a graph is written."""

    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


def draw(inventory: Mapping[str, Any], notation: Notation) -> str:
    """Return the text of the graph."""
    return {Notation.MERMAID: _mermaid, Notation.DOT: _dot, Notation.SVG: _svg}[notation](inventory)


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
    """Whether two nodes whose roles have to do with each other do: within the reach of the first one's role."""
    exchange = inventory.get("eventExchange")
    source, target = Role(one["role"]), Role(other["role"])
    if source is target:  # active-active instances tell each other of their events
        return bool(exchange) and one["site"] < other["site"]
    if (source, target) == (Role.COLLECTOR, Role.LOAD_BALANCER):
        if exchange:
            return one["name"] in (*exchange["collectors"][other["site"]], *exchange.get("untwinned", ()))
        # Collectors reach the sites by way of the global load balancer, where there is one.
        return all(node["role"] != Role.GLOBAL_LOAD_BALANCER for node in inventory["nodes"])
    if target is Role.GLOBAL_LOAD_BALANCER:
        # The instances' integrations go by way of the wide-area load balancer.
        return bool(exchange) or source is Role.COLLECTOR
    if one["site"] == other["site"] or source.row.reach is Reach.EVERYWHERE:
        return True
    if source.row.reach is Reach.SITE:
        return False
    # Each of two instances has a database of its own; what is left in a gateway's queue is taken out by either.
    return not exchange and (not inventory.get("replication") or target is Role.GATEWAY)


def _colour(node: Mapping[str, Any]) -> str:
    return Role(node["role"]).row.colour


def _mermaid(inventory: Mapping[str, Any]) -> str:
    # A name of its own that began with a word of Mermaid's (a site called `end`) would not be read as a name.
    lines = ["flowchart LR"]
    for site, nodes in _groups(inventory).items():
        lines.append(f'  subgraph site_{site}["{site}"]')
        lines += [f'    n_{node["name"]}["{node["name"]}<br/>{node["role"]}"]' for node in nodes]
        lines.append("  end")
    lines += [f"  n_{source} --> n_{target}" for source, target in _edges(inventory)]
    return "\n".join(lines)


def _dot(inventory: Mapping[str, Any]) -> str:
    lines = [f'digraph "{inventory["lab"]}" {{', "  rankdir=LR;", "  node [shape=box, style=filled];"]
    for site, nodes in _groups(inventory).items():
        lines.append(f'  subgraph "cluster_{site}" {{ label="{site}";')
        lines += [
            f'    "{node["name"]}" [label="{node["name"]}\\n{node["role"]}", fillcolor="{_colour(node)}"];'
            for node in nodes
        ]
        lines.append("  }")
    lines += [f'  "{source}" -> "{target}";' for source, target in _edges(inventory)]
    return "\n".join([*lines, "}"])


def _svg(inventory: Mapping[str, Any]) -> str:
    """One column a role, from the collectors on the left to the database on the right."""
    roles = [role for role in Role if any(node["role"] == role for node in inventory["nodes"])]
    columns = {role: [n for n in inventory["nodes"] if n["role"] == role] for role in roles}
    tallest = max(map(len, columns.values()))
    height = 2 * _MARGIN + tallest * (_BOX_HEIGHT + _GAP)
    width = 2 * _MARGIN + len(columns) * (_BOX_WIDTH + _GAP) - _GAP
    centre: dict[str, tuple[float, float]] = {}
    for column, role in enumerate(columns):
        for row, node in enumerate(columns[role]):
            x = _MARGIN + column * (_BOX_WIDTH + _GAP) + _BOX_WIDTH / 2
            centre[node["name"]] = (x, height * (row + 1) / (len(columns[role]) + 1))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'font-family="sans-serif" font-size="13" text-anchor="middle">',
        f"<title>{escape(inventory['lab'])}: {escape(inventory['pattern'])}</title>",
    ]
    for source, target in _edges(inventory):
        (x1, y1), (x2, y2) = centre[source], centre[target]
        parts.append(f'<line x1="{x1}" y1="{y1:g}" x2="{x2}" y2="{y2:g}" stroke="#888"/>')
    for node in inventory["nodes"]:
        x, y = centre[node["name"]]
        parts.append(
            f'<rect x="{x - _BOX_WIDTH / 2}" y="{y - _BOX_HEIGHT / 2:g}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" '
            f'rx="6" fill="{_colour(node)}" stroke="#333"/>'
            f'<text x="{x}" y="{y - 3:g}">{escape(node["name"])}</text>'
            f'<text x="{x}" y="{y + 14:g}" font-size="10">{escape(node["role"])} · {escape(node["site"])}</text>'
        )
    return "\n".join([*parts, "</svg>"])
