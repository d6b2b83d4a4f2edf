"""Finds and reads the topology file of a stack: for the Pulumi program, and for the CLI before it runs it."""

from __future__ import annotations

from pathlib import Path

from redundancy.building import Document
from redundancy.loading import Source, TopologyError, override, parse


def read(folder: Path, name: str, overrides: Document) -> Source:
    """Return what ``<folder>/<name>.yaml`` says, with the stack's overrides laid over it.

    Raises TopologyError when there is no such file (and lists those there are), or when it is no topology document.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in folder.glob("*.yaml") if not file.name.startswith("Pulumi."))
        raise TopologyError(
            f"no topology {folder.name}/{path.name}; there are: {', '.join(known)}; "
            "the config value redundancy:topology names another"
        )
    return override(parse(path.read_text(), f"{folder.name}/{path.name}"), overrides)
