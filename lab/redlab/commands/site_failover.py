"""The site failover as a command: its steps listed (dry run), practised (pause) or done."""

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
class How:
    """How a procedure is gone through: only shown, with a pause before each step, and how its outcome is printed."""

    dry_run: bool
    pause: bool
    output: Format


def run(lab: Laboratory, action: str, site: str | None, how: How, *, planned: bool, force: bool = False) -> None:
    """Go through the steps that bring everything to ``site`` (by default the one that is not active).

    Who went through to the end, and moved something, has practised it.
    """
    target = site or _other_site(lab)
    done = go_through(action, target, two_instances.steps(lab, target, planned=planned, force=force), how)
    if any(not step.skipped for step in done):
        guided = ", guided" if how.pause else ""
        practice.add(lab.inventory, f"{action}{guided}", target, sum(step.seconds for step in done))


def go_through(action: str, target: str, steps: list[procedure.Step], how: How) -> list[procedure.Done]:
    """Go through the steps of an action; returns those that were gone through, none in a dry run."""
    pause, output = how.pause, how.output
    if how.dry_run:
        planned = _preview(steps)
        if output is Format.JSON:
            print_json([{"step": n, "description": d, "state": s} for n, d, s in planned])
        else:
            print_table(f"{action} to {target}, dry run", ("step", "what it does", "now"), planned)
        return []

    def before(step: procedure.Step) -> None:
        say(f"{step.name}: {step.description}")
        if pause:
            typer.confirm("go on?", default=True, abort=True, err=True)

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
    """Name, description and state of each step. Raises RedlabError for what none of the steps before would change."""
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
        raise RedlabError(f"to which site? name it with --to: {', '.join(lab.inventory.data_centers)}")
    return others[0]
