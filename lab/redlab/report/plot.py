"""Plots as SVG text: timeline, spread, sensitivity, matrix. The colours suit colour-blind readers."""

from __future__ import annotations

import io
import re
from itertools import cycle
from typing import TYPE_CHECKING, Any

from redlab.measure.history import Operation
from redlab.measure.record import DrillRecord
from redlab.measure.result import DrillResult
from redlab.results.campaign import CampaignResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from redlab.results.sensitivity import Cell

OUTCOMES = {"ok": ("#0072B2", "."), "fail": ("#D55E00", "x"), "unknown": ("#E69F00", "+")}
PHASE_COLOURS = ("#56B4E9", "#F0E442", "#CC79A7", "#009E73", "#E69F00", "#999999")
NODE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""Without yellow, whose lines are invisible on white."""
BIN_SECONDS = 0.25
NEVER = "#D55E00"
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
"""XML namespaces, not addresses: nothing is loaded from them."""


def timeline(outcome: DrillResult, record: DrillRecord | None) -> str:
    """Plot the latency of every operation, throughput and processing lag over the time since the fault.

    Without a record only the lag is plotted. Empty without a fault.
    """
    with _settings():
        return _timeline(outcome, [op for history in record.histories for op in history.operations] if record else [])


def _timeline(outcome: DrillResult, operations: list[Operation]) -> str:
    if outcome.timeline is None:
        return ""
    fault_at = outcome.timeline.fault_at
    if operations:
        figure, axes = _figure(3, (10, 8), [3, 1.3, 1.3])
        _latency(axes[0], operations, fault_at)
        _throughput(axes[1], operations, fault_at)
    else:
        figure, axes = _figure(1, (10, 3), [1])
    _lag(axes[-1], outcome, fault_at)
    for index, ax in enumerate(axes):
        _marks(ax, outcome, fault_at, named=index == 0)
    axes[-1].set_xlabel("seconds since the fault")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=5, fontsize="small")
    return _svg(figure)


def picture(svg: str) -> str:
    """Return a plot as a stand-alone SVG file with a white background."""
    whole = svg.replace("<svg", f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}" style="background: white"', 1)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{whole}'


def spread(outcome: CampaignResult) -> str:
    """Plot the recovery times of all runs by service, with objective and bound. Aborted runs are omitted."""
    with _settings():
        return _spread(outcome)


def _spread(outcome: CampaignResult) -> str:
    figure, (ax,) = _figure(1, (10, 3.2), [1])
    services = ("collection", "user", "processing")
    for row, service in enumerate(services):
        counted = [run.measured for run in outcome.runs if run.measured and run.verdict != "aborted"]
        values = [getattr(measured, f"{service}_rto_seconds") for measured in counted]
        known = [value for value in values if value is not None]
        if known:
            ax.boxplot([known], positions=[row], orientation="horizontal", widths=0.5, showfliers=False)
        ax.plot(known, [row] * len(known), "o", alpha=0.5, color="#0072B2", label="run" if row == 0 else None)
        never = len(values) - len(known)
        if never:
            ax.text(1.01, row, f"{never} never", transform=ax.get_yaxis_transform(), va="center", color=NEVER)
    first = outcome.runs[0]
    ax.axvline(first.objectives.rto_seconds, color="#D55E00", label="objective")
    for number, bound in enumerate(first.predicted.services):
        row = services.index(bound.service)
        label = "predicted at most" if number == 0 else None
        ax.plot([bound.rto_seconds] * 2, [row - 0.4, row + 0.4], color="#009E73", linestyle="--", label=label)
    ax.set_yticks(range(len(services)), services)
    ax.set_xlabel("recovery time in seconds")
    ax.set_xlim(left=0)
    ax.set_ylim(-0.6, len(services) - 0.4)
    figure.legend(loc="outside upper center", ncols=3, fontsize="small")
    return _svg(figure)


def sensitivity(cells: Sequence[Cell]) -> str:
    """Plot the worst recovery time and the most lost events over the round trip, one line for each load."""
    with _settings():
        figure, axes = _figure(2, (10, 6), [1, 1])
        for colour, load in zip(cycle(NODE_COLOURS), sorted({cell.events_per_second for cell in cells}), strict=False):
            own = [cell for cell in cells if cell.events_per_second == load]
            places = [cell.round_trip_milliseconds for cell in own]
            for ax, values in (
                (axes[0], [cell.rto_worst_seconds for cell in own]),
                (axes[1], [cell.lost_events_worst for cell in own]),
            ):
                known = [(place, value) for place, value in zip(places, values, strict=True) if value is not None]
                if known:
                    ax.plot(*zip(*known, strict=True), "o-", color=colour, label=f"{load:g} events/s")
        axes[0].set_ylabel("worst recovery time\nin seconds")
        axes[1].set_ylabel("most lost events")
        axes[1].set_xlabel("round trip between the sites in milliseconds")
        for ax in axes:
            ax.set_ylim(bottom=0)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=5, fontsize="small")
        return _svg(figure)


def matrix(campaigns: Sequence[CampaignResult]) -> str:
    """Plot the recovery times of each campaign with its predicted bound, one row per campaign."""
    with _settings():
        figure, (ax,) = _figure(1, (10, 0.8 + 0.28 * len(campaigns)), [1])
        for row, campaign in enumerate(campaigns):
            runs = [run.measured.rto_seconds for run in campaign.runs if run.measured and run.verdict != "aborted"]
            known = [seconds for seconds in runs if seconds is not None]
            first = row == 0
            ax.plot(known, [row] * len(known), "o", color="#0072B2", alpha=0.6, label="measured" if first else None)
            bound = campaign.runs[0].predicted.rto_seconds
            label = "predicted at most" if first else None
            ax.plot([bound] * 2, [row - 0.4, row + 0.4], color="#009E73", label=label)
            if len(known) < len(runs):
                text = f"{len(runs) - len(known)} never"
                ax.text(1.01, row, text, transform=ax.get_yaxis_transform(), va="center", color=NEVER)
        ax.set_yticks(range(len(campaigns)), [campaign.scenario for campaign in campaigns])
        ax.invert_yaxis()
        ax.set_xlim(left=0)
        ax.set_xlabel("recovery time of the worst service, in seconds")
        figure.legend(loc="outside upper center", ncols=2, fontsize="small")
        return _svg(figure)


def _settings() -> AbstractContextManager[None]:
    import matplotlib as mpl

    # A fixed salt makes the text reproducible. A dollar sign in a name must not start a formula.
    return mpl.rc_context({"svg.hashsalt": "redlab", "text.parse_math": False})


def _figure(rows: int, size: tuple[float, float], ratios: list[float]) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure as NewFigure

    figure = NewFigure(figsize=size, layout="constrained")
    grid: Any = figure.subplots(rows, 1, sharex=True, squeeze=False, height_ratios=ratios)
    return figure, [row[0] for row in grid]


def _svg(figure: Figure) -> str:
    """Return the figure as SVG for embedding in HTML, without namespaces, which HTML does not need."""
    buffer = io.StringIO()
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=metadata)
    text = buffer.getvalue()
    return re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", text[text.index("<svg") :])


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
    ax.yaxis.set_major_formatter("{x:g}")
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
    for colour, node in zip(cycle(NODE_COLOURS), sorted({sample.node for sample in outcome.lag}), strict=False):
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
    healed_at = outcome.timeline.healed_at if outcome.timeline else None
    if heal_at is not None:
        ax.axvline(heal_at - fault_at, color="#009E73", linestyle="--", label="heal" if named else None)
    if healed_at is not None:
        ax.axvline(healed_at - fault_at, color="#009E73", linestyle=":", label="healed" if named else None)
