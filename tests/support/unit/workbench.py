"""A machine that consists of a folder of small programs, and a checkout to set up on it."""

import io
import shutil
from pathlib import Path

from toolchain.context import Context
from toolchain.layout import Layout
from toolchain.machine import Machine
from toolchain.progress import Progress

ORDINARY_PROGRAMS = ("sh", "cat", "chmod", "cp", "mkdir", "rm", "sleep", "tar", "touch", "gzip")


class Workbench:
    """Programs are added as shell scripts that log their calls; the output of the set-up is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls_file = folder / "calls"
        self.output = io.StringIO()
        for name in ORDINARY_PROGRAMS:
            found = shutil.which(name)
            assert found is not None
            (self.bin / name).symlink_to(found)
        (folder / "apt").mkdir()
        self.layout = Layout(folder / "checkout")
        self._make_checkout()

    def program(self, name: str, body: str) -> Path:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.calls_file}\n{body}\n')
        path.chmod(0o755)
        return path

    def context(self, *, root: bool = False, systemd: bool = False, **environ: str) -> Context:
        machine = Machine(
            environ={"PATH": str(self.bin), **environ},
            is_root=root,
            system_folders=(),
            systemd_folder=self.bin if systemd else self.folder / "no-systemd",
            apt_folder=self.folder / "apt",
            processor_controller=self.folder / "no-controller",
        )
        return Context(machine, self.layout, Progress(self.output, self.layout.log))

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []

    @property
    def said(self) -> str:
        return self.output.getvalue()

    def _make_checkout(self) -> None:
        (self.layout.root / "lab" / "redlab_provider").mkdir(parents=True)
        self.layout.pyproject.write_text('[project]\nname = "x"\ndependencies = ["pulumi-docker==5.2.0"]\n')
        (self.layout.root / "requirements.lock").write_text("docker==7.2.0 --hash=sha256:00\n")
        real = Layout.of_this_checkout()
        for module in ("pulumi", "language-python"):
            self.layout.module(module).mkdir(parents=True)
            for name in ("go.mod", "go.sum"):
                shutil.copyfile(real.module(module) / name, self.layout.module(module) / name)
        (self.layout.module("pulumi") / "checksums.txt").write_text("# none\n")
