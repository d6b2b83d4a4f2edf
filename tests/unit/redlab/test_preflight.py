"""A drill is refused where its clock and the collectors' are not the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.redlab.inventories import inventory_of

from redlab import engine
from redlab.drills import preflight
from redlab.errors import RedlabError

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
