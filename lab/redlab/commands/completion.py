"""`redlab completion`: the script by which a shell completes commands, options, stacks and scenarios."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_shared import get_completion_script

from redlab.output import answer


class Shell(StrEnum):
    """The shells that have completion."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(completion)


def completion(shell: Annotated[Shell, typer.Argument(help="The shell that you use.")]) -> None:
    """Print the script by which a shell completes commands, options, stacks and scenarios.

    bash: put `eval "$(redlab completion bash)"` into ~/.bashrc. zsh: put `eval "$(redlab completion zsh)"` into
    ~/.zshrc, after `compinit`. fish: `redlab completion fish > ~/.config/fish/completions/redlab.fish`.
    """
    answer(get_completion_script(prog_name="redlab", complete_var="_REDLAB_COMPLETE", shell=shell))
