"""The command line. A module of :mod:`redlab.commands` is imported only when one of its commands is called."""

from __future__ import annotations

import os
import pwd
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from typer._completion_classes import completion_init

from redlab import commands
from redlab.errors import EXIT_CODE_MEANINGS, ExitCode, RedlabError
from redlab.output import answer, messages
from redlab.stack import checkout, proxies
from redundancy.reading import DocumentError


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the command line. If ``arguments`` begin with a command, it has only the commands of that module."""
    app = typer.Typer(
        name="redlab",
        help="Run a redundancy topology as a local Docker lab, inject faults, and measure recovery time and lost data.",
        epilog="Exit codes: " + " ".join(f"{code:d}: {said}" for code, said in EXIT_CODE_MEANINGS.items()),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # Without a callback, Typer would make a single command the application, to be called without its name.
    app.callback()(_common)
    commands.register(app, next(iter(arguments), ""))
    return app


def _common(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=lambda asked: _version(asked), help="Print the version."),
    ] = False,
) -> None:
    """Handle the options that come before a command."""


def _version(asked: bool) -> None:
    if asked:
        answer(f"redlab {metadata.version('redundancy-lab')}")
        raise typer.Exit


def main() -> None:
    """Run a command; the process exits with one of :class:`redlab.errors.ExitCode`."""
    os.environ.update(proxies.bypass(os.environ))
    words = os.environ.get("COMP_WORDS", "").split() if "_REDLAB_COMPLETE" in os.environ else sys.argv
    if "_REDLAB_COMPLETE" in os.environ:
        completion_init()
    try:
        application(words[1:])()
    except (RedlabError, DocumentError) as error:
        cause = error.__cause__
        code = error.exit_code if isinstance(error, RedlabError) else ExitCode.BAD_USAGE
        _end(_not_allowed(cause) if isinstance(cause, PermissionError) else str(error), code)
    except PermissionError as error:
        _end(_not_allowed(error))
    except OSError as error:
        if error.filename:
            _end(f"{os.fsdecode(error.filename)}: {error.strerror}")
        raise


def _not_allowed(error: PermissionError) -> str:
    """Return a message that names the file's owner and, inside .lab, the remedy.

    Files in .lab belong to another user when, for example, root ran a command in the checkout.
    """
    said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    file = Path(os.fsdecode(error.filename or ""))
    if not file.is_relative_to(checkout.LAB):
        return said
    with suppress(OSError, KeyError):
        while not os.path.lexists(file):
            file = file.parent
        owner, caller = file.owner(), pwd.getpwuid(os.geteuid()).pw_name
        return (
            f"{said}. {file} belongs to {owner}, but {caller} runs this command: run it as {owner}, or change the "
            f"owner with `sudo chown -R {caller} {shlex.quote(str(checkout.LAB))}`"
        )
    return said


def _end(message: str, code: ExitCode = ExitCode.BAD_USAGE) -> None:
    messages.print(f"redlab: {message}", style="red", markup=False, soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
