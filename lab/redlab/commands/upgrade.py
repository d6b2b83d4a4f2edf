"""`redlab upgrade`: replaces the images of a lab that stays in service."""

from __future__ import annotations

from typing import Annotated

import typer

from redlab.commands import site_failover
from redlab.commands.arguments import FormatOption, StackArgument, duration_option
from redlab.commands.site_failover import ProcedureOptions
from redlab.control.lab import Laboratory, open_lab
from redlab.errors import RedlabError
from redlab.faults import journal, residue
from redlab.output import Format, heed_interruptions, progress, say
from redlab.recovery import two_instances
from redlab.stack.pulumi import Stack
from redlab.upgrade import checks, declared, plan, rollout
from redlab.upgrade.broken import UpgradeError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("upgrade")(upgrade_images)


def upgrade_images(
    stack: StackArgument,
    *,
    image: Annotated[
        list[str] | None,
        typer.Option(
            "--image",
            help="A role and its new image: gateway=registry.example/gateway:2. Give the option once for each role.",
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Revert an unfinished upgrade.")] = False,
    with_outage: Annotated[
        bool,
        typer.Option("--with-outage", help="Also upgrade the nodes without a counterpart, last."),
    ] = False,
    ready_seconds: Annotated[
        float,
        duration_option(least=5, greatest=600, help="How long a node with a new image may take to become healthy."),
    ] = rollout.READY_SECONDS,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the images, show the steps and change nothing.")
    ] = False,
    pause: Annotated[bool, typer.Option("--pause", help="Ask before each step.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Replace the images of a lab that stays in service. Only the switchover interrupts users.

    Disaster Recovery: upgrade the failover instance, check it (also by a test failover), switch over, then upgrade the
    former production. Business Continuity: instance by instance; users are at the other one. Distributed High
    Availability: site by site. High Availability: node by node; each gateway is emptied first. Run the same command
    again to continue an interrupted upgrade. A node that does not become ready gets its previous image back.

    Exit code 1: a new image is broken, and was reverted.
    """
    lab = open_lab(stack)
    images = _images(lab, image or [], undo=undo)
    heed_interruptions()
    with journal.exclusive(stack):
        if not dry_run:
            for line in [*two_instances.resume(lab), *residue.heal_interrupted(lab)]:
                say(line)
        with progress("checking images and nodes"):
            checks.refuse(lab.inventory, images, with_outage=with_outage)
            checks.refuse_an_unwell_lab(lab.inventory, images)
        changes = rollout.Rollout(lab.inventory, images, ready_seconds, say)
        try:
            target = "the previous images" if undo else ", ".join(f"{role} {name}" for role, name in images.items())
            site_failover.carry_out(
                "upgrade", target, plan.steps(lab, changes, say), ProcedureOptions(dry_run, pause, output)
            )
        except UpgradeError as error:
            say(f"redlab: {error}")
            raise typer.Exit(1) from None


def _images(lab: Laboratory, given: list[str], *, undo: bool) -> dict[str, str]:
    """Return the new image of each role. To revert an upgrade: an empty name for each role that it has changed."""
    if undo == bool(given):
        raise RedlabError("upgrade needs either --image ROLE=IMAGE (once or more) or --undo")
    if undo:
        roles = sorted({node.image_role for node in lab.inventory.nodes})
        overrides = Stack(lab.inventory.lab).overrides()
        begun = {role: "" for role in roles if declared.own_images(overrides, lab.inventory, [role])}
        if not begun:
            raise RedlabError(f"lab {lab.inventory.lab} has no unfinished upgrade: nothing to revert")
        return begun
    images: dict[str, str] = {}
    for each in given:
        role, sign, name = each.partition("=")
        if not sign or not name or role in images:
            raise RedlabError(
                f"--image {each}: allowed: ROLE=IMAGE (gateway=registry.example/gateway:2), each role once"
            )
        images[role] = name
    return images
