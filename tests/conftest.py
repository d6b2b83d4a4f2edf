"""What several kinds of tests share: markers, their order, and the one lab that stands while they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redlab import checkout
from redlab.laboratory import Laboratory
from tests.stacks.commands import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED_STACK = "test-ha"
SHARED_DISTRIBUTED_STACK = "test-distributed-ha"
SHARED_LAB = "ha_lab"
# In the order in which two workers take them from each other. The shared lab stands until its worker ends, so it is the
# last but one: the first worker takes the last when it is through with the first, which lasts longest.
LABS = ("distributed_lab", "dr_lab", "twins_lab", SHARED_LAB, "ucmdb_lab")
# What a test of a later folder stands on is tested in an earlier one; tests/stacks also looks at what drills leave.
ORDER = ("errors", "unit", "golden", "provider", "lab", "browser", "drills", "stacks")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "docker: needs a Docker engine")
    config.addinivalue_line("markers", "pulumi: needs a Docker engine and the Pulumi CLI")
    config.addinivalue_line("markers", "measures: needs a good part of the machine; at most two such labs at once")
    config.addinivalue_line("markers", "alone: needs so much of the machine that nothing else may run beside it")


# First: pytest deselects by marks, and pytest-xdist reads the groups, in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def folder(item: pytest.Item) -> str:
        return item.path.relative_to(checkout.ROOT / "tests").parts[0]

    def lab(item: pytest.Item) -> str | None:
        return next((name for name in LABS if name in getattr(item, "fixturenames", ())), None)

    def rank(item: pytest.Item) -> tuple[int, int]:
        place, found = ORDER.index(folder(item)) if folder(item) in ORDER else len(ORDER), lab(item)
        if found is None or found == SHARED_LAB:
            return place, 0 if found is None else len(LABS)
        # Not before the images that they stand on are tested.
        return ORDER.index("lab") if LABS.index(found) < LABS.index(SHARED_LAB) else len(ORDER), LABS.index(found)

    items.sort(key=rank)
    for item in items:
        found = lab(item)
        if found == "twins_lab":
            item.add_marker("alone")
        elif found or folder(item) == "drills":
            item.add_marker("measures")
            item.add_marker(pytest.mark.xdist_group(found or SHARED_LAB))


@pytest.fixture(scope="session")
def ha_lab() -> Iterator[Laboratory]:
    """The HA lab `test-ha`, stood up once by the CLI and destroyed at the end, whatever happened in between."""
    with standing(SHARED_STACK) as lab:
        yield lab


@pytest.fixture(scope="module")
def distributed_lab() -> Iterator[Laboratory]:
    """The lab of two sites `test-distributed-ha`, stood up for one module."""
    with standing(SHARED_DISTRIBUTED_STACK, "distributed-ha") as lab:
        yield lab
