"""What several kinds of tests share: markers, their order, and the one lab that stands while they run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from redlab.control.lab import Laboratory
from redlab.stack import checkout
from tests.support.drills import results
from tests.support.scheduling import SHARED_LAB, OneLabTogether, uses_shared_lab
from tests.support.stacks.labs import LABS, begun_after, labs, measures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xdist.remote import Producer

# What a test of a later folder stands on is tested in an earlier one; tests/stacks also looks at what drills leave.
BEGAN = pytest.StashKey[datetime]()
BEGUN = pytest.StashKey[dict[str, str]]()
ORDER = ("errors", "unit", "golden", "provider", "lab", "browser", "drills", "stacks")


def pytest_configure(config: pytest.Config) -> None:
    # How long an example takes says how busy the machine is, not whether it is right.
    settings.register_profile("without-deadline", deadline=None)
    settings.load_profile("without-deadline")
    config.addinivalue_line("markers", "docker: needs a Docker engine")
    config.addinivalue_line("markers", "pulumi: needs a Docker engine and the Pulumi CLI")
    config.addinivalue_line("markers", "measures: runs drills; not beside other tests")
    config.addinivalue_line("markers", "alone: measures; of a lab's drills that is known by their name")
    config.addinivalue_line("markers", "campaign: shows no mechanism that another test does not show; `make drills`")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--drill-table", type=Path, help="where to write the drills' figures, as .md and .json")


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[BEGAN] = datetime.now(UTC)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    if file := config.getoption("drill_table"):
        text = results.write(results.RAN, file, began_at=config.stash[BEGAN], exit_code=int(exitstatus))
        terminalreporter.write_line(f"{text}written: {file}.md, {file}.json")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneLabTogether | None:
    return OneLabTogether(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def folder_of(item: pytest.Item) -> str:
        return item.path.relative_to(checkout.ROOT / "tests").parts[0]

    def rank(item: pytest.Item) -> tuple[int, int, int]:
        folder, fixtures = folder_of(item), getattr(item, "fixturenames", ())
        for place, lab in enumerate(LABS):
            if lab != SHARED_LAB and lab in fixtures:
                # After the images' tests, and before the lab with one site stands: it is too big to stand beside that.
                return ORDER.index("lab"), 1, place
        return (
            ORDER.index(folder) if folder in ORDER else len(ORDER),
            2 * (folder == "lab" and SHARED_LAB in fixtures),
            0,
        )

    items.sort(key=rank)
    for item in items:
        if SHARED_LAB in getattr(item, "fixturenames", ()) and not uses_shared_lab(item.path):
            raise pytest.UsageError(
                f"{item.path}: its tests use {SHARED_LAB} through another fixture; it has to name it"
            )
        if folder_of(item) == "drills":
            item.add_marker("measures")


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[BEGUN] = begun_after(session.items)


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if measures(item):
        labs.await_gone()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    if following := item.config.stash[BEGUN].get(item.nodeid):
        labs.begin(*LABS[following])


def pytest_sessionfinish() -> None:
    labs.end()


@pytest.fixture(scope="session")
def ha_lab() -> Iterator[Laboratory]:
    """The HA lab `test-ha`, stood up once by the CLI and destroyed at the end, whatever happened in between."""
    with labs.standing(*LABS["ha_lab"]) as lab:
        yield lab


@pytest.fixture(scope="module")
def distributed_lab() -> Iterator[Laboratory]:
    """The lab of two sites `test-distributed-ha`, stood up for one module: it is too big to stand beside the other."""
    with labs.standing(*LABS["distributed_lab"]) as lab:
        yield lab
