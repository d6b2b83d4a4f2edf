"""The timeline of a drill, and the spread of a campaign, as SVG text. The colours are safe for the colour-blind."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from redlab.measure.campaign import CampaignResult
from redlab.measure.history import Operation
from redlab.measure.record import DrillRecord
from redlab.measure.result import DrillResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OUTCOMES = {"ok": ("#0072B2", "."), "fail": ("#D55E00", "x"), "unknown": ("#E69F00", "+")}
PHASE_COLOURS = ("#56B4E9", "#F0E442", "#CC79A7", "#009E73", "#E69F00", "#999999")
BIN_SECONDS = 0.25


def timeline(outcome: DrillResult, record: DrillRecord) -> str:
    """Plot latency of every operation, throughput and processing lag over the time since the fault."""
    if outcome.timeline is None:
        return ""
    figure, axes = _figure(3, (10, 8), [3, 1.3, 1.3])
    fault_at = outcome.timeline.fault_at
    operations = [op for history in record.histories for op in history.operations]
    _latency(axes[0], operations, fault_at)
    _throughput(axes[1], operations, fault_at)
    _lag(axes[2], outcome, fault_at)
    for index, ax in enumerate(axes):
        _marks(ax, outcome, fault_at, named=index == 0)
    axes[-1].set_xlabel("seconds since the fault")
    return _svg(figure)


def spread(outcome: CampaignResult) -> str:
    """Plot every run's recovery times by service, against objective and bound."""
    figure, (ax,) = _figure(1, (10, 3.2), [1])
    services = ("collection", "user", "processing")
    for row, service in enumerate(services):
        values = [getattr(run.measured, f"{service}_rto_seconds") for run in outcome.runs if run.measured]
        known = [value for value in values if value is not None]
        ax.plot(known, [row] * len(known), "o", alpha=0.5, color="#0072B2")
    first = outcome.runs[0]
    ax.axvline(first.objectives.rto_seconds, color="#D55E00", label="objective")
    ax.axvline(first.predicted.rto_seconds, color="#009E73", linestyle="--", label="predicted at most")
    ax.set_yticks(range(len(services)), services)
    ax.set_xlabel("recovery time in seconds")
    ax.set_xlim(left=0)
    ax.legend(loc="best")
    return _svg(figure)


def _figure(rows: int, size: tuple[float, float], ratios: list[float]) -> tuple[Figure, list[Axes]]:
    import matplotlib as mpl
    from matplotlib.figure import Figure as NewFigure

    # The same drill gives the same text.
    mpl.rcParams["svg.hashsalt"] = "redlab"
    figure = NewFigure(figsize=size, layout="constrained")
    grid: Any = figure.subplots(rows, 1, sharex=True, squeeze=False, height_ratios=ratios)
    return figure, [row[0] for row in grid]


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _latency(ax: Axes, operations: list[Operation], fault_at: float) -> None:
    for outcome, (colour, marker) in OUTCOMES.items():
        found = [op for op in operations if op.outcome == outcome]
        ax.plot(
            [op.scheduled - fault_at for op in found],
            [max(op.latency_seconds, 0.0001) for op in found],
            marker,
            color=colour,
            markersize=4,
            label=f"{outcome} ({len(found)})",
        )
    ax.set_yscale("log")
    ax.set_ylabel("latency in seconds,\nfrom the scheduled time")


def _throughput(ax: Axes, operations: list[Operation], fault_at: float) -> None:
    counts: dict[int, int] = {}
    for op in operations:
        if op.outcome == "ok":
            slot = int((op.completed - fault_at) // BIN_SECONDS)
            counts[slot] = counts.get(slot, 0) + 1
    slots = range(min(counts, default=0), max(counts, default=0) + 1)
    rates = [counts.get(slot, 0) / BIN_SECONDS for slot in slots]
    ax.step([slot * BIN_SECONDS for slot in slots], rates, where="post", color="#0072B2")
    ax.set_ylabel("successes\nper second")
    ax.set_ylim(bottom=0)


def _lag(ax: Axes, outcome: DrillResult, fault_at: float) -> None:
    for colour, node in zip(PHASE_COLOURS, sorted({sample.node for sample in outcome.lag}), strict=False):
        samples = [sample for sample in outcome.lag if sample.node == node]
        ax.plot([s.at - fault_at for s in samples], [s.pending_events for s in samples], color=colour, label=node)
    ax.set_ylabel("events waiting\nin gateways")
    ax.set_ylim(bottom=0)
    if outcome.lag:
        ax.legend(loc="upper right", fontsize="small")


def _marks(ax: Axes, outcome: DrillResult, fault_at: float, *, named: bool) -> None:
    start = 0.0
    for colour, phase in zip(PHASE_COLOURS, outcome.phases, strict=False):
        label = f"{phase.name} {phase.seconds:.2f} s" if named else None
        ax.axvspan(start, start + phase.seconds, color=colour, alpha=0.25, linewidth=0, label=label)
        start += phase.seconds
    ax.axvline(0, color="#D55E00", label="fault" if named else None)
    heal_at = outcome.timeline.heal_at if outcome.timeline else None
    if heal_at is not None:
        ax.axvline(heal_at - fault_at, color="#009E73", linestyle="--", label="heal" if named else None)
    if named:
        ax.legend(loc="upper right", fontsize="small", ncols=2)
