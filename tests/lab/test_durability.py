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
from tests.support.lab.stand_ins import TAG, StandIns, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker

STORE = "/usr/local/lib/redlab/redlab_gateway/store.py"
CAREFUL, CARELESS = "redlab/gateway", "redlab/gateway-that-flushes-now-and-then"
"""The second one is the saboteur: SQLite's synchronous is NORMAL, which flushes the log only when it is full."""
NAMES = {CAREFUL: "gw1", CARELESS: "gw2"}


@pytest.fixture
def gateways(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIns]:
    """Both, killed after they had acknowledged ten events, so that their logs are not empty, and started again."""
    stand_ins = StandIns(tmp_path_factory.mktemp("secrets"))
    change = f"sed -i 's/synchronous = FULL/synchronous = NORMAL/' {STORE} && grep -q 'synchronous = NORMAL' {STORE}"
    build = io.BytesIO(f"FROM redlab/gateway:{TAG}\nUSER root\nRUN {change}\nUSER redlab\n".encode())
    stand_ins.client.images.build(fileobj=build, tag=f"{CARELESS}:{TAG}", rm=True)

    def prepare(image: str) -> None:
        name = NAMES[image]
        stand_ins.start_gateway(name, image)
        assert eventually(lambda: stand_ins.send(name, "kept", 0, 10)) == 200
        stand_ins.nodes[name].kill()
        stand_ins.start_gateway_that_cannot_flush(name, image)
        eventually(lambda: stand_ins.pending(name) == 10)

    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(prepare, NAMES))
        yield stand_ins
    finally:
        stand_ins.close()


def test_nothing_is_acknowledged_that_cannot_be_flushed(gateways: StandIns) -> None:
    # A kill would lose nothing of the saboteur's either.
    assert {image: gateways.send(name, "new", 0) for image, name in NAMES.items()} == {CAREFUL: 503, CARELESS: 200}
    assert gateways.pending("gw1") == 10
    assert requests.get(gateways.url("gw1", 8082, "/readyz"), timeout=3).status_code == 503
