"""A document becomes a :class:`Topology`. Pure.

Every problem names the file, the line, the path in the document, the value found, what is allowed, and why. What the
patterns demand beyond shape is :mod:`redundancy.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from redundancy import addressing, model, naming
from redundancy.building import completed
from redundancy.model import Document
from redundancy.reading import DocumentError, shown, told
from redundancy.shape import Broken, from_text, unbounded, whole
from redundancy.source import OVERRIDES, Source, parse, read
from redundancy.topology import Topology

__all__ = ["Broken", "Source", "built", "load", "name_faults", "override", "parse", "read"]


def override(source: Source, overrides: object) -> Source:
    """Lay single values of a stack's config over a document (deep merge); messages say what came from it.

    Raises DocumentError when the overrides are no mapping, or hold too much.
    """
    if overrides is None or overrides == {}:
        return source
    if not isinstance(overrides, Mapping):
        raise DocumentError(
            f"config {OVERRIDES}: found {shown(overrides)}; allowed: a mapping; set single values, such as "
            f"`pulumi config set --path {OVERRIDES}.objectives.rtoSeconds 10`"
        )

    if faults := unbounded(Source(f"config {OVERRIDES}", overrides)):
        raise DocumentError(told(faults))

    def merged(base: Any, over: Any) -> Any:
        if isinstance(base, dict) and isinstance(over, dict):
            return {key: merged(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
        return deepcopy(over)

    given = from_text(overrides)
    return replace(
        source, document=merged(dict(source.document), given), overrides=merged(dict(source.overrides), given)
    )


def load(source: Source, lab: str, address_pool: str | None = None) -> Topology:
    """Build the topology of the lab called ``lab``.

    ``address_pool`` is used when the document has none. Raises DocumentError with every problem of shape found.
    """
    faults = [*name_faults(lab), *Broken(source).faults]
    if faults:
        raise DocumentError(told(faults))
    return built(source.document, lab, address_pool)


def name_faults(lab: str) -> list[str]:
    """Return what is wrong with the name of a lab."""
    try:
        naming.check_lab_name(lab)
    except ValueError as error:
        return [str(error)]
    return []


def built(document: Document, lab: str, address_pool: str | None) -> Topology:
    """Return the topology that a document of the right shape describes."""
    declared: Topology = model.read(Topology, whole(document))
    return completed(declared, lab, declared.address_pool or address_pool or addressing.default_pool(lab))
