"""What a drill writes down of queues and images: what does not drain takes "passed" away."""

from __future__ import annotations

import pytest

from redlab.control.lab import Laboratory
from redlab.control.management import Management
from redlab.drills import final_read, scenarios
from redlab.drills.assembly import assemble
from redlab.drills.load_settings import LoadSettings
from redlab.drills.runner import Drill
from redlab.measure.analysis import analyse
from redlab.probes import gateway_queue
from redlab.probes.clock import Clock
from tests.support.unit.inventories import inventory_of
from tests.support.unit.samples import record


@pytest.mark.parametrize("stuck", [("gw2: 131 events wait, the oldest for 120.0 s",), ()])
def test_what_does_not_drain_takes_passed_away(monkeypatch: pytest.MonkeyPatch, stuck: tuple[str, ...]) -> None:
    said: list[str] = []
    monkeypatch.setattr(final_read, "DRAIN_SECONDS", 0.01)
    monkeypatch.setattr(gateway_queue, "waiting", lambda inventory, seconds: stuck)
    lab = Laboratory(inventory_of("ha"), Management((), "token"))
    drill = Drill(lab, scenarios.find("dps-crash", "HighAvailability"), LoadSettings(), said.append)
    drill.record.images = {"gw1": "sha256:1a"}
    final_read.FinalRead(lab.inventory, drill.record, Clock.now(), said.append).drain()
    assembled = assemble(drill.record, lab.inventory)
    assert assembled.images == {"gw1": "sha256:1a"}
    result = analyse(record(breaches=assembled.breaches))
    assert result.verdict == ("failed" if stuck else "passed")
    assert result.reasons == tuple(f"stuck in a queue at the end: {line}" for line in stuck)
    assert len(said) == len(stuck)


def test_a_result_names_the_images_that_were_tested_and_what_was_not_proven() -> None:
    result = analyse(record())
    assert result.images == {"gw1": "sha256:1a", "gw2": "sha256:1a", "dps1": "sha256:2b"}
    assert "page cache" in "".join(result.not_proven)
