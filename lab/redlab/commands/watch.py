"""`redlab watch`: shows a lab live, on a page or on the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from redlab.commands.arguments import FormatOption, OptionalStackArgument, duration_option
from redlab.control.lab import open_lab
from redlab.drills.matrix import runnable
from redlab.output import Format, answer, heed_interruptions, print_json, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(watch)


def watch(
    stack: OptionalStackArgument = "",
    *,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Show the lab on this terminal instead of a page.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Show the lab once and end.")] = False,
    interval_seconds: Annotated[
        float, duration_option(least=0.2, greatest=60, help="How often the terminal is refreshed.")
    ] = 1,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port of the page on 127.0.0.1. 0 takes a free port.")
    ] = 0,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show a lab live, on a page on 127.0.0.1 or on this terminal. Ctrl-C ends it.

    The page can run drills.
    """
    from redlab.watch.snapshot import look
    from redlab.watch.terminal import show

    lab = open_lab(stack)
    if output is Format.JSON:
        print_json(look(lab).document())
        return
    heed_interruptions()
    try:
        if terminal or once:
            show(lambda: look(lab), interval_seconds, times=1 if once else None)
            return
        from redlab.watch.process import Runner
        from redlab.watch.server import Server, Watched

        runner = Runner(stack)
        scenarios = tuple((one.name, one.summary) for one in runnable(lab.inventory))
        with Server(Watched(lambda: look(lab).document(), scenarios, runner), port) as server:
            answer(f"open {server.address}  (Ctrl-C ends it)")
            try:
                server.serve_forever()
            finally:
                runner.stop()
    except KeyboardInterrupt:
        say("ended")
