"""`redlab drill`: injects a fault into a lab under load, and measures RTO and RPO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from redlab.commands.arguments import duration_option, finite, topologies, topology_of
from redlab.control.lab import Laboratory, open_lab
from redlab.drills import scenarios
from redlab.drills.element_scenarios import ELEMENT_SCENARIOS, aimed, elements, named
from redlab.drills.load_settings import LoadSettings
from redlab.drills.matrix import runnable
from redlab.drills.scenario import Scenario
from redlab.errors import DrillInterruptedError, RedlabError
from redlab.measure.analysis import analyse
from redlab.measure.record import DrillRecord
from redlab.measure.result import DrillResult
from redlab.measure.verdict import EXIT_CODES
from redlab.model.inventory import Inventory, parse
from redlab.output import Format, heed_interruptions, print_json, print_table, say
from redlab.results import logbook, practice
from redlab.results.campaign import CampaignResult, summarise
from redlab.stack.declaration import planned_inventory
from redlab.stack.pulumi import stacks_up
from redundancy.reading import DocumentError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(drill)


def drill(
    stack: Annotated[
        str,
        typer.Argument(
            metavar="STACK",
            help="The stack, for example `ha`. `--list` alone lists the scenarios of all patterns.",
            show_default=False,
            autocompletion=topologies,
        ),
    ] = "",
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="The scenario to run; see --list.", autocompletion=_scenario_names),
    ] = None,
    *,
    list_scenarios: Annotated[
        bool, typer.Option("--list", help="List the scenarios of the stack. The lab does not have to be up.")
    ] = False,
    node: Annotated[str | None, typer.Option(help="The node that fails, for node-crash, node-hang, node-cut.")] = None,
    link: Annotated[str | None, typer.Option(help="The link that fails, for link-cut.")] = None,
    site: Annotated[str | None, typer.Option(help="The site that fails, for site-crash, site-hang, site-cut.")] = None,
    runs: Annotated[
        int, typer.Option(min=1, max=1000, help="How often to run the drill. Several runs give median and worst.")
    ] = 1,
    output: Annotated[Format, typer.Option("--format", help="How to print the result or the list.")] = Format.TABLE,
    report: Annotated[
        Path | None,
        typer.Option(help="The folder for result.json, junit.xml, report.html and timeline.svg.", file_okay=False),
    ] = None,
    events_per_second: Annotated[
        float, typer.Option(callback=finite, min=5, max=2000, help="How many events collectors send a second.")
    ] = 50,
    operator_delay: Annotated[
        float | None,
        duration_option(help="How long the operator takes to react: 90s, 15m, 1h30m. By default the scenario's delay."),
    ] = None,
    time_scale: Annotated[
        float,
        typer.Option(callback=finite, min=1, help="The factor by which the drill shortens the operator's delay."),
    ] = 1,
    users_per_second: Annotated[
        float, typer.Option(callback=finite, min=5, max=2000, help="How many requests users make a second.")
    ] = 25,
    allow_drift: Annotated[
        bool,
        typer.Option("--allow-drift", help="Run the drill even if active-active instances differ (`redlab drift`)."),
    ] = False,
) -> None:
    """Run a drill: inject a fault under load, measure RTO and RPO, and heal the lab.

    Exit code 1: an objective was missed. Exit code 3: the drill was aborted and proves nothing.
    """
    if list_scenarios:
        _list(stack, output)
        return
    if not stack:
        raise RedlabError(
            "drill: which stack, and which scenario? `redlab drill STACK SCENARIO`, for example "
            "`redlab drill ha dps-crash`; `redlab drill STACK --list` lists the scenarios of a stack"
        )
    if scenario is None:
        raise RedlabError(_no_scenario(stack))
    scenarios.known(scenario)
    lab = open_lab(stack)
    chosen = _chosen(lab.inventory, scenario, {"node": node, "link": link, "site": site})
    if allow_drift and not lab.inventory.active_active:
        raise RedlabError(f"lab {stack} ({lab.inventory.pattern}) has no active-active instances; omit --allow-drift")
    if operator_delay is not None:
        try:
            chosen = chosen.with_operator(operator_delay, time_scale)
        except ValueError as error:
            raise RedlabError(f"--operator-delay: {error}") from None
    heed_interruptions()  # a drill that gets SIGTERM heals the lab as after Ctrl-C
    records: list[DrillRecord] = []
    results: list[DrillResult] = []
    for number in range(1, runs + 1):
        prefix = f"run {number}/{runs}: " if runs > 1 else ""
        load = LoadSettings(events_per_second=events_per_second, users_per_second=users_per_second)
        record, result = run_once(lab, chosen, load, prefix, allow_drift=allow_drift)
        records.append(record)
        results.append(result)
        if runs > 1:
            say(f"{prefix}{line(result)}")
    outcome = results[0] if runs == 1 else summarise(results)
    _print(outcome, output)
    if report:
        _write(outcome, report, records)
    raise typer.Exit(EXIT_CODES[outcome.verdict])


def _no_scenario(stack: str) -> str:
    """Return the message for a single argument: the scenario is missing, or the stack if the argument is a scenario."""
    every = {one.name: one for one in _every_scenario()}
    if stack in every and stack not in topologies():
        up = stacks_up()
        example = up[0] if len(up) == 1 else _example(every[stack])
        others = f"; these labs are up: {', '.join(up)}" if len(up) > 1 else ""
        return f"drill {stack}: the stack is missing: `redlab drill {example} {stack}`{others}"
    names = [one.name for one in _able(stack)]
    return f"drill {stack}: which scenario? `redlab drill {stack} SCENARIO`; there are: {', '.join(names)}"


def _example(scenario: Scenario) -> str:
    """Return the name of a topology in stacks/ that can run a scenario."""
    return next((name for name in ("ha", *topologies()) if scenario in _able(name)), "STACK")


def _every_scenario() -> tuple[Scenario, ...]:
    return (*scenarios.SCENARIOS, *ELEMENT_SCENARIOS)


def _scenario_names(ctx: typer.Context) -> list[str]:
    """Return the completions of SCENARIO: the scenarios of the STACK before it, else all."""
    with suppress(RedlabError, DocumentError):
        return [one.name for one in _able(str(ctx.params.get("stack") or ""))]
    return [one.name for one in _every_scenario()]


def _able(stack: str) -> list[Scenario]:
    """Return the scenarios that a stack can run, according to its declared topology."""
    inventory = parse(planned_inventory(topology_of(stack)))
    return [*runnable(inventory), *(one for one in ELEMENT_SCENARIOS if elements(inventory, one))]


def _chosen(inventory: Inventory, name: str, given: Mapping[str, str | None]) -> Scenario:
    """Return the scenario of this name. One that needs an element is aimed at ``given[kind of element]``."""
    scenario = named(name)
    kind = scenario.target.element if scenario else ""
    for other, element in given.items():
        if element is not None and other != kind:
            raise RedlabError(f"{name} does not take a {other}; omit --{other}")
    return aimed(inventory, scenario, given[kind]) if scenario else scenarios.find(name, inventory.pattern)


def run_once(
    lab: Laboratory, scenario: Scenario, load: LoadSettings, prefix: str, *, allow_drift: bool = False
) -> tuple[DrillRecord, DrillResult]:
    """Run a drill once, print its progress with ``prefix``, and add its result to the logbook.

    A passed drill of a recovery procedure counts as practice of that procedure.

    Raises DrillInterruptedError when the user interrupts the drill, after the lab has been healed.
    """
    from redlab.drills.assembly import assemble
    from redlab.drills.runner import Drill
    from redlab.drills.twin_drill import TwinDrill

    def tell(text: str) -> None:
        say(f"{prefix}{text}")

    twins = lab.inventory.active_active
    drill = TwinDrill(lab, scenario, load, tell, allow_drift) if twins else Drill(lab, scenario, load, tell)
    try:
        seen = drill.run()
    except KeyboardInterrupt:
        raise DrillInterruptedError("interrupted; the lab has been healed") from None
    record = assemble(seen, lab.inventory)
    result = analyse(record)
    logbook.add(result)
    if scenario.practises_failover and result.verdict == "passed":
        measured = result.measured.rto_seconds if result.measured else None
        practice.add(lab.inventory, f"drill {scenario.title}", "", measured or 0.0)
    return record, result


def line(outcome: DrillResult) -> str:
    """Return a drill's outcome as one line."""
    measured = outcome.measured
    if measured is None or measured.rto_seconds is None:
        return f"{outcome.verdict}: {'; '.join(outcome.reasons)}"
    return (
        f"{outcome.verdict}: RTO {measured.rto_seconds:.2f} s (users {measured.user_rto_seconds:.2f} s, predicted at "
        f"most {outcome.predicted.rto_seconds:.2f} s), {measured.lost_events} of {measured.acknowledged_events} lost"
        + (f"; {outcome.fault.target} is {outcome.single_point}" if outcome.single_point else "")
    )


def _list(stack: str, output: Format) -> None:
    found = _able(stack) if stack else _every_scenario()
    if output is Format.JSON:
        print_json(
            [
                {
                    "scenario": s.name,
                    "summary": s.summary,
                    "fault": s.fault.name,
                    "target": s.target.words,
                    "automatic_failover": s.automatic_failover,
                    "patterns": s.patterns,
                }
                for s in found
            ]
        )
        return
    if stack:
        print_table(f"{stack}: scenarios", ("scenario", "what happens"), [(s.name, s.summary) for s in found])
        return
    rows = [(s.name, s.summary, "\n".join(s.patterns)) for s in found]
    print_table("Scenarios of all patterns", ("scenario", "what happens", "patterns"), rows)


def _print(outcome: DrillResult | CampaignResult, output: Format) -> None:
    from redlab.results.documents import to_document

    if output is Format.JSON:
        print_json(to_document(outcome))
        return
    from redlab.report import text

    text.show(outcome)


def _write(outcome: DrillResult | CampaignResult, folder: Path, records: Sequence[DrillRecord]) -> None:
    from redlab.report import files

    for path in files.write(outcome, folder, records):
        say(f"written: {path}")
