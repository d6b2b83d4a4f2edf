"""What keeps an upgrade from beginning: versions, images of a file, another upgrade, nodes that stand alone."""

from __future__ import annotations

from typing import Any

import pytest

from redlab.errors import RedlabError
from redlab.model.inventory import Inventory
from redlab.stack.pulumi import Stack
from redlab.upgrade import checks
from redlab.upgrade.checks import Version
from tests.support.unit.inventories import inventory_of, inventory_of_text

SAID = "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n"
"""Recorded from the stand-in."""


def test_the_version_of_an_image_is_what_postgres_says() -> None:
    assert checks.parsed(SAID, "x") == Version(15, 13)
    with pytest.raises(RedlabError, match="image a/db:2: found 'sh: postgres: not found'"):
        checks.parsed("sh: postgres: not found", "image a/db:2")


@pytest.mark.parametrize("new", [Version(15, 13), Version(15, 14)])
def test_a_minor_version_that_is_not_older_goes_through(new: Version) -> None:
    checks.compare("a/db:2", new, {"dc1-db1": Version(15, 13), "dc2-db1": Version(15, 13)})


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (
            Version(16, 2),
            r"PostgreSQL 16\.2, dc1-db1 runs 15\.13; allowed: 15\.x; why: a standby does not read the log",
        ),
        (Version(15, 12), r"allowed: 15\.13 or newer; why: a standby must not be older than its primary"),
    ],
)
def test_what_a_standby_could_not_follow_is_refused(new: Version, why: str) -> None:
    with pytest.raises(RedlabError, match=why):
        checks.compare("a/db:2", new, {"dc1-db1": Version(15, 13)})


@pytest.mark.parametrize(
    ("inventory", "roles", "alone"),
    [
        (inventory_of("ha"), ["gateway", "dataProcessingServer", "loadBalancer"], []),
        (inventory_of("ha"), ["database"], ["db1"]),
        (inventory_of_text("pattern: HighAvailability\nsites: {dc1: {gateways: {count: 1}}}\n"), ["gateway"], ["gw1"]),
        (inventory_of("dr"), ["gateway", "database"], []),
        (inventory_of("dr"), ["globalLoadBalancer", "wanRouter"], ["wan1", "glb1"]),
    ],
)
def test_nodes_that_nothing_takes_over_from(inventory: Inventory, roles: list[str], alone: list[str]) -> None:
    assert list(checks.alone_in(inventory, roles)) == alone


@pytest.fixture
def overrides(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    monkeypatch.setattr(Stack, "config", lambda _: {"redundancy:overrides": found})
    return found


def refuse(images: dict[str, str], stack: str = "ha") -> None:
    checks.refuse(inventory_of(stack), images, with_outage=False)


@pytest.mark.parametrize(
    ("images", "why"),
    [
        ({"gatway": "a/b"}, "no node of lab ha has an image called gatway; there are: collector, dataProcessing"),
        ({"database": "a/b"}, "db1 stands alone: users are not served, events wait .* `--with-outage` does so, last"),
    ],
)
def test_refused_before_anything_is_looked_at(images: dict[str, str], why: str, overrides: dict[str, Any]) -> None:
    with pytest.raises(RedlabError, match=why):
        refuse(images)


def test_a_topology_that_was_changed_has_to_be_brought_up_first(overrides: dict[str, Any]) -> None:
    overrides["sites"] = {"dc1": {"gateways": {"count": 3}}}
    with pytest.raises(RedlabError, match=r"was changed since it was brought up; .*: `redlab up ha` first"):
        refuse({"gateway": "a/gateway:3"})


def test_another_upgrade_has_to_be_ended_first(overrides: dict[str, Any]) -> None:
    overrides["sites"] = {"dc1": {"gateways": {"nodes": {"gw1": {"image": "a/gateway:2"}}}}}
    with pytest.raises(
        RedlabError, match=r"an upgrade to a/gateway:2 was begun .*gw1\.image\).* `redlab upgrade ha --undo`"
    ):
        refuse({"gateway": "a/gateway:3"})
