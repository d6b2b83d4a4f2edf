"""What has to be so before an upgrade changes anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from redlab import engine
from redlab.engine import EngineError, MissingError
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node, parse
from redlab.probes.node_state import node_states
from redlab.stack.declaration import planned_inventory, topology_source, validated
from redlab.stack.pulumi import OVERRIDES, Stack
from redlab.upgrade import declared
from redundancy.roles import IMAGES, Role

DATABASE_IMAGES = (Role.DATABASE.row.stand_in, Role.DATABASE.row.cluster_stand_in)


@dataclass(frozen=True)
class Version:
    """A version of PostgreSQL since 10, such as 15.8."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


def refuse(inventory: Inventory, images: Mapping[str, str], *, with_outage: bool) -> None:
    """Raise RedlabError with what keeps these images from being brought to the lab; nothing is changed.

    An image that the engine does not have is pulled.
    """
    stack = Stack(inventory.lab)
    roles = sorted({node.image_role for node in inventory.nodes})
    if roles[0] == "":
        raise RedlabError(f"lab {inventory.lab} was made by an older redlab: `redlab up {inventory.lab}` first")
    if unknown := sorted(set(images) - set(roles)):
        raise RedlabError(f"no node of lab {inventory.lab} has an image called {', '.join(unknown)}; {_known(roles)}")
    if _bare(parse(planned_inventory(validated(stack.name, stack.config())))) != _bare(inventory):
        raise RedlabError(
            f"the topology of lab {inventory.lab} was changed since it was brought up; an upgrade brings images alone: "
            f"`redlab up {inventory.lab}` first"
        )
    overrides = stack.overrides()
    # What is no reference of an image, or of a role that the topology lacks, is said as `validate` says it.
    validated(stack.name, {**stack.config(), OVERRIDES: declared.for_all(overrides, inventory, images)})
    _refuse_another_upgrade(inventory, images, overrides, stack)
    if alone := alone_in(inventory, images):
        costs = "; ".join(f"{name} stands alone: {cost}" for name, cost in alone.items())
        if not with_outage:
            raise RedlabError(f"{costs} while it is made anew. `--with-outage` does so, last; nothing was changed")
    for image in sorted(filter(None, images.values())):
        get(image)
    for role, image in images.items():
        if image:
            same_kind(next(node for node in inventory.nodes if node.image_role == role), image)
            if IMAGES[role] in DATABASE_IMAGES:
                servers = [node for node in inventory.nodes if node.image_role == role]
                compare(image, version_of_image(image), {node.name: version_of_node(node) for node in servers})


def refuse_an_unwell_lab(inventory: Inventory, images: Mapping[str, str]) -> None:
    """Raise RedlabError when a node is not ready that an interrupted upgrade of these images did not make so."""
    overrides = Stack(inventory.lab).overrides()
    begun = {node.name for path in declared.own_images(overrides, inventory, images) for node in _of(inventory, path)}
    states = [state for state in node_states(inventory) if not state.ready and state.name not in begun]
    unready = [f"{state.name} {state.state}" for state in states]
    if unready:
        raise RedlabError(f"not every node is ready: {', '.join(unready)}; `redlab heal {inventory.lab}` first")


def alone_in(inventory: Inventory, roles: Iterable[str]) -> dict[str, str]:
    """Return the names of the nodes of these images that nothing takes over from, with what their absence costs."""
    return {
        node.name: node.role.row.absence
        for node in inventory.nodes
        if node.image_role in roles and node.role.row.absence and len(inventory.of_role(node.role)) == 1
    }


def get(image: str) -> None:
    """Pull an image that the engine does not have. Raises RedlabError when it cannot be had."""
    try:
        engine.of().image(image)
    except MissingError:
        try:
            engine.of().pull(image)
        except EngineError as error:
            raise RedlabError(f"image {image} is not on the engine, and cannot be pulled: {error.words}") from None


def same_kind(node: Node, image: str) -> None:
    """Raise RedlabError when an image is for another operating system or processor than the one that a node runs."""
    own = engine.of(node)
    new, old = own.image(image), own.image(own.container(node.container).image)
    for made, allowed in ((new.operating_system, old.operating_system), (new.architecture, old.architecture)):
        if made != allowed:
            raise RedlabError(
                f"image {image} is made for {made}; allowed: {allowed}; why: all nodes of a role have the "
                "same operating system and architecture (best practices, chapter 3)"
            )


def version_of_image(image: str) -> Version:
    """Return which PostgreSQL an image has: it is run without a network, and says so. Raises RedlabError."""
    try:
        said = engine.of().run_once(image, ["--version"], entrypoint="postgres", read_only=True)
    except EngineError as error:
        why = error.words
        raise RedlabError(f"image {image} does not say which PostgreSQL it has (postgres --version): {why}") from None
    return parsed(said, f"image {image}")


def version_of_node(node: Node) -> Version:
    """Return which PostgreSQL a node runs. Raises RedlabError when it does not answer."""
    return parsed(engine.execute(node, ["postgres", "--version"]), node.name)


def parsed(said: str, whose: str) -> Version:
    """Read what `postgres --version` says. Raises RedlabError when it is no version. Pure."""
    found = re.search(r"PostgreSQL\) (\d+)\.(\d+)", said)
    if not found:
        raise RedlabError(
            f"{whose}: found {said.strip()[:80]!r} as the version of PostgreSQL; allowed: 15.8 and the like"
        )
    return Version(int(found[1]), int(found[2]))


def compare(image: str, new: Version, running: Mapping[str, Version]) -> None:
    """Raise RedlabError when servers cannot go over to another version one after the other. Pure.

    PostgreSQL's documentation, Log-Shipping Standby Servers, Planning: between major releases there is no log shipping;
    a newer minor release is more likely to read an older one's log than the other way, so the standby goes first.
    """
    for name, old in running.items():
        if new.major != old.major:
            raise RedlabError(
                f"image {image} has PostgreSQL {new}, {name} runs {old}; allowed: {old.major}.x; why: a standby does "
                f"not read the log of another major version, and a server of {new.major} does not open the data on "
                f"{name}'s volume, also where it is replicated logically. A major upgrade needs the data taken over "
                "(pg_upgrade, or a dump), which this version does not do"
            )
        if new.minor < old.minor:
            raise RedlabError(
                f"image {image} has PostgreSQL {new}, {name} runs {old}; allowed: {old} or newer; why: a standby must "
                "not be older than its primary, and the standby goes first"
            )


def _refuse_another_upgrade(
    inventory: Inventory, images: Mapping[str, str], overrides: Mapping[str, object], stack: Stack
) -> None:
    """What names images for sites and nodes must be this upgrade, interrupted."""
    file = topology_source(stack.name, {**stack.config(), OVERRIDES: None}).document
    own = declared.own_images(file, inventory, images)
    if own:
        places = ", ".join(".".join(path) for path in own)
        raise RedlabError(f"the topology file names images for single sites or nodes ({places}): change them there")
    for path, image in declared.own_images(overrides, inventory, images).items():
        wanted = images[_of(inventory, path)[0].image_role]
        if wanted and image != wanted:
            raise RedlabError(
                f"an upgrade to {image} was begun ({OVERRIDES}.{'.'.join(path)}) and not ended: finish it with this "
                f"image, or revert it first: `redlab upgrade {inventory.lab} --undo`"
            )


def _of(inventory: Inventory, path: tuple[str, ...]) -> list[Node]:
    """Return the nodes whose image stands at a path of the topology: those of a role in a site, or a single one."""
    here = inventory.of_site(path[1])
    if path[2] == "images":
        return [node for node in here if node.image_role == path[3]]
    return [node for node in here if node.name in (path[4], f"{path[1]}-{path[4]}")]


def _bare(inventory: Inventory) -> Inventory:
    """Return an inventory without what an upgrade changes, and whose it is."""
    return replace(inventory, labels={}, nodes=tuple(replace(node, image="") for node in inventory.nodes))


def _known(roles: Iterable[str]) -> str:
    return f"there are: {', '.join(roles)}"
