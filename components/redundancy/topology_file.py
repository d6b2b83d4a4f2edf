"""Finds and reads the topology file of a stack: for the Pulumi program, and for the CLI before it runs it."""

from __future__ import annotations

from pathlib import Path

from redundancy import source
from redundancy.loading import Source, override
from redundancy.reading import DocumentError, NoDocumentError, parse_json, shown


def read(folder: Path, name: object, overrides: object) -> Source:
    """Return what ``<folder>/<name>.yaml`` says, with the stack's overrides laid over it.

    ``name`` and ``overrides`` are what the stack's config says. Raises DocumentError when there is no such file (and
    lists those there are), or when it is no document.
    """
    file = f"{name}.yaml" if isinstance(name, str) else ""
    try:
        found = source.read(folder / file, f"{folder.name}/{file}") if file else None
    except NoDocumentError:
        found = None
    if found is None:
        known = sorted(path.stem for path in folder.glob("*.yaml") if not path.name.startswith("Pulumi."))
        raise DocumentError(
            f"no topology {f'{folder.name}/{file}' if file else shown(name)}; there are: {', '.join(known)}; "
            "the config value redundancy:topology names another"
        )
    return override(found, overrides)


def overrides(text: str | None) -> object:
    """Return the overrides of a stack from the JSON text that Pulumi makes of them. Raises DocumentError."""
    return parse_json(text, "config redundancy:overrides") if text else None
