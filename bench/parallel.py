"""The concurrency of every baseline: that of the provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from redlab_provider.engine import MAXIMUM_CALLS

Item = TypeVar("Item")

THREADS = MAXIMUM_CALLS


def each(items: Iterable[Item], step: Callable[[Item], object]) -> None:
    """Do ``step`` with every item, as many at once as the provider does; raises what the first failed one raised."""
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(step, item) for item in items]:
            done.result()
