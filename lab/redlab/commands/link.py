"""`redlab link`: shows, changes, cuts, restores and benchmarks the links between sites. These are no drills."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from redlab.commands.arguments import FormatOption, OptionalStackArgument, StackArgument, duration_option, finite
from redlab.commands.settled import open_settled
from redlab.control import router
from redlab.control.lab import open_lab
from redlab.drills.load_settings import LoadSettings
from redlab.errors import ExitCode, RedlabError
from redlab.faults import journal
from redlab.measure.round_trips import Consistency
from redlab.model.inventory import Inventory
from redlab.output import Format, answer, print_json, print_table, say

if TYPE_CHECKING:
    from redlab.drills.link_benchmark import Benchmark

LinkArgument = Annotated[str, typer.Argument(metavar="LINK", help="The link, for example `dc1-dc2`.")]

EXIT_CODES = {Consistency.EXCEEDED: ExitCode.MISSED, Consistency.UNDECIDED: ExitCode.ABORTED}
"""Exit codes of a benchmark whose link exceeds the pattern's limit, or whose machine is too busy to decide."""

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
def show(stack: OptionalStackArgument = "", *, output: FormatOption = Format.TABLE) -> None:
    """Show the values of each link, the declared values that differ, and its cuts.

    JSON also counts the forwarded packets.
    """
    _print(open_lab(stack).inventory, output)


@links.command("set")
def change(
    stack: StackArgument,
    link: LinkArgument,
    *,
    round_trip_milliseconds: Annotated[
        float | None, duration_option(unit="ms", help="The round trip; half of it is added each way.")
    ] = None,
    jitter_milliseconds: Annotated[
        float | None, duration_option(unit="ms", help="How much the delay varies each way.")
    ] = None,
    loss_percent: Annotated[
        float | None, typer.Option(callback=finite, min=0, max=100, help="The share of packets that is lost each way.")
    ] = None,
    bandwidth_megabits_per_second: Annotated[
        float | None, typer.Option(callback=finite, min=0, help="The bandwidth each way. 0 means no limit.")
    ] = None,
    seconds: Annotated[
        float | None,
        duration_option(least=0.1, help="How long the values last. By default until `redlab link restore`."),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Change values of a link. The others stay unchanged."""
    inventory = open_settled(stack).inventory
    given = {
        "round_trip_milliseconds": round_trip_milliseconds,
        "jitter_milliseconds": jitter_milliseconds,
        "loss_percent": loss_percent,
        "bandwidth_megabits_per_second": bandwidth_megabits_per_second,
    }
    router.change(inventory, link, {name: value for name, value in given.items() if value is not None}, seconds)
    _print(inventory, output)


@links.command()
def cut(
    stack: StackArgument,
    link: LinkArgument,
    *,
    from_site: Annotated[
        str | None, typer.Option("--from", metavar="SITE", help="Cut only what this site sends.")
    ] = None,
    seconds: Annotated[
        float,
        duration_option(
            least=1, greatest=router.LONGEST_CUT_SECONDS, help="How long the cut lasts; it ends by itself."
        ),
    ] = router.DEFAULT_CUT_SECONDS,
    output: FormatOption = Format.TABLE,
) -> None:
    """Cut a link for a time, both ways or one way."""
    inventory = open_settled(stack).inventory
    router.cut(inventory, link, seconds, from_site)
    _print(inventory, output)


@links.command()
def restore(
    stack: StackArgument,
    link: Annotated[str | None, typer.Argument(metavar="LINK", help="The link.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Restore every link.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """End the cuts of a link, or of all, and bring the declared values back."""
    inventory = open_settled(stack).inventory
    if everything == bool(link):
        names = ", ".join(each.name for each in inventory.links)
        raise RedlabError(f"which link to restore? name one link or use --all; the links: {names}")
    router.restore(inventory, link)
    _print(inventory, output)


@links.command()
def benchmark(
    stack: StackArgument,
    *,
    seconds: Annotated[float, duration_option(least=2, greatest=300, help="How long each phase is measured.")] = 15,
    events_per_second: Annotated[
        float, typer.Option(callback=finite, min=5, max=2000, help="How many events collectors send a second.")
    ] = 50,
    users_per_second: Annotated[
        float, typer.Option(callback=finite, min=5, max=2000, help="How many requests users make a second.")
    ] = 25,
    output: FormatOption = Format.TABLE,
) -> None:
    """Measure the traffic between sites in normal operation and during a failover; recommend each link's bandwidth.

    The round trip between the data centers is compared with the pattern's limit. Exit code 1: the limit is exceeded.
    Exit code 3: this machine is too busy for a decision.
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
    flows = ("direction", "phase", "flow", "carries", "mean Mbit/s", "peak Mbit/s")
    print_table(f"{stack}: traffic between sites", flows, rows)
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
    answer(f"round trip of {found.link}{wanted}: {found.latency.verdict.value}: {found.latency.why}")
    if found.latency.verdict is Consistency.EXCEEDED:
        answer(f"{found.pattern} is not allowed over this link, whatever its size: every commit waits for a round trip")


def _print(inventory: Inventory, output: Format) -> None:
    document = router.document(inventory)
    if output is Format.JSON:
        print_json(document)
        return
    state = router.parse(document)
    columns = ("link", "round trip ms", "jitter ms", "loss %", "Mbit/s", "cut, seconds left")
    rows = []
    for link in state.links:
        figures = (_figure(name, link) for name in router.value_names())
        cuts = (f"{each.from_site} to {each.to_site}, {each.remaining_seconds:.0f}" for each in link.cuts)
        rows.append((link.name, *figures, "\n".join(cuts) or "-"))
    print_table(f"{inventory.lab}: links", columns, rows)
    answer(f"{state.emulation} makes the delays")


def _figure(name: str, link: router.LinkState) -> str:
    current, declared = (
        "no limit" if name == "bandwidth_megabits_per_second" and not value else f"{value:g}"
        for value in (getattr(values, name) for values in (link.current, link.declared))
    )
    return current if current == declared else f"{current} (declared {declared})"
