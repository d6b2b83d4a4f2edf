"""The concurrency of every baseline, equal to the provider's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from redlab_provider.engine import MAXIMUM_CALLS

Item = TypeVar("Item")

THREADS = MAXIMUM_CALLS


def each(items: Iterable[Item], step: Callable[[Item], object]) -> None:
    """Run ``step`` for every item, as many at once as the provider; raises the first failed step's exception."""
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(step, item) for item in items]:
            done.result()
