"""Nothing is pinned that is known to be faulty."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from redlab.stack import checkout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PINS = [checkout.ROOT / "requirements.lock", *sorted(checkout.ROOT.glob("lab/images/**/requirements.txt"))]


def faulty(pins: str, advisories: Iterable[Mapping[str, Any]]) -> list[str]:
    """The packages of a file that are older than what mended them."""
    return [
        f"{name} {version}: {', '.join(one['ids'])} mended in {one['fixed']}"
        for name, version in re.findall(r"^([a-z0-9-]+)==([0-9.]+)", pins, re.MULTILINE)
        for one in advisories
        if one["package"] == name and numbers(version) < numbers(one["fixed"])
    ]


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part]


def test_nothing_faulty_is_pinned() -> None:
    advisories = tomllib.loads((checkout.ROOT / "lab" / "advisories.toml").read_text())["advisory"]
    assert len(PINS) == 3
    pinned = {file: file.read_text() for file in PINS}
    assert {str(file): faulty(text, advisories) for file, text in pinned.items()} == {str(file): [] for file in PINS}
    # Each is of something that is pinned.
    everything = "\n".join(pinned.values())
    assert all(re.search(rf"^{one['package']}==", everything, re.MULTILINE) for one in advisories)


def test_a_faulty_one_is_named() -> None:
    advisories = [{"package": "aiohttp", "fixed": "3.13.3", "ids": ["CVE-1"]}]
    assert faulty("yarl==1.0\naiohttp==3.8.4 --hash=sha256:0\n", advisories) == [
        "aiohttp 3.8.4: CVE-1 mended in 3.13.3"
    ]
    assert faulty("aiohttp==3.13.10\n", advisories) == []
