"""`redlab advise`: which pattern satisfies given needs, with reasons, cost and simulated availability."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from redlab.advice.availability import Reliability, simulate
from redlab.advice.bounds import LEAST_YEARS, refuse_more_than_can_be_simulated
from redlab.advice.candidates import Candidate, candidates, counted_nodes
from redlab.advice.evidence import Predicted, measured
from redlab.advice.judgement import Judged, Verdict, advise
from redlab.advice.models import SERVER, SITE, Assumptions, system
from redlab.advice.needs import Needs
from redlab.commands import advice_report
from redlab.commands.arguments import FormatOption, duration_option, finite
from redlab.commands.needs import read_needs
from redlab.drills.assembly import predicted
from redlab.drills.load_settings import LoadSettings
from redlab.drills.matrix import runnable
from redlab.errors import RedlabError
from redlab.model.inventory import parse as parse_inventory
from redlab.output import Format, print_json, say
from redlab.results import logbook
from redlab.stack import checkout
from redundancy import inventory, loading, rules, topology_file
from redundancy.addressing import AddressPlan
from redundancy.loading import Source
from redundancy.naming import Names
from redundancy.rules.links import LIGHT_KILOMETERS_PER_ROUND_TRIP_MILLISECOND
from redundancy.topology import Topology

GREATEST_YEARS = 10_000_000
GREATEST_KILOMETERS = 20_000


@dataclass(frozen=True)
class _Plan:
    """A candidate with its topology."""

    candidate: Candidate
    source: Source
    topology: Topology


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("advise")(advise_command)


def advise_command(
    needs_file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A YAML file with the needs, by the names that `--format json` prints."),
    ] = None,
    *,
    rto: Annotated[str | None, typer.Option(help="How long users may be without service: 30s, 15m, 1h30m, 1d.")] = None,
    server_rto: Annotated[
        str | None, typer.Option(help="The RTO for the failure of one server. By default --rto.")
    ] = None,
    rpo: Annotated[str | None, typer.Option(help="How much of the latest data may be lost: 0, 5m, 2h.")] = None,
    sites: Annotated[int | None, typer.Option(help="How many data centers there are.")] = None,
    distance_km: Annotated[
        float | None, typer.Option(callback=finite, help="The distance between the data centers, in km.")
    ] = None,
    latency_ms: Annotated[
        float | None, duration_option(unit="ms", help="The round trip between the data centers, in ms.")
    ] = None,
    dedicated_fiber: Annotated[
        bool | None, typer.Option(help="Whether the link between the data centers is dedicated fiber.")
    ] = None,
    survive_site_loss: Annotated[
        bool | None, typer.Option(help="Whether the loss of a data center must be survived.")
    ] = None,
    survive_disaster: Annotated[
        bool | None, typer.Option(help="Whether the loss of a whole region must be survived.")
    ] = None,
    budget_nodes: Annotated[int | None, typer.Option(help="The largest number of servers.")] = None,
    manual_hours: Annotated[
        float | None, duration_option(unit="h", help="The most hours of manual work for one failover.")
    ] = None,
    duplicate_configuration: Annotated[
        bool | None, typer.Option(help="Whether you accept to maintain configuration and collectors twice.")
    ] = None,
    custom_integration: Annotated[
        bool | None, typer.Option(help="Whether you may write scripts between the instances and the service desk.")
    ] = None,
    equal_measurements: Annotated[
        bool | None, typer.Option(help="Whether all instances must show the same measurements, as for an audit.")
    ] = None,
    existing_ucmdb: Annotated[
        bool | None, typer.Option(help="Whether an external UCMDB is the system of record for topology.")
    ] = None,
    supported_only: Annotated[
        bool | None, typer.Option(help="Whether the pattern must be fully tested, documented and supported.")
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for each need that was not given.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Judge ranges by their worst end.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the recommended topology to this file.")] = None,
    years: Annotated[
        int, typer.Option(min=LEAST_YEARS, max=GREATEST_YEARS, help="How many years to simulate.")
    ] = 20_000,
    server_mtbf_hours: Annotated[
        float, duration_option(unit="h", least=1, help="A server's mean time between failures, in hours.")
    ] = SERVER.mtbf_hours,
    server_mttr_hours: Annotated[
        float, duration_option(unit="h", least=0.001, help="A server's mean time to repair, in hours.")
    ] = SERVER.mttr_hours,
    site_mtbf_hours: Annotated[
        float, duration_option(unit="h", least=1, help="A data center's mean time between failures, in hours.")
    ] = SITE.mtbf_hours,
    site_mttr_hours: Annotated[
        float, duration_option(unit="h", least=0.001, help="A data center's mean time to repair, in hours.")
    ] = SITE.mttr_hours,
    output: FormatOption = Format.TABLE,
) -> None:
    """Find the cheapest pattern that satisfies your needs, with every reason and its source.

    Each pattern is judged need by need, with and without High Availability in its instances. The advice states costs,
    and downtime and data loss per year. Exit code 1: no pattern satisfies all needs; the advice says which to relax.
    """
    given = {
        "rto": rto,
        "serverRto": server_rto,
        "rpo": rpo,
        "sites": sites,
        "distanceKilometers": distance_km,
        "latencyMilliseconds": latency_ms,
        "dedicatedFiber": dedicated_fiber,
        "surviveSiteLoss": survive_site_loss,
        "surviveDisaster": survive_disaster,
        "budgetNodes": budget_nodes,
        "manualHours": manual_hours,
        "duplicateConfiguration": duplicate_configuration,
        "customIntegration": custom_integration,
        "equalMeasurements": equal_measurements,
        "existingUcmdb": existing_ucmdb,
        "supportedOnly": supported_only,
    }
    needs = read_needs(needs_file, given, ask=ask)
    if write is not None:
        _refuse_unless_new(write)
    _warn_of_light(needs)
    plans = {plan.candidate.name: plan for plan in _plans(needs)}
    advice = advise(needs, ((p.candidate, counted_nodes(p.topology)) for p in plans.values()), strict=strict)
    assumptions = Assumptions(
        Reliability(server_mtbf_hours, server_mttr_hours), Reliability(site_mtbf_hours, site_mttr_hours)
    )
    refuse_more_than_can_be_simulated(assumptions, years)
    drills = logbook.read()
    lab = {name: (_predicted(plan.topology), measured(plan.topology.pattern, drills)) for name, plan in plans.items()}
    available = {
        name: simulate(system(plan.topology, plan.candidate, assumptions), years) for name, plan in plans.items()
    }
    if output is Format.JSON:
        print_json(advice_report.document(needs, advice, available, lab, assumptions))
    else:
        advice_report.show(advice, available, lab)
    if advice.recommended is None:
        raise typer.Exit(1)
    if write is not None:
        _write(write, advice.recommended, plans[advice.recommended.candidate.name])


def _refuse_unless_new(file: Path) -> None:
    """Raise RedlabError when the file to write exists, or its folder does not. Called before the simulation."""
    if os.path.lexists(file):
        raise RedlabError(f"{file} exists already and is not overwritten; name another file, or remove it")
    if not file.parent.is_dir():
        raise RedlabError(f"--write {file}: there is no folder {file.parent}; create it, or name another")


def _warn_of_light(needs: Needs) -> None:
    """Print a warning when light cannot cover the distance within the given latency.

    The topologies then have the latency of light.
    """
    if needs.distance_kilometers is None or needs.latency_milliseconds is None:
        return
    fastest = needs.distance_kilometers / LIGHT_KILOMETERS_PER_ROUND_TRIP_MILLISECOND
    if needs.latency_milliseconds < fastest:
        say(
            f"warning: the round trip of light in {needs.distance_kilometers:g} km of fiber takes {fastest:g} ms; "
            f"{needs.latency_milliseconds:g} ms was given"
        )


def _plans(needs: Needs) -> list[_Plan]:
    plans = []
    for candidate in candidates(existing_ucmdb=needs.existing_ucmdb):
        source = topology_file.read(checkout.STACKS, candidate.stack, candidate.overrides)
        fitted = loading.override(source, _fitted(needs, candidate))
        plans.append(_Plan(candidate, fitted, rules.accept(fitted, candidate.stack)))
    return plans


def _fitted(needs: Needs, candidate: Candidate) -> dict[str, Any]:
    """Return the override that gives the topology the needed link between its sites.

    Empty with one site, or when the pattern does not allow such a link.
    """
    if candidate.sites == 1 or any(
        reason.verdict is Verdict.FAILS and reason.requirement in {"distanceKilometers", "latencyMilliseconds"}
        for reason in advise(needs, [(candidate, 0)]).ranked[0].reasons
    ):
        return {}
    link: dict[str, float] = {}
    if needs.distance_kilometers is not None:
        link["distanceKilometers"] = needs.distance_kilometers
        fastest = needs.distance_kilometers / LIGHT_KILOMETERS_PER_ROUND_TRIP_MILLISECOND
        link["roundTripMilliseconds"] = max(needs.latency_milliseconds or 0, fastest)
    elif needs.latency_milliseconds is not None:
        # Half the latency is assumed to be the light's; the other half covers detours and equipment.
        farthest = needs.latency_milliseconds * LIGHT_KILOMETERS_PER_ROUND_TRIP_MILLISECOND / 2
        link["roundTripMilliseconds"] = needs.latency_milliseconds
        link["distanceKilometers"] = min(farthest, GREATEST_KILOMETERS)
    return {"links": {"dc1-dc2": link}} if link else {}


def _predicted(topology: Topology) -> Predicted:
    """Return the greatest bound over the scenarios that the topology can run."""
    names = Names(topology.name, topology.pattern, "")
    described = parse_inventory(inventory.inventory(topology, names, AddressPlan(topology)))
    bounds = [
        Predicted(scenario.name, predicted(described, scenario, LoadSettings()).rto_seconds)
        for scenario in runnable(described)
    ]
    return max(bounds, key=lambda bound: bound.rto_seconds)


def _write(file: Path, judged: Judged, plan: _Plan) -> None:
    """Write the checked topology to a new file, below a comment with its costs and conditions."""
    said = ("yaml-language-server: $schema=../schemas/topology.schema.json", *advice_report.heading(judged))
    head = "".join(f"# {line}\n" for line in said)
    with file.open("x", encoding="utf-8") as opened:
        opened.write(head + yaml.safe_dump(dict(plan.source.document), sort_keys=False, allow_unicode=True))
    say(f"wrote {file}; once it is in stacks/, `redlab up NAME --topology {file.stem}` creates the lab")
