"""The page of the architecture names the rooms, layers and modules that there are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from redlab.stack import checkout

PAGE = (checkout.ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((checkout.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
LAYERS = {
    contract["layers"][0].rpartition(".")[0]: [
        [module.strip().rpartition(".")[2] for module in layer.split("|")] for layer in contract["layers"]
    ]
    for contract in CONTRACTS["contracts"]
    if contract["type"] == "layers"
}


def table_of(heading: str) -> list[list[str]]:
    """Return the cells of the rows of the table below a heading, without those of its head."""
    chapter = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in chapter.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def named_in(cell: str) -> list[str]:
    """Return the names in backquotes."""
    return re.findall(r"`([\w.]+)`", cell)


def rooms() -> list[str]:
    """Return the names of the packages and modules directly in `lab/redlab`."""
    home = checkout.ROOT / "lab" / "redlab"
    packages = [each.parent.name for each in home.glob("*/__init__.py")]
    return sorted([*packages, *(each.stem for each in home.glob("*.py") if each.stem != "__init__")])


def test_each_room_has_one_line() -> None:
    assert sorted(named_in(name)[0] for name, _ in table_of("Rooms of `redlab`")) == rooms()


def test_the_rooms_stand_in_the_order_of_their_layers() -> None:
    order = [room for layer in LAYERS["redlab"] for room in layer]
    assert sorted(order) == rooms()
    depth = {room: number for number, layer in enumerate(LAYERS["redlab"]) for room in layer}
    depths = [depth[named_in(name)[0]] for name, _ in table_of("Rooms of `redlab`")]
    assert depths == sorted(depths)


@pytest.mark.parametrize("package", sorted(LAYERS))
def test_the_layers_are_those_that_the_linter_checks(package: str) -> None:
    told = {named_in(name)[0]: layers for name, layers in table_of("Layers")}
    assert layers_in(told[package]) == LAYERS[package]


def layers_in(cell: str) -> list[Sequence[str]]:
    """Return the layers that a cell of the table tells: semicolons between layers, commas within one."""
    return [named_in(layer) for layer in cell.split(";")]


def test_the_drawing_names_modules_that_there_are() -> None:
    drawn = PAGE.partition("```mermaid\n")[2].partition("```")[0]
    homes = [(key, checkout.ROOT / path) for key, path in re.findall(r'subgraph \w+\["(\w+) \(([\w/]+)/?\)', drawn)]
    assert {key for key, _ in homes} == {"redundancy", "redlab"}
    for key, home in homes:
        inside = drawn.partition(f'["{key} (')[2].partition("    end\n")[0]
        folder = home / key if (home / key).is_dir() else home
        boxes = re.findall(r'\["([\w., ]+): ', inside)
        assert boxes
        missing = [name for box in boxes for name in box.split(", ") if not is_module(folder, name)]
        assert missing == []


def is_module(folder: Path, name: str) -> bool:
    """Whether a package or module of this dotted name is in a folder."""
    path = folder / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()
