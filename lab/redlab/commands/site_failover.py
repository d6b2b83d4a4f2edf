"""Carrying out a procedure for a command: as a dry run, with a pause before each step, or straight through."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import typer

from redlab.control import global_load_balancer
from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.output import Format, print_json, print_table, say
from redlab.recovery import procedure, two_instances
from redlab.results import practice

TO_DO = "to do"


@dataclass(frozen=True)
class ProcedureOptions:
    """Options of a command that carries out a procedure."""

    dry_run: bool
    pause: bool
    output: Format


def run(
    lab: Laboratory, action: str, site: str | None, options: ProcedureOptions, *, planned: bool, force: bool = False
) -> None:
    """Carry out the steps that move everything to ``site`` (by default the site that is not active).

    A completed procedure that moved something counts as practice.
    """
    target = site or _other_site(lab)
    done = carry_out(action, target, two_instances.steps(lab, target, planned=planned, force=force), options)
    if any(not step.skipped for step in done):
        guided = ", guided" if options.pause else ""
        practice.add(lab.inventory, f"{action}{guided}", target, sum(step.seconds for step in done))


def carry_out(action: str, target: str, steps: list[procedure.Step], options: ProcedureOptions) -> list[procedure.Done]:
    """Carry out the steps of an action. Returns the completed steps; none after a dry run."""
    pause, output = options.pause, options.output
    if options.dry_run:
        planned = _preview(steps)
        if output is Format.JSON:
            print_json([{"step": n, "description": d, "state": s} for n, d, s in planned])
        else:
            print_table(f"{action} to {target}, dry run", ("step", "what it does", "now"), planned)
        return []

    def before(step: procedure.Step) -> None:
        say(f"{step.name}: {step.description}")
        if pause:
            typer.confirm("continue?", default=True, abort=True, err=True)

    done = procedure.perform(steps, before)
    total_seconds = sum(step.seconds for step in done)
    if output is Format.JSON:
        print_json(
            {
                "action": action,
                "to": target,
                "seconds": round(total_seconds, 3),
                "steps": [{**asdict(step), "seconds": round(step.seconds, 3)} for step in done],
            }
        )
        return done
    rows = [(step.name, f"{step.seconds:.2f}", step.skipped or "done") for step in done]
    print_table(f"{action} to {target}", ("step", "seconds", "result"), [*rows, ("total", f"{total_seconds:.2f}", "")])
    return done


def _preview(steps: list[procedure.Step]) -> list[tuple[str, str, str]]:
    """Return name, description and state of each step.

    A failing check raises RedlabError, unless an earlier step is still to do: that step may resolve the failure.
    """
    planned: list[tuple[str, str, str]] = []
    for step in steps:
        try:
            state = step.check() or TO_DO
        except RedlabError:
            if all(state != TO_DO for *_, state in planned):
                raise
            state = TO_DO
        planned.append((step.name, step.description, state))
    return planned


def _other_site(lab: Laboratory) -> str:
    active = global_load_balancer.active_site(lab.inventory)
    others = [site for site in lab.inventory.data_centers if site != active]
    if len(others) != 1:
        raise RedlabError(f"which site to move to? name it with --to: {', '.join(lab.inventory.data_centers)}")
    return others[0]
