"""The outputs of a resource, as far as they are known before the update. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redlab_provider.values import complete
from redlab_provider.wire import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redlab_provider.schema import Resource


def created(resource: Resource, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a resource that will be created: the program's values; all others are unknown."""
    return {
        name: complete(inputs[name], resource.inputs[name], refreshed=False)
        if name in resource.inputs and inputs.get(name) is not None
        else UNKNOWN
        for name in resource.outputs
    }


def updated(resource: Resource, state: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a resource that will change in place: the old ones, updated with the program's values."""
    wanted = {
        name: complete(inputs[name], prop, refreshed=False)
        for name, prop in resource.inputs.items()
        if inputs.get(name) is not None
    }
    return dict(state) | wanted
