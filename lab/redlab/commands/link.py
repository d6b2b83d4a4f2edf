"""Commands on the links between sites: show, set, cut, restore. What they do is not a drill: nothing is measured."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from redlab import wan
from redlab.commands.arguments import FormatOption, finite
from redlab.commands.settled import open_settled
from redlab.drills.load_settings import LoadSettings
from redlab.errors import RedlabError
from redlab.faults import journal
from redlab.inventory import Inventory
from redlab.laboratory import open_lab
from redlab.measure.round_trips import Consistency
from redlab.output import Format, print_json, print_table, say

if TYPE_CHECKING:
    from redlab.drills.link_benchmark import Benchmark

StackArgument = Annotated[str, typer.Argument(metavar="STACK", help="The stack, for example `distributed-ha`.")]
LinkArgument = Annotated[str, typer.Argument(metavar="LINK", help="The link, for example `dc1-dc2`.")]

EXIT_CODES = {Consistency.EXCEEDED: 1, Consistency.UNDECIDED: 2}
"""Of a benchmark whose link does not keep to the limit of the pattern, or does so for all that can be told."""

links = typer.Typer(
    name="link",
    help="Show, change, cut and restore the links between sites.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(links)


@links.command()
def show(stack: StackArgument = "distributed-ha", *, output: FormatOption = Format.TABLE) -> None:
    """Show what each link is like now, where that is not as declared, and its cuts; as JSON also what was forwarded."""
    _print(open_lab(stack).inventory, output)


@links.command("set")
def change(
    stack: StackArgument,
    link: LinkArgument,
    *,
    round_trip_milliseconds: Annotated[
        float | None, typer.Option(callback=finite, min=0, help="Half of it each way.")
    ] = None,
    jitter_milliseconds: Annotated[float | None, typer.Option(callback=finite, min=0, help="Each way.")] = None,
    loss_percent: Annotated[float | None, typer.Option(callback=finite, min=0, max=100, help="Each way.")] = None,
    bandwidth_megabits_per_second: Annotated[
        float | None, typer.Option(callback=finite, min=0, help="Each way; 0: no limit.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(callback=finite, min=0.1, help="Then the declared values come back; left out: until `restore`."),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Give a link other values; what is left out stays as it is."""
    inventory = open_settled(stack).inventory
    given = {
        "round_trip_milliseconds": round_trip_milliseconds,
        "jitter_milliseconds": jitter_milliseconds,
        "loss_percent": loss_percent,
        "bandwidth_megabits_per_second": bandwidth_megabits_per_second,
    }
    wan.change(inventory, link, {name: value for name, value in given.items() if value is not None}, seconds)
    _print(inventory, output)


@links.command()
def cut(
    stack: StackArgument,
    link: LinkArgument,
    *,
    from_site: Annotated[str | None, typer.Option("--from", metavar="SITE", help="Only what this site sends.")] = None,
    seconds: Annotated[
        float, typer.Option(callback=finite, min=1, max=wan.LONGEST_CUT_SECONDS, help="Then it ends by itself.")
    ] = wan.DEFAULT_CUT_SECONDS,
    output: FormatOption = Format.TABLE,
) -> None:
    """Let nothing through, both ways or one, for a time."""
    inventory = open_settled(stack).inventory
    wan.cut(inventory, link, seconds, from_site)
    _print(inventory, output)


@links.command()
def restore(
    stack: StackArgument,
    link: Annotated[str | None, typer.Argument(metavar="[LINK]", help="The link.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every link.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """End the cuts of a link, or of all, and bring the declared values back."""
    inventory = open_settled(stack).inventory
    if everything == bool(link):
        names = ", ".join(each.name for each in inventory.links)
        raise RedlabError(f"restore what? name one link, or say --all; there are: {names}")
    wan.restore(inventory, link)
    _print(inventory, output)


@links.command()
def benchmark(
    stack: StackArgument = "distributed-ha",
    *,
    seconds: Annotated[
        float, typer.Option(callback=finite, min=2, max=300, help="How long each phase is measured.")
    ] = 15,
    events_per_second: Annotated[
        float, typer.Option(callback=finite, min=5, max=2000, help="Events that collectors send.")
    ] = 50,
    users_per_second: Annotated[
        float, typer.Option(callback=finite, min=5, max=2000, help="Requests that users make.")
    ] = 25,
    output: FormatOption = Format.TABLE,
) -> None:
    """Measure what passes between the sites in normal operation and during a failover; recommend the size of each link.

    The round trip between the data centers is held against the limit of the pattern. Exit codes: 0 it is kept, or there
    is none; 1 it is exceeded; 2 this machine is too busy to tell, or bad usage.
    """
    from redlab.drills import link_benchmark

    lab = open_lab(stack)
    load = LoadSettings(events_per_second=events_per_second, users_per_second=users_per_second)
    with journal.exclusive(stack):
        found = link_benchmark.run(lab, load, seconds, say)
    if output is Format.JSON:
        print_json(asdict(found))
    else:
        _show(stack, found)
    if found.latency.verdict in EXIT_CODES:
        raise typer.Exit(EXIT_CODES[found.latency.verdict])


def _show(stack: str, found: Benchmark) -> None:
    rows = [
        (
            f"{f.from_site} to {f.to_site}",
            f.phase,
            f.flow,
            f.carries,
            f.mean_megabits_per_second,
            f.peak_megabits_per_second,
        )
        for f in found.flows
        if f.megabytes
    ]
    flows = ("direction", "phase", "flow", "which carries", "mean Mbit/s", "peak Mbit/s")
    print_table(f"{stack}: what passes between its sites", flows, rows)
    trips = [
        (
            phase,
            t.probes,
            t.unanswered,
            t.median_milliseconds,
            t.p99_milliseconds,
            t.maximum_milliseconds,
            t.late_p99_milliseconds,
        )
        for phase, t in found.round_trips.items()
    ]
    columns = ("phase", "probes", "not answered", "median ms", "99 % within ms", "slowest ms", "machine late by")
    print_table(f"{stack}: the round trip of {found.link}", columns, trips)
    print_table(
        f"{stack}: twice the peak of each link",
        ("link", "peak Mbit/s", "recommended Mbit/s"),
        [(s.link, s.peak_megabits_per_second, f"{s.recommended_megabits_per_second:g}") for s in found.sizes],
    )
    limit = found.latency.limit_milliseconds
    wanted = "" if limit is None else f", less than {limit:g} ms at all times"
    say(f"round trip of {found.link}{wanted}: {found.latency.verdict.value}: {found.latency.why}")
    if found.latency.verdict is Consistency.EXCEEDED:
        say(f"{found.pattern} is not allowed over this link, whatever its size: every commit waits for a round trip")


def _print(inventory: Inventory, output: Format) -> None:
    document = wan.document(inventory)
    if output is Format.JSON:
        print_json(document)
        return
    state = wan.parse(document)
    columns = ("link", "round trip ms", "jitter ms", "loss %", "Mbit/s", "cut, seconds left")
    rows = []
    for link in state.links:
        figures = (_figure(name, link) for name in wan.value_names())
        cuts = (f"{each.from_site} to {each.to_site}, {each.remaining_seconds:.0f}" for each in link.cuts)
        rows.append((link.name, *figures, "\n".join(cuts) or "-"))
    print_table(f"{inventory.lab}: links", columns, rows)
    say(f"delays are made by {state.emulation}")


def _figure(name: str, link: wan.LinkState) -> str:
    current, declared = (
        "no limit" if name == "bandwidth_megabits_per_second" and not value else f"{value:g}"
        for value in (getattr(values, name) for values in (link.current, link.declared))
    )
    return current if current == declared else f"{current} (declared {declared})"
