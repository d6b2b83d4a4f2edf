"""How tests that run beside each other are given to the processes of pytest-xdist."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadFileScheduling

from redlab import checkout

SHARED_LAB = "ha_lab"


class OneLabTogether(LoadFileScheduling):
    """The tests of a file stay together, and so do those of all files that use the shared lab: it stands once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return SHARED_LAB if uses_shared_lab(checkout.ROOT / file) else file


@cache
def uses_shared_lab(file: Path) -> bool:
    """Whether a file names the shared lab: where tests are given out, nobody has collected them."""
    return SHARED_LAB in file.read_text(encoding="utf-8")
