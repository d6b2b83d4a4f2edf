"""Run the benches: `python -m bench`. Progress goes to standard error, the results to standard output and FILE."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bench import deploy, event_exchange, goals, ingest, machine, marginal, memory, site_links, soak, table
from bench.bench_stack import bench_stack
from redlab.errors import RedlabError
from redlab.output import Format, print_json, say

USUAL = ("marginal", "deploy", "ingest", "memory", "distributed", "continuity")
BENCHES = (*USUAL, "soak")


def main(
    *,
    repeat: Annotated[int, typer.Option(min=1, help="Repetitions of each timed step; medians are compared.")] = 3,
    only: Annotated[
        list[str] | None, typer.Option(help=f"Run only these of {', '.join(BENCHES)}; the last one runs only if named.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="How results are printed.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(help="Also write the results to this file, as JSON.")] = None,
    fail_on_missed: Annotated[bool, typer.Option("--fail-on-missed", help="Exit with 1 if a goal was missed.")] = False,
) -> None:
    """Measure deployment, ingest, memory and links between sites; each ratio is to a baseline of the same run."""
    chosen = set(only or USUAL)
    if unknown := chosen - set(BENCHES):
        raise typer.BadParameter(f"no bench {', '.join(sorted(unknown))}; there are: {', '.join(BENCHES)}")
    # SIGTERM ends the bench like an interruption from the keyboard: everything is removed first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results: dict[str, Any] = {"machine": machine.describe(), "repeat": repeat}
    if "marginal" in chosen:
        results["marginal"] = marginal.measure(repeat)
    if chosen & {"deploy", "ingest", "memory"}:
        _on_stack(results, chosen, repeat)
    if "distributed" in chosen:
        with bench_stack("distributed-ha") as stack:
            deployed = deploy.measure(stack, repeat)
            results["distributed"] = {"deploy": deployed, "links": site_links.measure(stack.lab().inventory)}
    if "continuity" in chosen:
        with bench_stack("business-continuity") as stack:
            deployed = deploy.measure(stack, repeat)
            inventory = stack.lab().inventory
            results["continuity"] = {
                "deploy": deployed,
                "exchange": event_exchange.measure(inventory),
                "memory": memory.measure(inventory),
            }
    if "soak" in chosen:
        with bench_stack("ha") as stack:
            stack.redlab_up()
            stack.override({"retentionSeconds": soak.RETENTION_SECONDS})
            stack.redlab_up()
            results["soak"] = soak.measure(stack.lab().inventory)
    evaluations = goals.evaluate(results)
    results["goals"] = [asdict(evaluation) for evaluation in evaluations]
    if out:
        out.write_text(json.dumps(results, indent=2) + "\n")
    if output is Format.JSON:
        print_json(results)
    else:
        table.show(results)
    if fail_on_missed and goals.missed(evaluations):
        sys.exit(1)


def _on_stack(results: dict[str, Any], chosen: set[str], repeat: int) -> None:
    with bench_stack("ha") as stack:
        steps: dict[str, Callable[[], dict[str, Any]]] = {
            "ingest": lambda: ingest.measure(stack.lab()),
            "memory": lambda: memory.measure(stack.lab().inventory),
        }
        if "deploy" in chosen:
            results["deploy"] = deploy.measure(stack, repeat)
        else:
            stack.redlab_up()
        for name, step in steps.items():
            if name in chosen:
                results[name] = step()


if __name__ == "__main__":
    try:
        typer.run(main)
    except RedlabError as error:
        say(f"bench: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        say("bench: interrupted; what it had made is removed")
        sys.exit(2)
