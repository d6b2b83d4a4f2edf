"""The command line. Each command is a module of :mod:`redlab.commands`, imported when it is called."""

from __future__ import annotations

import sys

import typer

from redlab import commands
from redlab.errors import RedlabError
from redlab.output import messages
from redundancy.loading import TopologyError

app = typer.Typer(
    name="redlab",
    help="Stand up a redundancy topology as a local Docker lab, break it on purpose, and measure what it cost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
commands.register(app)


def main() -> None:
    """Run a command; exits with 0 done or passed, 1 objective missed, 2 aborted or bad usage, 130 interrupted."""
    try:
        app()
    except (RedlabError, TopologyError) as error:
        _end(str(error))
    except Exception as error:
        # Whoever meets an error of the engine has imported its client; commands that need none start without.
        docker = sys.modules.get("docker")
        if docker is None or not isinstance(error, docker.errors.DockerException):
            raise
        _end(f"the Docker engine: {getattr(error, 'explanation', None) or error}")


def _end(message: str) -> None:
    messages.print(f"redlab: {message}", style="red", markup=False, soft_wrap=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
