"""How tests that run beside each other are given to the processes of pytest-xdist."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from xdist.scheduler import LoadFileScheduling

from redlab.stack import checkout

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

SHARED_LAB = "ha_lab"
SECONDS: dict[str, float] = {
    SHARED_LAB: 340,
    "tests/provider/test_pulumi.py": 145,
    "tests/lab/test_stand_ins.py": 120,
    "tests/lab/test_database_cluster.py": 105,
    "tests/stacks/test_killed_up.py": 60,
    "tests/stacks/test_refusals.py": 70,
    "tests/stacks/test_cluster_of_one_site.py": 65,
    "tests/browser/test_live_view.py": 60,
    "tests/lab/test_global_load_balancer.py": 35,
    "tests/lab/test_collection.py": 25,
}
"""Files that take longer than their number of tests says, most with labs or stacks of their own: about how long.

Only the order counts; `make test` names its slowest tests.
"""
SECONDS_A_TEST = 1.0
"""Of any other file."""


class OneLabTogether(LoadFileScheduling):
    """The tests of a file stay together, and so do those of all files that use the shared lab: it stands once.

    What takes longest is begun first: else the others would wait for it at the end.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return SHARED_LAB if uses_shared_lab(checkout.ROOT / file) else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        longest = max(self.workqueue, key=lambda scope: expected_seconds(scope, len(self.workqueue[scope])))
        self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)


def expected_seconds(scope: str, tests: int) -> float:
    """Return how long so many tests of a file, or of the shared lab, are expected to take."""
    return SECONDS.get(scope, tests * SECONDS_A_TEST)


@cache
def uses_shared_lab(file: Path) -> bool:
    """Whether a file names the shared lab: where tests are given out, nobody has collected them."""
    return SHARED_LAB in file.read_text(encoding="utf-8")
