"""Reverting every fault of a lab: by the journal, and by looking at the containers themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from redlab import engine
from redlab.control import automation, isolated_copy, router
from redlab.control.automation import Automation
from redlab.control.lab import Laboratory
from redlab.errors import RedlabError
from redlab.faults import endpoints, healing, journal, node_fault
from redlab.model.inventory import Inventory
from redlab.probes import published
from redlab.probes.node_state import all_ready, unready
from redlab.stack.pulumi import Stack
from redlab.waiting import until

READY_SECONDS = 60
STOP_SECONDS = 5
Answer = TypeVar("Answer")


def heal(lab: Laboratory) -> list[str]:
    """Heal every fault, start what does not run, set what acts by itself back; returns what was done, a line each.

    Works without a journal too, from what the engine shows. Raises RedlabError when a node does not get ready.
    """
    inventory = lab.inventory
    images = ["the images that were there before are back"] if restore_images(inventory) else []
    entries = journal.entries(inventory.lab)
    healing.heal_all(entries)
    done = [*images, *(f"{entry.node}: {entry.kind} reverted" for entry in entries)]
    for name, container in engine.containers(inventory).items():
        if node_fault.heal_container(container.name):
            done.append(f"{name}: running again")
        if endpoints.restore(container.name, endpoints.declared(inventory, inventory.node(name))):
            done.append(f"{name}: connected to its networks again")
    done += _without_copy(inventory)
    # Nodes may need the links to get ready; the router itself may have just been started.
    done += _insist(lambda: router.restore_links(inventory))
    found = until(lambda: _READY if all_ready(inventory) else _gone(inventory), READY_SECONDS, interval_seconds=0.25)
    if found != _READY:
        raise RedlabError(found or f"after healing, not every node is ready: {unready(inventory)}")
    done += publish_again(inventory)
    engine.limit_processes(inventory)
    before = journal.remembered_automation(inventory.lab)
    if before is not None:
        restore_automation(lab, before)
        done.append(f"{before} again")
    return done


_READY = "ready"


def _gone(inventory: Inventory) -> str:
    """Return a sentence about nodes that no longer exist, which ends the wait for them; '' when all exist."""
    there = engine.containers(inventory)
    gone = ", ".join(node.name for node in inventory.nodes if node.name not in there)
    return gone and f"{gone} missing, removed by hand: `redlab up {inventory.lab}` brings it back"


def publish_again(inventory: Inventory) -> list[str]:
    """Restart the nodes whose published ports do not answer; returns the actions taken, a line each.

    Raises RedlabError when a port does not answer after the restart either.
    """
    silent = {one.node for one in published.unanswered(inventory)}
    for name in sorted(silent):
        node = inventory.node(name)
        engine.of(node).restart(node.container, STOP_SECONDS)
    if silent and not until(
        lambda: all_ready(inventory) and not published.unanswered(inventory), READY_SECONDS, interval_seconds=0.25
    ):
        raise RedlabError(f"after healing, {'; '.join(map(str, published.unanswered(inventory)))}")
    return [f"{name}: restarted, and its published ports answer again" for name in sorted(silent)]


def restore_images(inventory: Inventory) -> bool:
    """Have a lab declared and made as before the drill that upgraded it; returns whether there was one."""
    before = journal.remembered_declared(inventory.lab)
    if before is None:
        return False
    stack, (overrides, images) = Stack(inventory.lab), before
    # A broken image was reverted already: what is declared and runs as before needs no Pulumi.
    changed = stack.overrides() != overrides or images_of(inventory) != images
    if changed:
        stack.set_overrides(overrides)
        stack.up()
    journal.forget_declared(inventory.lab)
    return changed


def images_of(inventory: Inventory) -> dict[str, str]:
    """Return the id of the image that each node runs."""
    return {name: one.image for name, one in engine.containers(inventory).items()}


def restore_automation(lab: Laboratory, before: Automation) -> None:
    """Set what acts by itself as it was; the database may be just starting, so a refusal is tried again for a while."""
    _insist(lambda: automation.apply(lab, before))
    journal.forget_automation(lab.inventory.lab)


def left_automation(lab: str) -> Automation | None:
    """Return what acted by itself before a drill that was killed, None where none has left it otherwise."""
    return None if journal.running(lab) else journal.remembered_automation(lab)


def settle(lab: Laboratory) -> list[str]:
    """Set what acts by itself as it was before a drill that was killed; returns what was done, a line each.

    Nobody waits for it: what cannot be set just now is left to the next command.
    """
    before = left_automation(lab.inventory.lab)
    if before is None:
        return []
    try:
        with journal.exclusive(lab.inventory.lab):
            automation.apply(lab, before)
            journal.forget_automation(lab.inventory.lab)
    except RedlabError as error:
        return [f"what a killed drill has set could not be set back yet ({before}): {error}"]
    return [f"{before} again: a drill that was killed had set it otherwise"]


def heal_interrupted(lab: Laboratory) -> list[str]:
    """Heal what an interrupted drill or test failover has left; the caller holds the lab (``journal.exclusive``)."""
    name = lab.inventory.lab
    remembered = (journal.remembered_automation(name), journal.remembered_declared(name))
    return heal(lab) if journal.entries(name) or remembered != (None, None) else _without_copy(lab.inventory)


def _without_copy(inventory: Inventory) -> list[str]:
    """Remove the copy that a killed test failover left; the caller holds the lab, so no test failover is under way."""
    return ["the copy of a test failover removed"] if inventory.replicated and isolated_copy.remove(inventory) else []


def _insist(step: Callable[[], Answer]) -> Answer:
    """Return what ``step`` returns; while it is refused, it is tried again. Raises the last RedlabError."""

    def attempt() -> tuple[Answer] | None:
        try:
            return (step(),)
        except RedlabError:
            return None

    done = until(attempt, READY_SECONDS, interval_seconds=0.25)
    return done[0] if done else step()
