"""`python3 lab/toolchain setup | python | browser | stop`: the Makefile's commands."""

import argparse
import os
import pwd
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from toolchain import lock, setup, started_engine
from toolchain.context import Context
from toolchain.errors import SetupError
from toolchain.layout import Layout
from toolchain.machine import Machine
from toolchain.progress import Progress

EXIT_OK = 0
EXIT_NOT_READY = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit code: 0 done, 2 the user has to do something first, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python3 lab/toolchain", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="install what is missing: Python packages, Docker engine, base image, Pulumi")
    commands.add_parser("python", help="install the Python packages only: enough for commands without a Docker engine")
    commands.add_parser("browser", help="install the browser with which the tests operate the web pages")
    commands.add_parser("stop", help="stop the Docker engine, if setup started it")
    command = parser.parse_args(arguments).command
    # SIGTERM ends a set-up and the programs that it runs, as an interrupt does.
    signal.signal(signal.SIGTERM, _interrupt)
    layout = Layout.of_this_checkout()
    context = Context(Machine.this(), layout, Progress(sys.stderr, layout.log))
    setups = {"setup": setup.everything, "python": setup.python_packages, "browser": setup.browser_of_tests}
    try:
        if command == "stop":
            return _stop(context)
        return _setup(context, setups[command])
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return EXIT_NOT_READY
    except PermissionError as error:
        print(f"\n{_not_allowed(layout, error)}", file=sys.stderr)
        return EXIT_NOT_READY
    except KeyboardInterrupt:
        print("\ninterrupted: run the same command again; completed parts are kept", file=sys.stderr)
        return EXIT_INTERRUPTED


def _not_allowed(layout: Layout, error: PermissionError) -> SetupError:
    """Name the remedies when an earlier set-up ran as another user, such as root."""
    caller, lab = pwd.getpwuid(os.geteuid()).pw_name, shlex.quote(str(layout.lab))
    return SetupError(
        f"{caller} may not use {error.filename} ({error.strerror}): another user made it.",
        f"Run it as that user; or make the files your own: sudo chown -R {caller} {lab} (or remove that folder).",
    )


def _setup(context: Context, get: Callable[[Context], list[setup.Problem]]) -> int:
    def say_waiting(holder: str) -> None:
        context.progress.say("setup", f"waiting for another set-up of this checkout (process {holder}) …")

    with lock.held(context.layout.lab / "setup.lock", say_waiting):
        context.layout.sweep_scratch()
        problems = get(context)
    for noun, problem in problems:
        print(f"\n{noun}: {problem}", file=sys.stderr)
    return EXIT_NOT_READY if problems else EXIT_OK


def _stop(context: Context) -> int:
    stopped = started_engine.stop(context.layout)
    text = "stopped" if stopped else "setup started no running engine; other engines are left alone"
    context.progress.say(started_engine.NOUN, text)
    return EXIT_OK


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
