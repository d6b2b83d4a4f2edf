"""The command that breaks a lab on purpose and measures what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from redlab import logbook, practice
from redlab.commands.arguments import StackArgument, finite
from redlab.drills import scenarios
from redlab.drills.element_scenarios import ELEMENT_SCENARIOS, aimed, named
from redlab.drills.load_settings import LoadSettings
from redlab.drills.scenario import Scenario
from redlab.durations import duration
from redlab.errors import DrillInterruptedError, RedlabError
from redlab.inventory import Inventory
from redlab.laboratory import Laboratory, open_lab
from redlab.measure.analysis import analyse
from redlab.measure.campaign import CampaignResult, summarise
from redlab.measure.record import DrillRecord
from redlab.measure.result import DrillResult
from redlab.measure.verdict import EXIT_CODES
from redlab.output import Format, heed_interruptions, print_json, print_table, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(drill)


def drill(
    stack: StackArgument = "ha",
    scenario: Annotated[str | None, typer.Argument(help="What to break; see --list.")] = None,
    *,
    list_scenarios: Annotated[bool, typer.Option("--list", help="List the scenarios.")] = False,
    node: Annotated[str | None, typer.Option(help="Which node fails, in node-crash, node-hang, node-cut.")] = None,
    link: Annotated[str | None, typer.Option(help="Which link fails, in link-cut.")] = None,
    site: Annotated[str | None, typer.Option(help="Which site fails, in site-crash, site-hang, site-cut.")] = None,
    runs: Annotated[
        int, typer.Option(min=1, max=1000, help="How many times; more than one gives median and worst.")
    ] = 1,
    output: Annotated[Format, typer.Option("--format", help="How to print the result.")] = Format.TABLE,
    report: Annotated[
        Path | None,
        typer.Option(help="Folder for result.json, junit.xml, report.html and timeline.svg.", file_okay=False),
    ] = None,
    events_per_second: Annotated[
        float, typer.Option(callback=finite, min=5, max=2000, help="Events that collectors send.")
    ] = 50,
    operator_delay: Annotated[
        str | None, typer.Option(help="What people take before they act: 90s, 15m, 2h; by default the scenario's.")
    ] = None,
    time_scale: Annotated[
        float,
        typer.Option(callback=finite, min=1, help="So many seconds of that delay pass in one second of the drill."),
    ] = 1,
    users_per_second: Annotated[
        float, typer.Option(callback=finite, min=5, max=2000, help="Requests that users make.")
    ] = 25,
    allow_drift: Annotated[
        bool, typer.Option("--allow-drift", help="With twin instances: go on although they differ (`redlab drift`).")
    ] = False,
) -> None:
    """Run a drill: break the lab under load, measure RTO and RPO, heal it.

    Exit codes: 0 passed, 1 an objective was missed, 2 aborted (it proves nothing) or bad usage.
    """
    if list_scenarios:
        _list(output)
        return
    if scenario is None:
        names = [one.name for one in (*scenarios.SCENARIOS, *ELEMENT_SCENARIOS)]
        raise RedlabError(f"which scenario? there are: {', '.join(names)}")
    scenarios.known(scenario)
    lab = open_lab(stack)
    chosen = _chosen(lab.inventory, scenario, {"node": node, "link": link, "site": site})
    if allow_drift and not lab.inventory.twins:
        raise RedlabError(f"lab {stack} ({lab.inventory.pattern}) has no twin instances; leave out --allow-drift")
    if operator_delay is not None:
        try:
            chosen = chosen.with_operator(duration(operator_delay), time_scale)
        except ValueError as error:
            raise RedlabError(f"--operator-delay: {error}") from None
    heed_interruptions()  # a terminated drill heals like an interrupted one
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


def _chosen(inventory: Inventory, name: str, given: Mapping[str, str | None]) -> Scenario:
    """Return the scenario of this name, aimed at the element that is ``given`` by its kind if it needs one."""
    scenario = named(name)
    kind = scenario.target.name.lower() if scenario else ""
    for other, element in given.items():
        if element is not None and other != kind:
            raise RedlabError(f"{name} hits no {other} that is named; leave out --{other}")
    return aimed(inventory, scenario, given[kind]) if scenario else scenarios.find(name, inventory.pattern)


def run_once(
    lab: Laboratory, scenario: Scenario, load: LoadSettings, prefix: str, *, allow_drift: bool = False
) -> tuple[DrillRecord, DrillResult]:
    """Run a drill once, saying its progress after ``prefix``, and enter it in the logbook.

    A passed recovery procedure counts as practised.

    Raises DrillInterruptedError when it is interrupted: the lab is healed then.
    """
    from redlab.drills.assembly import assemble
    from redlab.drills.runner import Drill
    from redlab.drills.twin_drill import TwinDrill

    def tell(text: str) -> None:
        say(f"{prefix}{text}")

    twins = lab.inventory.twins
    drill = TwinDrill(lab, scenario, load, tell, allow_drift) if twins else Drill(lab, scenario, load, tell)
    try:
        seen = drill.run()
    except KeyboardInterrupt:
        raise DrillInterruptedError("interrupted; the lab is healed") from None
    record = assemble(seen, lab.inventory)
    result = analyse(record)
    logbook.add(result)
    if scenario.practises_failover and result.verdict == "passed":
        measured = result.measured.rto_seconds if result.measured else None
        practice.add(lab.inventory, f"drill {scenario.title}", "", measured or 0.0)
    return record, result


def line(outcome: DrillResult) -> str:
    """Return a drill's outcome in one line."""
    measured = outcome.measured
    if measured is None or measured.rto_seconds is None:
        return f"{outcome.verdict}: {'; '.join(outcome.reasons)}"
    return (
        f"{outcome.verdict}: RTO {measured.rto_seconds:.2f} s (users {measured.user_rto_seconds:.2f} s, predicted at "
        f"most {outcome.predicted.rto_seconds:.2f} s), {measured.lost_events} of {measured.acknowledged_events} lost"
        + (f"; {outcome.fault.target} is {outcome.single_point}" if outcome.single_point else "")
    )


def _list(output: Format) -> None:
    found = (*scenarios.SCENARIOS, *ELEMENT_SCENARIOS)
    if output is Format.JSON:
        print_json(
            [
                {
                    "scenario": s.name,
                    "summary": s.summary,
                    "automatic_failover": s.automatic_failover,
                    "patterns": s.patterns,
                }
                for s in found
            ]
        )
        return
    rows = [(s.name, s.summary, "on" if s.automatic_failover else "off", "\n".join(s.patterns)) for s in found]
    print_table("", ("scenario", "what happens", "automatic failover", "patterns"), rows)


def _print(outcome: DrillResult | CampaignResult, output: Format) -> None:
    from redlab.measure.documents import to_document

    if output is Format.JSON:
        print_json(to_document(outcome))
        return
    from redlab.report import text

    text.show(outcome)


def _write(outcome: DrillResult | CampaignResult, folder: Path, records: Sequence[DrillRecord]) -> None:
    from redlab.report import files

    for path in files.write(outcome, folder, records):
        say(f"written: {path}")
