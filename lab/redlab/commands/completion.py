"""`redlab completion`: what makes a shell complete commands, options, stacks and scenarios."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_shared import get_completion_script

from redlab.output import answer


class Shell(StrEnum):
    """The shells that commands are completed in."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(completion)


def completion(shell: Annotated[Shell, typer.Argument(help="The shell that you use.")]) -> None:
    """Print the script that makes a shell complete the words of `redlab`.

    For bash: `eval "$(redlab completion bash)"`, in ~/.bashrc too. For zsh the same with `zsh`, after `compinit`. For
    fish: `redlab completion fish > ~/.config/fish/completions/redlab.fish`.
    """
    answer(get_completion_script(prog_name="redlab", complete_var="_REDLAB_COMPLETE", shell=shell))
