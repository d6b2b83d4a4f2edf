"""Where things lie in a checkout."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The paths of one checkout; everything that is generated lies under `.lab/`, which git ignores."""

    root: Path

    @classmethod
    def of_this_checkout(cls) -> "Layout":
        """Give the checkout that this file belongs to."""
        return cls(Path(__file__).resolve().parents[2])

    @property
    def lab(self) -> Path:
        """All that is generated."""
        return self.root / ".lab"

    @property
    def log(self) -> Path:
        """Output of programs that talk much."""
        return self.lab / "log"

    @property
    def venv(self) -> Path:
        """The Python environment."""
        return self.lab / "venv"

    @property
    def pyproject(self) -> Path:
        """What the Python environment is made from."""
        return self.root / "pyproject.toml"

    @property
    def pulumi_home(self) -> Path:
        """Pulumi's own folder: plugins, workspaces, and in `bin` a CLI that was installed here."""
        return self.lab / "pulumi"

    @property
    def pulumi_bin(self) -> Path:
        """Where a Pulumi CLI is put when the machine has none."""
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
        """Give the folder of a committed go.mod."""
        return self.root / "lab" / "toolchain" / name

    @contextmanager
    def scratch(self, purpose: str) -> Iterator[Path]:
        """Give a new folder on the same file system as the results, removed afterwards whatever happens."""
        self.lab.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"tmp-{purpose}-", dir=self.lab))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep_scratch(self) -> None:
        """Remove what a killed run left; only to be called while no other run is under way."""
        for folder in self.lab.glob("tmp-*-*"):
            shutil.rmtree(folder, ignore_errors=True)
