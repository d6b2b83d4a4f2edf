"""A drill is refused where its clock and the collectors' are not the same, and where data is stuck already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from redlab import engine
from redlab.control.management import Services
from redlab.drills import preflight, scenarios
from redlab.errors import RedlabError
from redlab.probes import http
from tests.support.unit.inventories import inventory_of

HERE, ELSEWHERE = "3b1c7c5e-0000-4000-8000-000000000001\n", "3b1c7c5e-0000-4000-8000-000000000002\n"


@pytest.mark.parametrize(
    ("inside", "own", "refused"), [(HERE, HERE, False), (ELSEWHERE, HERE, True), (HERE, None, True)],
    ids=["same kernel", "virtual machine", "no Linux"],
)  # fmt: skip
def test_a_drill_needs_the_containers_on_this_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str, own: str | None, refused: bool
) -> None:
    file = tmp_path / "boot_id"
    if own:
        file.write_text(own)
    asked: list[list[str]] = []
    monkeypatch.setattr(engine, "execute", lambda node, command: asked.append(command) or inside)
    if refused:
        with pytest.raises(RedlabError, match=r"pre-flight: collector1 runs on another kernel.*beside the engine"):
            preflight.refuse_another_kernel(inventory_of("ha"), file)
    else:
        preflight.refuse_another_kernel(inventory_of("ha"), file)
    assert asked == [["cat", "/proc/sys/kernel/random/boot_id"]]


@pytest.mark.parametrize(
    ("pending", "age_seconds", "refused"), [(131, 5.1, True), (40000, 4.9, False), (0, 0.0, False)]
)
def test_a_drill_does_not_begin_over_stuck_data(
    monkeypatch: pytest.MonkeyPatch, pending: int, age_seconds: float, refused: bool
) -> None:
    """Also few events are stuck: what counts is for how long the oldest has waited."""
    services = Services("dps1", "dps1", "active", 1, 1.0)
    monkeypatch.setattr(preflight, "PREFLIGHT_SECONDS", 0.01)
    monkeypatch.setattr(preflight, "refuse_another_kernel", lambda _: None)
    monkeypatch.setattr(preflight, "all_ready", lambda _: True)
    stuck = {"pending_events": pending, "oldest_age_seconds": age_seconds}
    flowing = {"pending_events": 3, "oldest_age_seconds": 0.1}
    monkeypatch.setattr(http, "get", lambda node, *_: stuck if node.name == "gw2" else flowing)

    def check() -> None:
        preflight.check(inventory_of("ha"), scenarios.find("gateway-crash", "HighAvailability"), lambda: services)

    if refused:
        with pytest.raises(RedlabError, match=r"stuck in queues: gw2: 131 events wait, the oldest for 5\.1 s"):
            check()
    else:
        check()


@pytest.mark.parametrize(("seconds", "refused"), [(604800, False), (1800, False), (1799, True), (None, False)])
def test_a_drill_does_not_lose_its_ledger_to_the_retention(seconds: int | None, refused: bool) -> None:
    inventory = inventory_of("ha")
    assert inventory.timers.retention_seconds == 7 * 24 * 3600
    # None: a lab of an earlier version.
    inventory = replace(inventory, timers=replace(inventory.timers, retention_seconds=seconds))
    if refused:
        with pytest.raises(RedlabError, match=r"retentionSeconds is 1799 .* needs at least 1800"):
            preflight.refuse_a_short_memory(inventory)
    else:
        preflight.refuse_a_short_memory(inventory)
