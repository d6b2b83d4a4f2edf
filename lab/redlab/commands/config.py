"""`redlab config`: the configuration of instances, and the alerts that fired."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from redlab.commands.arguments import FormatOption, StackArgument
from redlab.control.lab import open_lab
from redlab.drift import configured
from redlab.drift.configured import Configuration
from redlab.errors import RedlabError
from redlab.output import Format, answer, print_json, print_table, say
from redundancy.reading import read_text

_SITE = "With active-active instances, SITE selects one."
_EXAMPLE = """'{"field": "status", "equals": "failed"}'"""

config = typer.Typer(
    name="config",
    help="Show and change the configuration of instances: alerts, downtimes, reports, KPIs, SLAs, packages …",
    epilog="Kinds: alert, downtime; saved_report, kpi, health_indicator, sla, rtsm_package, content_package, "
    "collector_integration. Alerts and downtimes take effect. The other kinds are stored, and `redlab drift` compares "
    "them.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(config)


@config.command("list")
def show(
    stack: StackArgument,
    words: Annotated[list[str] | None, typer.Argument(metavar="[SITE] [KIND]", help=_SITE)] = None,
    *,
    output: FormatOption = Format.TABLE,
) -> None:
    """List configuration items, of all kinds or one. Active-active without SITE: of both instances."""
    lab = open_lab(stack)
    sites, rest = _sites(words or [], lab.inventory.data_centers)
    if len(rest) > 1:
        raise RedlabError(f"{' '.join(rest)!r}; allowed: [SITE] [KIND]")
    kind = _kind(rest[0]) if rest else None
    asked = sites or (lab.inventory.data_centers if lab.inventory.active_active else (None,))
    found = [(site, item) for site in asked for item in configured.of(lab, site).items(kind)]
    if output is Format.JSON:
        print_json([{"site": site, **asdict(item)} for site, item in found])
        return
    rows = [
        (item.kind, item.name, site or "-", item.problem or "-", json.dumps(item.content, ensure_ascii=False))
        for site, item in found
    ]
    print_table(f"{stack}: configuration", ("kind", "name", "site", "problem", "content"), rows)


@config.command()
def get(
    stack: StackArgument,
    words: Annotated[list[str], typer.Argument(metavar="[SITE] KIND NAME", help=_SITE)],
    *,
    output: FormatOption = Format.TABLE,
) -> None:
    """Print the content of one item; `set` accepts it as @FILE. With `--format json`, print all its properties."""
    instance, (kind, name) = _instance(stack, words, ("KIND", "NAME"))
    item = instance.item(kind, name)
    print_json(asdict(item) if output is Format.JSON else item.content)
    if item.problem:
        say(f"{kind} {name} has no effect: {item.problem}")


@config.command("set")
def change(
    stack: StackArgument,
    words: Annotated[
        list[str],
        typer.Argument(metavar="[SITE] KIND NAME CONTENT", help=f"{_SITE} CONTENT: JSON, @FILE, or - (stdin)."),
    ],
) -> None:
    """Write one item, for example `set ha alert failed '{"field": "status", "equals": "failed"}'`.

    An alert has `collector` (a pattern like web*; default: all), a `field` of the event's data, one of `equals`,
    `above`, `below`, and optionally `severity` and `to`. A downtime has `collector`, `from` and `to` (times with zone);
    items that are accepted during it raise no alert. Both take effect within a second.
    """
    instance, (kind, name, content) = _instance(stack, words, ("KIND", "NAME", "CONTENT"))
    created = instance.put(kind, name, _content(content))
    answer(f"{kind} {name}: {'added' if created else 'changed'}")


@config.command()
def delete(
    stack: StackArgument,
    words: Annotated[list[str], typer.Argument(metavar="[SITE] KIND NAME", help=_SITE)],
) -> None:
    """Delete one item."""
    instance, (kind, name) = _instance(stack, words, ("KIND", "NAME"))
    instance.delete(kind, name)
    answer(f"{kind} {name}: deleted")


@config.command()
def alerts(
    stack: StackArgument,
    site: Annotated[str | None, typer.Argument(metavar="[SITE]", help=_SITE)] = None,
    *,
    output: FormatOption = Format.TABLE,
) -> None:
    """List the latest alerts that fired. Active-active without SITE: of both instances; each alert fires on one."""
    lab = open_lab(stack)
    asked = (site,) if site or not lab.inventory.active_active else lab.inventory.data_centers
    found = [(where, one) for where in asked for one in configured.of(lab, where).fired()]
    found.sort(key=lambda pair: pair[1].fired_at, reverse=True)
    if output is Format.JSON:
        print_json([{"site": where, **asdict(one)} for where, one in found])
        return
    rows = [(one.alert, one.collector, one.seq, one.fired_at, one.dps) for _, one in found]
    print_table(f"{stack}: alerts that fired", ("alert", "collector", "number", "at", "by"), rows)


def _instance(stack: str, words: Sequence[str], names: Sequence[str]) -> tuple[Configuration, list[str]]:
    """Return the configuration of the instance that ``words`` select, and the words after SITE, the first as a kind."""
    lab = open_lab(stack)
    sites, rest = _sites(words, lab.inventory.data_centers)
    if len(rest) != len(names):
        example = " ".join(("alert", "failed", _EXAMPLE)[: len(names)])
        raise RedlabError(
            f"{' '.join(words)!r}; needed: [SITE] {' '.join(names)}, for example {example}; sites of lab {stack}: "
            f"{', '.join(lab.inventory.data_centers)}"
        )
    return configured.of(lab, sites[0] if sites else None), [_kind(rest[0]), *rest[1:]]


def _sites(words: Sequence[str], known: Sequence[str]) -> tuple[list[str], list[str]]:
    return ([words[0]], list(words[1:])) if words and words[0] in known else ([], list(words))


def _kind(word: str) -> str:
    """Return a kind in the spelling of the API, for example health_indicator for `Health-Indicator`."""
    return word.strip().lower().replace(" ", "_").replace("-", "_")


def _content(word: str) -> Any:
    if word == "-":
        place, text = "standard input", sys.stdin.read()
    elif word.startswith("@"):
        place, text = word[1:], read_text(Path(word[1:]))
    else:
        place, text = "CONTENT", word
    try:
        return json.loads(text)
    except ValueError as error:
        raise RedlabError(
            f"{place}: {text[:100]!r} is not JSON ({error}); allowed: an object, like {_EXAMPLE}"
        ) from None
