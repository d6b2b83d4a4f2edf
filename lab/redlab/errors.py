"""Errors that the user can act on, and the exit codes of all commands."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of all commands; :data:`EXIT_CODE_MEANINGS` explains them."""

    DONE = 0
    MISSED = 1
    BAD_USAGE = 2
    ABORTED = 3
    INTERRUPTED = 130


EXIT_CODE_MEANINGS = {
    ExitCode.DONE: "The command succeeded; a drill passed.",
    ExitCode.MISSED: "An objective was missed, or the answer is no (not ready, not alike).",
    ExitCode.BAD_USAGE: "Bad usage, or a prerequisite of the command is missing or broken.",
    ExitCode.ABORTED: "A measurement was aborted: it proves nothing.",
    ExitCode.INTERRUPTED: "The command was interrupted by Ctrl-C.",
}
"""One sentence for each exit code, printed by the help and in docs/commands.md."""


class RedlabError(Exception):
    """An error for the user: the command prints its message without a stack trace, and ends with ``exit_code``."""

    exit_code = ExitCode.BAD_USAGE


class DrillInterruptedError(RedlabError):
    """The user ended the command (Ctrl-C, SIGTERM) during a drill: no further drill may start."""

    exit_code = ExitCode.ABORTED
