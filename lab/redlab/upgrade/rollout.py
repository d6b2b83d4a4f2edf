"""What an upgrade does to a lab: it declares images for some nodes and has Pulumi make these anew, or reverts that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from redlab import engine
from redlab.engine import MissingError
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node, parse
from redlab.probes.node_state import node_states
from redlab.stack.declaration import planned_inventory, validated
from redlab.stack.pulumi import OVERRIDES, Stack
from redlab.upgrade import declared
from redlab.upgrade.broken import UpgradeError, Watch

READY_SECONDS = 90.0
"""How long a node may take by default to be healthy with a new image."""


class Rollout:
    """Brings new images to the nodes of a lab: ``images`` by their role; an empty one is what is declared without it.

    The overrides of the stack's config are all that it remembers: whoever interrupts it goes on with the same images,
    or reverts it, by another one.
    """

    def __init__(
        self,
        inventory: Inventory,
        images: Mapping[str, str],
        ready_seconds: float = READY_SECONDS,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.inventory = inventory
        self.images = images
        self._ready_seconds = ready_seconds
        self._say = say
        self._stack = Stack(inventory.lab)
        self._exported: Inventory | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes whose images are upgraded."""
        return tuple(node for node in self.inventory.nodes if node.image_role in self.images)

    @property
    def roles(self) -> frozenset[str]:
        """The roles of these nodes."""
        return frozenset(node.role for node in self.nodes)

    def done(self, nodes: Iterable[Node]) -> str:
        """Return that these nodes run what is wanted and are declared so; '' where something is to do."""
        nodes = [node for node in nodes if node.image_role in self.images]
        if not nodes:
            return "no node of these images"
        return "" if self._undone(nodes) else f"{_names(nodes)}: done before"

    def _undone(self, nodes: Iterable[Node]) -> list[Node]:
        """Return those of these nodes that do not run what is wanted, are not declared so, or are not ready."""
        wanted, planned = self._wanted(), self._planned(self._stack.overrides())
        states = {state.name: state for state in node_states(self.inventory)}

        def done(node: Node) -> bool:
            image = wanted.node(node.name).image
            # Pulumi, which takes a second to say what it did last, is not asked about what is not even declared.
            declared_so = planned.node(node.name).image == image and self.exported().node(node.name).image == image
            return declared_so and states[node.name].ready and not (image and _runs(node) != _id(image))

        return [node for node in nodes if not done(node)]

    def replace(self, nodes: Sequence[Node]) -> None:
        """Make these nodes anew with the wanted images; returns when they are ready.

        Where one does not get ready, all of them get back what they had, and UpgradeError names it.
        """
        without = self.without(nodes)
        images = {role: self.images[role] for role in {node.image_role for node in nodes}}
        self._up(declared.with_images(without, self.inventory, nodes, images), nodes, without)

    def settle(self) -> None:
        """Declare the images once for their whole role; nodes outside the sites, which are one of a kind, get them.

        Where that leaves every node as it was made, there is nothing to do for Pulumi.
        """
        before, undone = self._stack.overrides(), self._undone(self.nodes)
        wanted = declared.for_all(before, self.inventory, self.images)
        if not undone and self._planned(wanted) == self._planned(before):
            self._stack.set_overrides(wanted)
        else:
            self._up(wanted, undone, before)

    def settled(self) -> str:
        """Return that the images are declared for their whole role, and nothing else; '' where they are not."""
        overrides = self._stack.overrides()
        if declared.for_all(overrides, self.inventory, self.images) != overrides:
            return ""
        return self.done(self.nodes) and "declared for the whole lab"

    def without(self, nodes: Sequence[Node]) -> Mapping[str, object]:
        """Return the overrides without what this upgrade declared for these nodes."""
        roles = {node.image_role: "" for node in nodes}
        return declared.with_images(self._stack.overrides(), self.inventory, nodes, roles)

    def revert(self, overrides: Mapping[str, object]) -> None:
        """Declare these overrides, and have everything so. Raises RedlabError when it does not come about."""
        self._stack.set_overrides(overrides)
        self._exported = None
        self._stack.up()

    def exported(self) -> Inventory:
        """What the last `pulumi up` said of the lab."""
        if self._exported is None:
            self._exported = parse(self._stack.outputs()["inventory"])
        return self._exported

    def _up(self, overrides: Mapping[str, object], nodes: Sequence[Node], before: Mapping[str, object]) -> None:
        self._stack.set_overrides(overrides)
        self._exported = None
        ids = {node.image_role: _id(image) for node in nodes if (image := self.images[node.image_role])}
        watch = Watch([node for node in nodes if node.image_role in ids], ids, self._ready_seconds)
        try:
            self._stack.up(watch.look)
        except RedlabError as error:
            if not ids:
                raise
            self._say(f"broken: {error}; reverting it")
            self.revert(before)
            raise UpgradeError(f"{error}. It was reverted: {_names(nodes)} run what they ran before") from None

    def _wanted(self) -> Inventory:
        return self._planned(declared.for_all(self._stack.overrides(), self.inventory, self.images))

    def _planned(self, overrides: Mapping[str, object]) -> Inventory:
        topology = validated(self._stack.name, {**self._stack.config(), OVERRIDES: overrides})
        return parse(planned_inventory(topology))


def _names(nodes: Iterable[Node]) -> str:
    return ", ".join(node.name for node in nodes)


def _id(image: str) -> str:
    try:
        return engine.of().image(image).id
    except MissingError:
        return ""


def _runs(node: Node) -> str:
    try:
        return engine.container(node).image
    except MissingError:
        return ""
