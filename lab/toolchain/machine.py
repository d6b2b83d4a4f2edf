"""The machine of the set-up: its user, its environment, and the programs on it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Daemons and debootstrap are there. The PATH of an ordinary user or a CI job often lacks these folders.
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")

TIMED_OUT = 124
NOT_FOUND = 127


@dataclass(frozen=True)
class Answer:
    """A short command's result; `code` as in a shell (124: timed out, 127: no such program)."""

    code: int
    output: str
    errors: str

    @property
    def ok(self) -> bool:
        """True when the program succeeded."""
        return self.code == 0


@dataclass(frozen=True)
class Machine:
    """A machine as the set-up uses it; tests make their own."""

    environ: Mapping[str, str]
    is_root: bool
    system_folders: tuple[str, ...] = SYSTEM_FOLDERS
    systemd_folder: Path = Path("/run/systemd/system")
    apt_folder: Path = Path("/etc/apt")
    processor_controller: Path = Path("/sys/fs/cgroup/cpu")

    @classmethod
    def this(cls) -> "Machine":
        """Return the machine that this program runs on."""
        return cls(environ=dict(os.environ), is_root=os.geteuid() == 0)

    @property
    def search_path(self) -> str:
        """PATH, then the folders of system programs."""
        return os.pathsep.join([self.environ.get("PATH", os.defpath), *self.system_folders])

    @property
    def child_environ(self) -> dict[str, str]:
        """The environment for programs that the set-up runs."""
        return {**self.environ, "PATH": self.search_path}

    @property
    def has_systemd(self) -> bool:
        """True when systemd runs this machine's services."""
        return self.systemd_folder.is_dir()

    def which(self, program: str, *, outside: Path | None = None) -> Path | None:
        """Find a program; programs below the folder `outside` do not count."""
        folders = self.search_path.split(os.pathsep)
        if outside is not None:
            folders = [folder for folder in folders if not Path(folder).resolve().is_relative_to(outside)]
        found = shutil.which(program, path=os.pathsep.join(folders))
        return None if found is None else Path(found)

    def ask(self, *command: str, timeout_seconds: float = 20.0, cwd: Path | None = None) -> Answer:
        """Run a short, harmless command and return its result; never raises."""
        program = self.which(command[0])
        if program is None:
            return Answer(NOT_FOUND, "", f"{command[0]}: not found")
        try:
            done = subprocess.run(
                [str(program), *command[1:]],
                env=self.child_environ,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Answer(TIMED_OUT, "", f"{command[0]}: no answer within {timeout_seconds:g} s")
        return Answer(done.returncode, done.stdout.strip(), done.stderr.strip())
