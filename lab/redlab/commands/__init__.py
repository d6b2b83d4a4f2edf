"""The commands of the CLI, in the groups of the help."""

from __future__ import annotations

from importlib import import_module

import typer

GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "Choose": {"advise": ("advise",), "validate": ("validate",), "graph": ("graph",)},
    "Lab": {
        "doctor": ("doctor",),
        "lifecycle": ("up", "destroy", "secrets", "sweep"),
        "inspect": ("inspect",),
        "watch": ("watch",),
        "password": ("password",),
        "certificate": ("certificate",),
        "exec": ("exec",),
        "bill_of_materials": ("sbom",),
        "upgrade": ("upgrade",),
    },
    "Drills": {
        "drill": ("drill",),
        "datasheet": ("datasheet",),
        "sensitivity": ("sensitivity",),
        "history": ("history",),
        "heal": ("heal",),
    },
    "Recovery": {
        "readiness": ("readiness",),
        "runbook": ("runbook",),
        "failover": ("switchover", "failover", "failback", "reprotect"),
        "controller": ("controller",),
    },
    "Links and instances": {
        "link": ("link",),
        "topology": ("topology",),
        "config": ("config",),
        "drift": ("drift",),
    },
    "Shell": {"completion": ("completion",)},
}
"""Group → module → its commands, all in the order of the help."""


def modules() -> dict[str, tuple[str, ...]]:
    """Return the names of the commands that each module defines."""
    return {module: commands for group in GROUPS.values() for module, commands in group.items()}


def register(app: typer.Typer, command: str = "") -> None:
    """Add the commands of the module that defines ``command`` to the application; all commands if no module does.

    Importing the other modules would take longer than most commands run.
    """
    found = modules()
    for module in [module for module, commands in found.items() if command in commands] or found:
        import_module(f"{__name__}.{module}").register(app)
    _group(app)


def _group(app: typer.Typer) -> None:
    """Assign each command to its group in the help."""
    group_of = {name: group for group, found in GROUPS.items() for commands in found.values() for name in commands}
    for info in app.registered_commands:
        callback = info.callback
        info.rich_help_panel = group_of[info.name or (callback.__name__ if callback else "")]
    for typed in app.registered_groups:
        inner = typed.typer_instance
        typed.rich_help_panel = group_of[str(inner.info.name if inner else typed.name)]
