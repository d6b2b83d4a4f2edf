"""What goes wrong in a way that the user can do something about."""

from __future__ import annotations


class RedlabError(Exception):
    """A message for the user; the command ends with ``exit_code`` 2 (aborted, or bad usage) and no stack trace."""

    exit_code = 2


class DrillInterruptedError(RedlabError):
    """Somebody asked the command to end (Ctrl-C, SIGTERM): what comes after the drill must not be begun."""
