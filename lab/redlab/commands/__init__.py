"""The commands of the CLI, grouped by what they do."""

from __future__ import annotations

from importlib import import_module

import typer

COMMANDS: dict[str, tuple[str, ...]] = {
    "advise": ("advise",),
    "doctor": ("doctor",),
    "lifecycle": ("up", "destroy", "secrets", "sweep"),
    "look": ("validate", "inspect", "password", "certificate", "graph"),
    "watch": ("watch",),
    "drill": ("drill",),
    "datasheet": ("datasheet",),
    "history": ("history",),
    "sensitivity": ("sensitivity",),
    "operate": ("switchover", "failover", "failback", "reprotect", "controller", "heal", "exec"),
    "recovery_plan": ("runbook", "readiness"),
    "upgrade": ("upgrade",),
    "topology": ("topology",),
    "drift": ("drift",),
    "bill_of_materials": ("sbom",),
    "config": ("config",),
    "link": ("link",),
}
"""The commands of each module, in the order in which the help lists them."""


def register(app: typer.Typer, command: str = "") -> None:
    """Add every command to the application; or those of the module alone that has ``command``, if there is one.

    What the other modules need takes longer to import than most commands to run.
    """
    modules = [module for module, commands in COMMANDS.items() if command in commands] or COMMANDS
    for module in modules:
        import_module(f"{__name__}.{module}").register(app)
