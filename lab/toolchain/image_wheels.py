"""Python packages that images need and Debian does not have: fetched here, since pip may not work inside a build."""

import shutil

from toolchain.context import Context, Ready
from toolchain.files import fingerprint, stamp_says, write_atomically

NOUN = "image packages"
_DEADLINE_SECONDS = 300.0


def ensure(context: Context) -> Ready:
    """Fetch what requirements.txt of the database cluster's image pins; trusts only what was completed."""
    folder = context.layout.root / "lab" / "images" / "database_cluster"
    requirements, wheels = folder / "requirements.txt", folder / "wheels"
    stamp = wheels / "requirements.sha256"
    expected = fingerprint(requirements)
    if not stamp_says(stamp, expected):
        python = str(context.layout.venv / "bin" / "python")
        with context.layout.scratch("wheels") as scratch:
            # Pure Python: the wheel fits whatever Python the image has. Hashes in the file make pip demand them.
            options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--progress-bar", "off"]
            context.progress.run(
                context.machine,
                NOUN,
                "fetching what the database cluster's image needs",
                [python, "-m", "pip", "download", *options, "--dest", str(scratch), "-r", str(requirements)],
                deadline_seconds=_DEADLINE_SECONDS,
            )
            shutil.rmtree(wheels, ignore_errors=True)
            wheels.mkdir()
            for wheel in scratch.glob("*.whl"):
                shutil.copy(wheel, wheels)
        write_atomically(stamp, expected + "\n")
    return Ready(", ".join(sorted(wheel.name for wheel in wheels.glob("*.whl"))))
