"""Commands that move services to another DPS, site or instance, and back: switchover, failover, failback, reprotect."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from redlab.commands import site_failover
from redlab.commands.arguments import FormatOption, StackArgument
from redlab.commands.settled import open_settled
from redlab.commands.site_failover import ProcedureOptions
from redlab.control import global_load_balancer
from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.faults import journal, residue
from redlab.output import Format, answer, print_json, progress
from redlab.probes.node_state import node_states
from redlab.recovery import cluster_members, two_instances
from redlab.results import practice
from redlab.waiting import until
from redundancy.roles import Role

TAKEOVER_SECONDS = 30

ToOption = Annotated[
    str | None,
    typer.Option("--to", help="The DPS or site to move to. By default the other one."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="With several sites: show the steps and change nothing.")]
ForceOption = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Disaster Recovery: promote even if the former production cannot be fenced. Business Continuity: "
        "switch even if the instances differ.",
    ),
]
PauseOption = Annotated[bool, typer.Option("--pause", help="With several sites: ask before each step, for practice.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (switchover, failover, failback, reprotect):
        app.command()(command)


def switchover(
    stack: StackArgument,
    *,
    to: ToOption = None,
    dry_run: DryRunOption = False,
    pause: PauseOption = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Move the services to another DPS as planned work. Both must be healthy.

    Disaster Recovery: move everything to the other instance without loss; the former production becomes its standby.
    Business Continuity: send all users to the other instance.
    """
    lab = open_settled(stack)
    if lab.inventory.two_instances:
        site_failover.run(lab, "switchover", to, ProcedureOptions(dry_run, pause, output), planned=True)
        return
    if dry_run or pause:
        raise RedlabError(f"the switchover of lab {stack} is a single step; omit --dry-run and --pause")
    with journal.exclusive(stack):
        residue.heal_interrupted(lab)
        services = lab.management.health().services
        if services.state != "active":
            raise RedlabError(f"a switchover needs active services; they are {services.state}. See `redlab failover`")
        _move(lab, "switchover", _target(lab, to, services.active), output)


def failover(
    stack: StackArgument,
    *,
    to: ToOption = None,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    pause: PauseOption = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Move the services from a lost DPS to another one. An operator does this when automatic failover is off.

    With several sites, move database, services and clients to another site, and prove each step. Disaster Recovery:
    fence the former production first; data that was not replicated is lost. Business Continuity: one change at the
    wide-area load balancer; users who are logged in at the other site are disconnected.
    """
    lab = open_settled(stack)
    if force and not lab.inventory.two_instances:
        raise RedlabError(f"lab {stack} has one instance: there is no former production to fence; omit --force")
    if lab.inventory.global_load_balancer:
        site_failover.run(lab, "failover", to, ProcedureOptions(dry_run, pause, output), planned=False, force=force)
        return
    if dry_run or pause:
        raise RedlabError(f"lab {stack} has one site: its failover is a single step; omit --dry-run and --pause")
    services = lab.management.health().services
    _move(lab, "failover", _target(lab, to, services.assigned_to), output)


def failback(
    stack: StackArgument,
    *,
    to: ToOption = None,
    dry_run: DryRunOption = False,
    pause: PauseOption = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Move database, services and clients back to the site that the topology declares active, once it is repaired."""
    lab = open_settled(stack)
    balancer = lab.inventory.global_load_balancer
    if balancer is None:
        raise RedlabError(f"lab {stack} has one site: there is nothing to fail back to")
    options = ProcedureOptions(dry_run, pause, output)
    site_failover.run(lab, "failback", to or balancer.active_site, options, planned=True)


def reprotect(stack: StackArgument, *, dry_run: DryRunOption = False, output: FormatOption = Format.TABLE) -> None:
    """Make the former production the standby of the instance that took over.

    Its database is rewound if possible, else copied anew. The command also repairs a standby that was away for too
    long (slot lost), and each member of a database cluster that does not follow its primary.
    """
    lab = open_settled(stack)
    options = ProcedureOptions(dry_run, pause=False, output=output)
    if lab.inventory.has_database_cluster:
        site_failover.carry_out("reprotect", "the primary", cluster_members.reprotections(lab.inventory), options)
        return
    if not lab.inventory.replicated:
        raise RedlabError(f"lab {stack} has no standby instance: there is nothing to replicate to")
    active = global_load_balancer.active_site(lab.inventory)
    site_failover.carry_out("reprotect", active, [two_instances.reprotection(lab.inventory, active)], options)


def _target(lab: Laboratory, to: str | None, now: str | None) -> str:
    servers = [node.name for node in lab.inventory.of_role(Role.DATA_PROCESSING_SERVER)]
    others = [name for name in servers if name != now]
    if to is None and not others:
        raise RedlabError(f"lab {lab.inventory.lab} has no other data processing server than {now}")
    target = to or others[0]
    if target not in servers:
        raise RedlabError(f"{target!r} is not a data processing server of this lab: {', '.join(servers)}")
    if target == now:
        raise RedlabError(f"the services are already on {target}; name another with --to: {', '.join(others)}")
    state = next(state for state in node_states(lab.inventory) if state.name == target)
    if not state.ready:
        raise RedlabError(f"{target} is {state.state}: it cannot run the services")
    return target


def _move(lab: Laboratory, action: str, target: str, output: Format) -> None:
    started = time.monotonic()
    epoch = lab.management.reassign(target)

    def taken() -> bool:
        services = lab.management.health().services
        return services.active == target and services.state == "active"

    limit_seconds = TAKEOVER_SECONDS + lab.inventory.timers.service_start_seconds
    with progress(f"{action} to {target}"):
        if not until(taken, limit_seconds, interval_seconds=0.05):
            raise RedlabError(f"{target} did not start the services: {lab.management.health().services}")
    seconds = time.monotonic() - started
    practice.add(lab.inventory, action, target, seconds)
    if output is Format.JSON:
        print_json({"action": action, "to": target, "epoch": epoch, "seconds": round(seconds, 3)})
    else:
        answer(f"{action}: services active on {target} after {seconds:.2f} s (epoch {epoch})")
