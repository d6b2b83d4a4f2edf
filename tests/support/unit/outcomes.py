"""Results of every verdict, measured from the synthetic drill of the measurement's tests."""

from __future__ import annotations

from dataclasses import replace

from redlab.measure.analysis import analyse
from redlab.measure.result import DrillResult
from redlab.results.campaign import CampaignResult, summarise
from tests.support.unit.samples import record

RECORD = record()
PASSED = analyse(RECORD)
FAILED = analyse(replace(RECORD, events=tuple(event for event in RECORD.events if event.seq != 70)))
ABORTED = analyse(record(timeline=None, histories=(), events=(), abort_reasons=("no steady state: [Operation(n=1)]",)))
assert PASSED.measured is not None
NEVER = replace(
    PASSED,
    verdict="failed",
    reasons=("no recovery",),
    within_prediction=False,
    phases=(),
    measured=replace(PASSED.measured, rto_seconds=None, user_rto_seconds=None),
)
CAMPAIGN = summarise([PASSED, FAILED, ABORTED, NEVER])
HOSTILE = "</title><script>alert(1)</script>&\"'$\\frac{$ \x1b[31m\x00"

OUTCOMES: dict[str, DrillResult | CampaignResult] = {
    "passed": PASSED,
    "failed": FAILED,
    "aborted": ABORTED,
    "never recovered": NEVER,
    "campaign": CAMPAIGN,
    "campaign of nothing": summarise([ABORTED, ABORTED]),
}


def hostile() -> DrillResult:
    """Return a failed drill with text that would break out of any report that does not escape it."""
    lag = tuple(replace(sample, node=HOSTILE.translate({0: None, 27: None})) for sample in FAILED.lag)
    return replace(
        FAILED,
        scenario=HOSTILE,
        stack=HOSTILE,
        drill_id=HOSTILE,
        reasons=(HOSTILE,),
        warnings=(HOSTILE,),
        fault=replace(FAILED.fault, target=HOSTILE, evidence=HOSTILE),
        software={HOSTILE: HOSTILE},
        images={HOSTILE: HOSTILE},
        not_proven=(HOSTILE,),
        operator=None,
        replication=None,
        exchange=None,
        lag=lag,
    )
