"""docker:index/volume:Volume."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from redlab_provider import diff, labels, ownership, schema, traits
from redlab_provider.engine import CONFLICT, MISSING, EngineError
from redlab_provider.errors import ResourceError
from redlab_provider.operation import Existing, Operation, ReadResult
from redlab_provider.values import is_zero

if TYPE_CHECKING:
    from collections.abc import Mapping

_IN_USE_SECONDS: Final = 30.0
"""How long a removal waits for containers that are being removed (as long as the official plugin)."""
_LOOK_AGAIN_SECONDS: Final = 0.5


def state_of(inspected: dict[str, Any], inputs: Mapping[str, Any], *, refreshed: bool) -> dict[str, Any]:
    """Return the recorded state of a volume as the engine describes it."""
    options = inspected.get("Options") or {}
    return {
        "cluster": None,
        "driver": inspected["Driver"],
        "driverOpts": options if refreshed or options or inputs.get("driverOpts") else None,
        "labels": labels.to_list(inspected.get("Labels")),
        "mountpoint": inspected.get("Mountpoint", ""),
        "name": inspected["Name"],
        "id": inspected["Name"],
        "__meta": traits.META[traits.VOLUME],
    }


def inputs_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that would create this volume (for an import)."""
    names = schema.resources()[traits.VOLUME].inputs
    return {
        name: state[name]
        for name in names
        if not is_zero(state.get(name)) and (name, state[name]) != ("driver", "local")
    }


class VolumeHandler:
    """Create, read and delete volumes."""

    def create(self, operation: Operation, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Create the volume, or take over the one that an interrupted update left behind.

        The engine also answers "created" for a volume that exists, so the name is looked up first. A volume of another
        owner is refused. A leftover with other properties is refused, too: it may hold data.
        """
        name = inputs["name"]
        wanted = labels.to_map(inputs.get("labels"))
        existing = operation.engine.volume(name)
        if existing is None:
            operation.cancellation.check()
            try:
                with operation.engine.call() as client:
                    existing = client.create_volume(
                        name, inputs.get("driver"), inputs.get("driverOpts") or {}, labels=wanted
                    )
            except EngineError as error:
                raise EngineError(f'volume "{name}": {error}', error.status) from error
        elif not ownership.is_leftover(existing.get("Labels") or {}, wanted) or self._differs(existing, inputs):
            raise ownership.refuse("volume", name, f"an existing volume ({name})", existing.get("Labels"))
        operation.registry.claim(f"volume {name}", operation.urn)
        return name, state_of(existing, inputs, refreshed=False)

    def _differs(self, existing: dict[str, Any], inputs: dict[str, Any]) -> bool:
        state = state_of(existing, inputs, refreshed=True)
        return bool(diff.diff(schema.resources()[traits.VOLUME], state, inputs, inputs).changes)

    def read(self, operation: Operation, existing: Existing) -> ReadResult | None:
        """Return the volume's current state."""
        inspected = operation.engine.volume(existing.resource_id)
        if inspected is None:
            return None
        outputs = state_of(inspected, existing.inputs, refreshed=True)
        return ReadResult(inspected["Name"], existing.inputs or inputs_of(outputs), outputs)

    def update(self, operation: Operation, existing: Existing, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return the state. A volume is replaced when a property changes, so an update has nothing to change."""
        inspected = operation.engine.volume(existing.resource_id)
        if inspected is None:
            raise ResourceError(f'volume "{existing.resource_id}" is gone; run `pulumi refresh`')
        return state_of(inspected, inputs, refreshed=False)

    def delete(self, operation: Operation, existing: Existing) -> None:
        """Remove the volume as soon as the last container that uses it is gone."""
        name = existing.resource_id
        deadline = operation.deadline(_IN_USE_SECONDS)
        with operation.events.watch(name) as watch:
            while (reason := self._removed(operation, name)) is not None:
                operation.cancellation.check()
                rest = deadline - time.monotonic()
                if rest <= 0:
                    raise ResourceError(f'volume "{name}" cannot be removed: {reason}')
                watch.wait(min(rest, _LOOK_AGAIN_SECONDS))
        operation.registry.release(f"volume {name}")

    def _removed(self, operation: Operation, name: str) -> str | None:
        """Try to remove the volume; return the engine's message if the volume is still in use."""
        try:
            with operation.engine.call() as client:
                client.remove_volume(name)
        except EngineError as error:
            if error.status == MISSING:
                return None
            if error.status == CONFLICT and "in use" in str(error):
                return str(error)
            raise
        return None
