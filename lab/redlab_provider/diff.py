"""Compare the recorded state with the program: the changes, and which of them need a new object. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from redlab_provider import traits
from redlab_provider.values import canonical, covers, is_zero, same
from redlab_provider.wire import has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redlab_provider.schema import Property, Resource


class Kind(Enum):
    """How a property changes."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """The change of one property."""

    name: str
    kind: Kind
    replaces: bool
    from_inputs: bool
    """True when the program changed; false when the object itself drifted."""


@dataclass(frozen=True)
class Difference:
    """All changes of a resource."""

    changes: tuple[Change, ...]
    delete_before_replace: bool

    @property
    def replaces(self) -> list[str]:
        """Names of the properties that force a replacement."""
        return [change.name for change in self.changes if change.replaces]

    @property
    def names(self) -> list[str]:
        """Names of all changed properties."""
        return [change.name for change in self.changes]


def diff(
    resource: Resource,
    state: dict[str, Any],
    old_inputs: dict[str, Any],
    news: dict[str, Any],
    ignored: Iterable[str] = (),
) -> Difference:
    """Compare the wanted inputs (`news`, checked) with the recorded state and with the inputs that led to it.

    A property that the program sets is compared with the state. A property that it does not set counts only when the
    program set it before. Values that the engine chose are therefore never a change.
    """
    skipped = {path.split(".")[0].split("[")[0] for path in ignored}
    changes = tuple(
        change
        for name, prop in sorted(resource.inputs.items())
        if name not in skipped
        and (change := _change(prop, state.get(name), old_inputs.get(name), news.get(name))) is not None
    )
    named = "name" in news and "name" not in news.get("__defaults", [])
    same_name = news.get("name") == state.get("name")
    return Difference(changes, delete_before_replace=resource.token in traits.AUTO_NAMED and named and same_name)


def _change(prop: Property, state: Any, old: Any, new: Any) -> Change | None:
    if new is None:
        if old is None or is_zero(old) or is_zero(state):
            return None
        return Change(prop.name, Kind.DELETE, _replaces(prop, state, None), from_inputs=True)
    if same(state, new, prop):
        return None
    from_inputs = not same(old, new, prop)
    if not from_inputs and covers(state, new, prop):
        return None
    kind = Kind.ADD if is_zero(state) and old is None else Kind.UPDATE
    return Change(prop.name, kind, _replaces(prop, state, new), from_inputs)


def _replaces(prop: Property, state: Any, new: Any) -> bool:
    """Tell whether the change needs a new object: because of the property, or of a nested field that differs."""
    if prop.replaces:
        return True
    if prop.kind != "object" or (has_unknown(new) and not isinstance(new, dict)):
        return False
    before, after = state or {}, new or {}
    return any(
        (field.replaces or field.kind == "object")
        and canonical(before.get(name), field) != canonical(after.get(name), field)
        and not (after.get(name) is None and field.default == before.get(name))
        and _replaces(field, before.get(name), after.get(name))
        for name, field in prop.fields.items()
    )
