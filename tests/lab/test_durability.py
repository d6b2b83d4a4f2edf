"""What is acknowledged was flushed: no kill shows it, since the machine's page cache outlives every container.

A gateway that has acknowledged events before is started again on its volume where the kernel refuses each flush. One
that flushes before it acknowledges now takes in nothing; one that does not goes on as if nothing were wrong.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests
from stand_ins import TAG, StandIns, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker

STORE = "/usr/local/lib/redlab/redlab_gateway/store.py"
SYNCHRONOUS = ("FULL", "NORMAL", "OFF")
"""SQLite's ways to commit with a write-ahead log: FULL alone flushes each commit (its documentation, synchronous)."""


def image(synchronous: str) -> str:
    return "redlab/gateway" if synchronous == "FULL" else f"redlab/gateway-{synchronous.lower()}"


@pytest.fixture
def gateways(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIns]:
    """A gateway for each way to commit, killed after it had acknowledged ten events: its log is not empty."""
    stand_ins = StandIns(tmp_path_factory.mktemp("secrets"))
    for synchronous in SYNCHRONOUS[1:]:
        change = (
            f"FROM redlab/gateway:{TAG}\nUSER root\nRUN sed -i 's/synchronous = FULL/synchronous = {synchronous}/' "
        )
        build = io.BytesIO(f"{change}{STORE} && grep -q 'synchronous = {synchronous}' {STORE}\nUSER redlab\n".encode())
        stand_ins.client.images.build(fileobj=build, tag=f"{image(synchronous)}:{TAG}", rm=True)
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda each: stand_ins.start_gateway(each, image(each)), SYNCHRONOUS))
        for each in SYNCHRONOUS:
            assert eventually(lambda each=each: stand_ins.send(each, "kept", 0, 10)) == 200  # type: ignore[misc]
            stand_ins.nodes[each].kill()
            stand_ins.start_gateway_that_cannot_flush(each, image(each))
            eventually(lambda each=each: stand_ins.pending(each) == 10)  # type: ignore[misc]
        yield stand_ins
    finally:
        stand_ins.close()


def test_nothing_is_acknowledged_that_cannot_be_flushed(gateways: StandIns) -> None:
    statuses = {each: gateways.send(each, "new", 0) for each in SYNCHRONOUS}
    # The last two are the saboteurs: a kill would lose nothing of theirs either.
    assert statuses == {"FULL": 503, "NORMAL": 200, "OFF": 200}
    assert gateways.pending("FULL") == 10
    assert requests.get(gateways.url("FULL", 8082, "/readyz"), timeout=3).status_code == 503
