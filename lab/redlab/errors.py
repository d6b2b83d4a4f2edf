"""What goes wrong in a way that the user can do something about, and the exit codes of all commands."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code means; :data:`EXIT_CODE_MEANINGS` says it in words."""

    DONE = 0
    MISSED = 1
    BAD_USAGE = 2
    ABORTED = 3
    INTERRUPTED = 130


EXIT_CODE_MEANINGS = {
    ExitCode.DONE: "The command did what was asked; a drill passed.",
    ExitCode.MISSED: "An objective was missed, or the answer to the question is no (not ready, not alike).",
    ExitCode.BAD_USAGE: "Bad usage, or something that the command needs is missing or broken.",
    ExitCode.ABORTED: "A measurement was aborted: it proves nothing.",
    ExitCode.INTERRUPTED: "The command was interrupted by Ctrl-C.",
}
"""A sentence for each exit code: the help and docs/commands.md print these."""


class RedlabError(Exception):
    """A message for the user; the command ends with ``exit_code`` and no stack trace."""

    exit_code = ExitCode.BAD_USAGE


class DrillInterruptedError(RedlabError):
    """Somebody asked the command to end (Ctrl-C, SIGTERM): what comes after the drill must not be begun."""

    exit_code = ExitCode.ABORTED
