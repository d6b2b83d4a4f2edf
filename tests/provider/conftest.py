from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.provider.client import Provider
from tests.support.provider.sandbox import Sandbox, engine_client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """One provider for all tests, as one provider serves all resources of a program."""
    yield from running()


@pytest.fixture
def provider_to_cancel() -> Iterator[Provider]:
    """A separate provider for one test: a cancelled provider makes nothing any more."""
    yield from running()


def running() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Names of objects that are always removed at the end of the test."""
    client = engine_client()
    made = Sandbox(client, tmp_path)
    yield made
    made.sweep()
    client.close()
