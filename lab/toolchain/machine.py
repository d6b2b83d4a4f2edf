"""The machine under the set-up: who runs it, with which environment, and which programs it finds."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Daemons and debootstrap live there, and an ordinary user's PATH, or a CI job's, often leaves it out.
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")

TIMED_OUT = 124
NOT_FOUND = 127


@dataclass(frozen=True)
class Answer:
    """What a short question to a program gave; `code` follows the shell (124 timed out, 127 no such program)."""

    code: int
    output: str
    errors: str

    @property
    def ok(self) -> bool:
        """Whether the program said success."""
        return self.code == 0


@dataclass(frozen=True)
class Machine:
    """A machine as the set-up sees it; tests make their own."""

    environ: Mapping[str, str]
    is_root: bool
    system_folders: tuple[str, ...] = SYSTEM_FOLDERS
    systemd_folder: Path = Path("/run/systemd/system")
    apt_folder: Path = Path("/etc/apt")
    processor_controller: Path = Path("/sys/fs/cgroup/cpu")

    @classmethod
    def this(cls) -> "Machine":
        """Give the machine that this program runs on."""
        return cls(environ=dict(os.environ), is_root=os.geteuid() == 0)

    @property
    def search_path(self) -> str:
        """PATH, then the folders of system programs."""
        return os.pathsep.join([self.environ.get("PATH", os.defpath), *self.system_folders])

    @property
    def child_environ(self) -> dict[str, str]:
        """The environment programs are run with."""
        return {**self.environ, "PATH": self.search_path}

    @property
    def has_systemd(self) -> bool:
        """Whether systemd is running this machine's services."""
        return self.systemd_folder.is_dir()

    def which(self, program: str, *, outside: Path | None = None) -> Path | None:
        """Find a program, ignoring those below the folder `outside`."""
        folders = self.search_path.split(os.pathsep)
        if outside is not None:
            folders = [folder for folder in folders if not Path(folder).resolve().is_relative_to(outside)]
        found = shutil.which(program, path=os.pathsep.join(folders))
        return None if found is None else Path(found)

    def ask(self, *command: str, timeout_seconds: float = 20.0, cwd: Path | None = None) -> Answer:
        """Run a short, harmless command and give what it said; never raises."""
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
