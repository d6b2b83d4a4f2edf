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
    """A provider that serves one test after the other, as it serves one resource after the other."""
    yield from running()


@pytest.fixture
def provider_to_cancel() -> Iterator[Provider]:
    """A provider of the test's own: one that was cancelled makes nothing any more."""
    yield from running()


def running() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Names of objects that are removed when the test ends, whatever happened."""
    client = engine_client()
    made = Sandbox(client, tmp_path)
    yield made
    made.sweep()
    client.close()
