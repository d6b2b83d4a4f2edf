"""The paths in a checkout."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The paths of one checkout; all generated files are under `.lab/`, which git ignores."""

    root: Path

    @classmethod
    def of_this_checkout(cls) -> "Layout":
        """Return the checkout that this file belongs to."""
        return cls(Path(__file__).resolve().parents[2])

    @property
    def lab(self) -> Path:
        """The folder of all generated files."""
        return self.root / ".lab"

    @property
    def log(self) -> Path:
        """The folder for the output of long-running programs."""
        return self.lab / "log"

    @property
    def venv(self) -> Path:
        """The Python environment."""
        return self.lab / "venv"

    @property
    def pyproject(self) -> Path:
        """The file that declares the Python environment's packages."""
        return self.root / "pyproject.toml"

    @property
    def pulumi_home(self) -> Path:
        """Pulumi's folder: plugins, workspaces, and in `bin` a CLI that the set-up installed."""
        return self.lab / "pulumi"

    @property
    def pulumi_bin(self) -> Path:
        """The folder for a Pulumi CLI when the machine has none."""
        return self.pulumi_home / "bin"

    @property
    def state(self) -> Path:
        """Pulumi's state, as files."""
        return self.lab / "state"

    @property
    def passphrase(self) -> Path:
        """The passphrase of the stacks' secrets."""
        return self.lab / "passphrase"

    @property
    def native_provider(self) -> Path:
        """The program of the native Docker provider."""
        return self.root / "lab" / "redlab_provider" / "pulumi-resource-docker"

    def module(self, name: str) -> Path:
        """Return the folder of a committed go.mod."""
        return self.root / "lab" / "toolchain" / name

    @contextmanager
    def scratch(self, purpose: str) -> Iterator[Path]:
        """Give a new folder on the file system of the results; it is always removed afterwards."""
        self.lab.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"tmp-{purpose}-", dir=self.lab))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep_scratch(self) -> None:
        """Remove the scratch folders of killed runs; call this only while no other run is in progress."""
        for folder in self.lab.glob("tmp-*-*"):
            shutil.rmtree(folder, ignore_errors=True)
