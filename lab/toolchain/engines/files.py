"""The files of an engine: a Debian root with packages, and programs that are built from Go modules instead."""

import json
import shutil
from pathlib import Path

from toolchain import apt_sources, base_image, debian_packages
from toolchain.context import Context
from toolchain.engines.releases import GoSource, Release
from toolchain.errors import SetupError

PACKAGES = ("docker.io", "iptables", "nftables", "iproute2", "ca-certificates")
_ROOT_DEADLINE_SECONDS = 900.0
_BUILD_DEADLINE_SECONDS = 1800.0
PROGRAMS = ("dockerd", "docker-proxy")


def root(context: Context, folder: Path, release: Release) -> Path:
    """Return the Debian root of a release in ``folder``, and create it if it is missing. This needs root rights."""
    made = folder / "roots" / release.suite
    if made.is_dir():
        return made
    if context.machine.which("debootstrap") is None:
        debian_packages.install(context, _noun(release), ["debootstrap", "debian-archive-keyring"])
    mirror = apt_sources.mirror(context.machine.apt_folder, base_image.RELEASE)
    with context.layout.scratch("engine-root") as scratch:
        target = scratch / "root"
        command = ["unshare", "--mount", "debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
        command += [release.suite, str(target), *([] if mirror is None else [mirror])]
        what = f"debootstrap {release.suite}"
        context.progress.run(context.machine, _noun(release), what, command, deadline_seconds=_ROOT_DEADLINE_SECONDS)
        made.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(target, made)
    return made


def programs(context: Context, folder: Path, release: Release) -> Path | None:
    """Return the folder of a release's programs, and build them if missing; None if its packages contain them."""
    if release.source is None:
        return None
    made = folder / "programs" / f"{release.source.module.replace('/', '-')}-{release.source.version}"
    if not made.is_dir():
        with context.layout.scratch("engine-programs") as scratch:
            source = _source(context, release.source, scratch / "source")
            target = scratch / "programs"
            target.mkdir()
            flags = f"-s -w -X {release.source.module}/dockerversion.Version={release.source.engine}"
            command = ["go", "build", "-v", "-trimpath", "-ldflags", flags, "-o", f"{target}/"]
            context.progress.run(
                context.machine,
                _noun(release),
                f"building {release.source.module} {release.source.version}",
                [*command, *(f"./cmd/{program}" for program in PROGRAMS)],
                cwd=source,
                deadline_seconds=_BUILD_DEADLINE_SECONDS,
                variables={"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"},
            )
            made.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(target, made)
    return made


def _source(context: Context, wanted: GoSource, target: Path) -> Path:
    """Copy the module to a folder in which it can be built. Raises SetupError if it is not the pinned one."""
    name = f"{wanted.module}@{wanted.version}"
    answer = context.machine.ask("go", "mod", "download", "-json", name, cwd=target.parent, timeout_seconds=300)
    said = json.loads(answer.output) if answer.output else {}
    if not answer.ok:
        raise SetupError(
            f"The Go module {name} cannot be downloaded: {said.get('Error') or answer.errors}", "Is Go installed?"
        )
    if said["Sum"] != wanted.checksum:
        raise SetupError(f"The Go module {name} has the checksum {said['Sum']}.", f"Expected: {wanted.checksum}.")
    shutil.copytree(said["Dir"], target, copy_function=shutil.copyfile)
    if wanted.module_file != "go.mod":
        sums = Path(wanted.module_file).with_suffix(".sum").name
        for present, expected in ((wanted.module_file, "go.mod"), (sums, "go.sum")):
            (target / present).rename(target / expected)
    return target


def _noun(release: Release) -> str:
    return f"engine {release.name}"
