"""The base image of every stand-in: pulled, or built from Debian packages on a machine that cannot pull."""

import subprocess
from pathlib import Path

from toolchain import apt_sources, debian_packages
from toolchain.context import Context, Ready
from toolchain.errors import SetupError

NOUN = "base image"
RELEASE = "bookworm"
IMAGE = f"debian:{RELEASE}-slim"
_PULL_DEADLINE_SECONDS = 120.0
_BOOTSTRAP_DEADLINE_SECONDS = 900.0
_IMPORT_DEADLINE_SECONDS = 300.0


def ensure(context: Context) -> Ready:
    """Find, pull or build the base image, in this order."""
    if not _present(context) and not _pull(context):
        _make(context)
    return Ready(IMAGE)


def _present(context: Context) -> bool:
    return context.machine.ask("docker", "image", "inspect", "--format", "{{.Id}}", IMAGE).ok


def _pull(context: Context) -> bool:
    """Pull the image. Where that fails, show the engine's reason and return False."""
    command = ["docker", "pull", IMAGE]
    try:
        context.progress.run(
            context.machine, NOUN, f"pulling {IMAGE}", command, deadline_seconds=_PULL_DEADLINE_SECONDS
        )
    except SetupError as error:
        context.progress.say(NOUN, f"cannot be pulled: {error.remedy.splitlines()[-1].strip()}")
        return False
    return True


def _make(context: Context) -> None:
    machine = context.machine
    if not machine.is_root:
        raise SetupError(
            f"The image {IMAGE} is neither on this engine nor can it be pulled, and building it needs root.",
            f"Get it onto the engine once: docker pull {IMAGE} (or docker load), or run the same command as root.",
        )
    if machine.which("debootstrap") is None:
        if not debian_packages.available(machine):
            raise SetupError(
                f"The image {IMAGE} cannot be pulled, and there is neither debootstrap nor apt-get to build it.",
                "Install debootstrap, or get the image onto the engine with docker pull or docker load.",
            )
        debian_packages.install(context, NOUN, ["debootstrap", "debian-archive-keyring"])
    with context.layout.scratch("image") as folder:
        target = folder / "root"
        target.mkdir()
        # The folder becomes the root of every image: all users must be able to enter it, whatever the umask.
        target.chmod(0o755)
        mirror = apt_sources.mirror(machine.apt_folder, RELEASE)
        # A separate mount namespace: no mount outlives a debootstrap that is killed.
        command = ["unshare", "--mount", "debootstrap", "--variant=minbase", RELEASE, str(target)]
        command += [] if mirror is None else [mirror]
        progress = context.progress
        progress.run(machine, NOUN, "debootstrap", command, deadline_seconds=_BOOTSTRAP_DEADLINE_SECONDS)
        _import(context, target)


def _import(context: Context, root: Path) -> None:
    """Stream the folder into the engine; the image appears only when the whole stream has arrived."""
    context.progress.say(NOUN, f"importing {IMAGE} …")
    environ = context.machine.child_environ
    archive = subprocess.Popen(
        ["tar", "--numeric-owner", "-C", str(root), "-c", "."], stdout=subprocess.PIPE, env=environ
    )
    try:
        load = subprocess.run(
            ["docker", "import", "--change", 'CMD ["bash"]', "-", IMAGE],
            stdin=archive.stdout,
            capture_output=True,
            text=True,
            env=environ,
            timeout=_IMPORT_DEADLINE_SECONDS,
            check=False,
        )
    finally:
        if archive.stdout is not None:
            archive.stdout.close()
        code = archive.wait()
    if load.returncode != 0 or code != 0:
        raise SetupError(
            f"The image {IMAGE} could not be imported.", load.stderr or f"tar failed with exit code {code}"
        )
