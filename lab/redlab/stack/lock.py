"""A lock that Pulumi puts on a stack in a local backend: who holds it, and whether that process is still there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from redlab.errors import RedlabError
from redundancy.reading import DocumentError, read_json


@dataclass(frozen=True)
class Lock:
    """One lock: a file that names the process, the user and the machine."""

    file: Path

    def held(self) -> bool:
        """Whether somebody holds it, or may: what another machine's process does cannot be seen here.

        A file that names nobody is nobody's. Pulumi writes a lock beside its place and renames it, so that nobody is
        about to finish it: a full disk or a crash of the machine has left it so.
        """
        said = self._said()
        return bool(said) and (self._elsewhere(said) or _runs(said.get("pid")))

    def refuse_another_machine(self, stack: str) -> None:
        """Raise RedlabError with the way out where the lock was made under another name than this machine has."""
        said = self._said()
        if said and self._elsewhere(said):
            raise RedlabError(
                f"stack {stack} is locked by process {said.get('pid')} of {said.get('username')} on "
                f"{said.get('hostname')!r}; this machine is {os.uname().nodename!r}. Wait until that command ends. If "
                "that was this machine under a former name, and nothing runs on the stack any more: "
                f"`. .lab/env.sh && pulumi cancel --yes --stack {stack}`, then the same command again"
            )

    def _said(self) -> Mapping[str, object]:
        try:
            return read_json(self.file)
        except DocumentError as error:  # released meanwhile; or empty, or cut short
            if isinstance(error.__cause__, OSError):
                raise
            return {}

    def _elsewhere(self, said: Mapping[str, object]) -> bool:
        return said.get("hostname") != os.uname().nodename


def _runs(pid: object) -> bool:
    try:
        # The state follows the name of the program, which is in parentheses and may contain any character.
        state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    # A killed process whose parent is gone too stays a zombie until process 1 takes notice.
    return state not in ("Z", "X")
