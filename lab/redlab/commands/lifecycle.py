"""Commands that create and remove a lab: up, secrets, destroy, sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv4Network
from typing import Annotated, Any

import typer

from redlab import engine
from redlab.commands.arguments import StackArgument
from redlab.commands.inspect import show
from redlab.commands.settled import open_settled
from redlab.control import gateway_removal, instance_parameters, wellness
from redlab.control.lab import open_lab
from redlab.control.reach import EngineProbe, Reach, SitesApartError
from redlab.doctor import reading
from redlab.doctor.examination import Concern, refusals
from redlab.drills.matrix import runnable
from redlab.errors import RedlabError
from redlab.faults import journal
from redlab.model.inventory import Inventory, parse
from redlab.output import answer, progress, say
from redlab.stack import address_pool, checkout
from redlab.stack.declaration import planned_inventory, topology_source, validated
from redlab.stack.proxies import THIS_MACHINE
from redlab.stack.pulumi import CERTIFICATE, Stack
from redundancy import claims, kept, leaving
from redundancy.naming import LABEL_PREFIX
from redundancy.roles import Role
from redundancy.topology import Topology

TopologyOption = Annotated[
    str | None,
    typer.Option("--topology", help="The topology in stacks/ to use. By default the one with the stack's name."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (up, destroy, secrets, sweep):
        app.command()(command)


def up(stack: StackArgument, *, topology: TopologyOption = None) -> None:
    """Create a lab, or update it to its topology. Then show its nodes and suggest commands."""
    made = Stack(stack)
    wanted = _refuse_a_bad_topology(made, topology)
    _refuse_a_machine_that_cannot(made, wanted)
    _refuse_a_foreign_lab(made)
    _prepare(made, topology)
    planned = parse(planned_inventory(validated(stack, made.config()), _owner(made)))
    with _emptied(made, planned):
        _bring_up(made, planned)
    lab = open_settled(stack)
    engine.limit_processes(lab.inventory)
    if done := instance_parameters.apply_declared(lab.inventory):
        say(done)
    wellness.await_all(lab)
    show(lab)
    say(
        f"\nTry next:\n  ./redlab drill {stack} --list\n  ./redlab drill {stack} {_first_drill(lab.inventory)}\n"
        f"  ./redlab inspect {stack}\n  make destroy STACK={stack}"
    )


def _first_drill(inventory: Inventory) -> str:
    names = [one.name for one in runnable(inventory)]
    return "dps-crash" if "dps-crash" in names else names[0]


def secrets(stack: StackArgument, *, topology: TopologyOption = None) -> None:
    """Create the secrets that a stack lacks. Needed once before `pulumi up` is run without `redlab up`."""
    made = Stack(stack)
    _refuse_a_bad_topology(made, topology)
    _prepare(made, topology)
    answer(f"stack {stack} has its secrets; `pulumi up --stack {stack}` can be run")


def destroy(stack: StackArgument) -> None:
    """Remove a lab: containers, networks, volumes, and the stack. Images stay. Refused while a drill runs."""
    made = Stack(stack)
    if not made.exists():
        answer(f"there is no stack {stack}")
        engine.remove(_labels(stack, _owner(made)))
        return
    with journal.exclusive(stack):
        if made.interrupted() or _leftovers(made):
            # Containers that a killed `up` was creating are not in the state, but use networks and volumes that are.
            engine.remove(_labels(stack, _owner(made)))
        labels = _labels(stack, _owner(made))  # read now: destroying the stack deletes the config that has the owner
        made.destroy()
        engine.remove(labels)
    answer(f"stack {stack} is gone")


def sweep(
    stack: StackArgument,
    *,
    any_owner: Annotated[
        bool, typer.Option("--any-owner", help="Also remove a lab of this name that another checkout created.")
    ] = False,
) -> None:
    """Remove a lab whose Pulumi state is lost. Its containers, networks and volumes are found by their labels."""
    removed = engine.remove(_labels(stack, None if any_owner else _owner(Stack(stack))))
    answer(f"removed {removed} containers, networks and volumes" if removed else "nothing to remove")


def _refuse_a_bad_topology(made: Stack, topology: str | None) -> Topology:
    chosen = {"redundancy:topology": topology} if topology else {}
    return validated(made.name, {**made.config(), **chosen})


def _refuse_a_machine_that_cannot(made: Stack, topology: Topology) -> None:
    """Raise RedlabError with the findings of `redlab doctor` that prevent this lab."""
    facts = reading.facts()
    concerns = {Concern.EVERY_LAB}
    if topology.wan_router:
        concerns.add(Concern.SEVERAL_SITES)
    if not facts.engine.error and not engine.labelled(_labels(made.name, _owner(made))):
        concerns.add(Concern.NEW_LAB)
    found = refusals(facts, concerns)
    if found:
        raise RedlabError("\n".join(["this machine cannot run the lab (`redlab doctor` says more):", *found]))


def _prepare(made: Stack, topology: str | None) -> None:
    """Create the stack, its secrets, owner and address pool where missing; nothing when the lab's claims collide."""
    config = {**made.config(), **({"redundancy:topology": topology} if topology else {})}
    chosen = _free_pool(made, config)
    if not made.exists():
        with progress(f"creating stack {made.name}"):
            made.create()
    if topology and topology != made.config().get("redundancy:topology"):
        made.set_config("redundancy:topology", topology)
    created = made.create_secrets()
    if created:
        say(f"created {', '.join(created)}")
    if "redundancy:owner" not in config:
        made.set_config("redundancy:owner", checkout.owner())
    if chosen:
        made.set_config("redundancy:addressPool", chosen)
    _certify(made, config | ({"redundancy:addressPool": chosen} if chosen else {}))


def _certify(made: Stack, config: Mapping[str, Any]) -> None:
    """Create the user interface's certificate if the topology has TLS and no certificate covers its addresses."""
    topology = validated(made.name, config)
    if not topology.user_interface.tls:
        return
    from redlab.stack import certificates

    described = parse(planned_inventory(topology))
    sites = [site.virtual_ips["users"] for site in described.sites if not site.witness]
    addresses = {THIS_MACHINE[0], described.virtual_ips["users"], *sites}
    if not certificates.covers(made.secret(CERTIFICATE) or "", addresses):
        made.set_config(CERTIFICATE, certificates.make(made.name, addresses), secret=True)
        say(f"created a certificate for {', '.join(sorted(addresses))}: `redlab certificate {made.name}`")


def _free_pool(made: Stack, config: Mapping[str, Any]) -> str | None:
    """Return a free address pool, or None if topology or config has one.

    Raises RedlabError when an address range or port that the lab needs is in use; the message names its user.
    """
    owner = _owner(made)
    seen, routed = address_pool.of_engine(made.name, owner), address_pool.routes(bridges=address_pool.bridges())
    given = topology_source(made.name, config).document.get("addressPool") or config.get("redundancy:addressPool")
    chosen = None if given else address_pool.choose(made.name, [*seen.others, *routed])
    topology = validated(made.name, {**config, "redundancy:addressPool": given or chosen})
    described = planned_inventory(topology, owner)
    _refuse_incompatible_volumes(made, described)
    address_pool.refuse(claims.of_lab(described, IPv4Network(topology.address_pool)), seen, routed)
    return chosen


def _refuse_incompatible_volumes(made: Stack, described: Mapping[str, Any]) -> None:
    """Raise RedlabError when the topology cannot continue with the data that the existing lab keeps."""
    things = engine.labelled(_labels(made.name, _owner(made)))
    for problem in kept.problems(described, [kept.held(one.labels, one.environment) for one in things]):
        raise RedlabError(problem)


@contextmanager
def _emptied(made: Stack, planned: Inventory) -> Iterator[None]:
    """Empty the gateways that are no longer in the topology, before Pulumi removes them."""
    wanted = {node.name for node in planned.nodes}
    # Volumes too: they hold the queues, even of a gateway whose container is gone.
    things = engine.labelled({**_labels(made.name, _owner(made)), f"{LABEL_PREFIX}role": Role.GATEWAY})
    gone = sorted(leaving.sites([thing.labels for thing in things], wanted))
    if not gone:
        yield
        return
    say(f"emptying {', '.join(gone)}: no longer in the topology")
    inventory = open_lab(made.name).inventory
    with gateway_removal.drained(inventory, [inventory.node(name) for name in gone]):
        yield


def _bring_up(made: Stack, planned: Inventory) -> None:
    """Run `pulumi up`. If it fails because a killed `up` left things behind, the error names the remedy."""
    gone = _removed_by_hand(made, planned)
    if gone:
        say(f"removed outside of redlab, created again: {', '.join(gone)}")
    try:
        made.up(Reach(planned, EngineProbe(planned)).look, refresh=bool(gone))
    except SitesApartError:
        raise
    except RedlabError as error:
        try:
            names = _leftovers(made)
        except RedlabError:
            names = []
        if not names:
            raise
        raise RedlabError(
            f"{error}. Lab {made.name} has containers, networks or volumes that its Pulumi state lacks "
            f"({', '.join(names)}): a killed `up` left them, and the official Docker plugin cannot adopt them. Run "
            f"`./redlab destroy {made.name}`, then `./redlab up {made.name}`"
        ) from None


def _removed_by_hand(made: Stack, planned: Inventory) -> list[str]:
    """Return the names of the lab's resources that the Pulumi state has and the engine lacks.

    Without a refresh, Pulumi would trust its state. A container holds its networks and volumes: while no container is
    missing, nothing is.
    """
    there = {thing.id: thing.name for thing in engine.labelled(_labels(made.name, _owner(made)))}
    if not there or {node.container for node in planned.nodes} <= {*there.values()}:
        return []
    return sorted(name for identity, name in made.made_things().items() if identity not in there)


def _leftovers(made: Stack) -> list[str]:
    """Return the names of the lab's containers, networks and volumes that the Pulumi state lacks."""
    known = made.made_ids()
    things = engine.labelled(_labels(made.name, _owner(made)))
    return sorted(thing.name for thing in things if thing.id not in known)


def _refuse_a_foreign_lab(made: Stack) -> None:
    """Raise RedlabError when another checkout has a lab of this name: container names would collide."""
    own = {thing.id for thing in engine.labelled(_labels(made.name, _owner(made)))}
    foreign = [thing.name for thing in engine.labelled(_labels(made.name, None)) if thing.id not in own]
    if foreign:
        raise RedlabError(
            f"lab {made.name} exists already, created by another checkout ({len(foreign)} containers, networks and "
            f"volumes, for example {foreign[0]}). Choose another stack name, or destroy that lab from its checkout. If "
            f"that checkout is lost: `./redlab sweep {made.name} --any-owner`"
        )


def _owner(made: Stack) -> str:
    """Return the owner that the stack's config states; this checkout, if the config is lost."""
    return str(made.config().get("redundancy:owner") or checkout.owner())


def _labels(stack: str, owner: str | None) -> dict[str, str]:
    labels = {f"{LABEL_PREFIX}lab": stack}
    return labels if owner is None else {**labels, f"{LABEL_PREFIX}owner": owner}
