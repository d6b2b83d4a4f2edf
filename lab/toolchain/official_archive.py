"""Pulumi's official archive, used where it can be reached; nothing of it is unpacked before its checksum is right.

The release publishes a list of SHA-256 checksums beside its archives. Lines of that list that are in the file
`checksums.txt`, beside the go.mod that names the version, are what counts; for an archive that has no line there it is
the published list, which tells a broken download, and not whether the publisher is in good hands.
"""

import hashlib
import platform
import re
import time
import urllib.error
import urllib.request
from pathlib import Path

from toolchain import pins
from toolchain.context import Context
from toolchain.errors import SetupError
from toolchain.layout import Layout

NOUN = "pulumi"
SOURCE = "https://get.pulumi.com/releases/sdk"
PINS = "checksums.txt"
_REACH_SECONDS = 5.0
_DEADLINE_SECONDS = 600.0
_UNPACK_DEADLINE_SECONDS = 120.0
_LIST_BYTES = 64 * 1024
_ARCHIVE_BYTES = 1024**3
_PIECE_BYTES = 1024**2
_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
_PROCESSORS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S+)")


def install(context: Context, destination: Path, source: str) -> bool:
    """Put the pinned version's programs into the new folder `destination`; False, said why, where it cannot be had.

    Raises SetupError, with nothing unpacked, when what was downloaded is not what the checksum belongs to.
    """
    name = archive_name(pins.pulumi_version(context.layout))
    if name is None:
        context.progress.say(NOUN, f"there is no archive for {platform.system()} on {platform.machine()}")
        return False
    work = destination.parent / "archive"
    work.mkdir()
    archive = work / name
    try:
        expected, where = _expected(context, name, source)
        context.progress.say(NOUN, f"downloading {name} …")
        found = _download(f"{source}/{name}", archive)
    except (urllib.error.URLError, OSError) as error:
        context.progress.say(NOUN, f"{source}/{name} cannot be had ({getattr(error, 'reason', error)})")
        return False
    if found != expected:
        raise SetupError(
            f"{name} has the SHA-256 checksum {found}, and {expected} by {where}: it was not unpacked.",
            "Try again. If that does not help, compare both with the release's own page, and put a Pulumi that you "
            "trust on PATH.",
        )
    unpack = ["tar", "--no-same-owner", "-xzf", str(archive), "-C", str(work)]
    context.progress.run(context.machine, NOUN, f"unpacking {name}", unpack, deadline_seconds=_UNPACK_DEADLINE_SECONDS)
    # The programs lie in `pulumi`; in releases of Windows, and some day perhaps in others, in `pulumi/bin`.
    for made in (work / "pulumi" / "bin", work / "pulumi"):
        if (made / "pulumi").is_file() and (made / "pulumi-language-python").is_file():
            made.rename(destination)
            return True
    context.progress.say(NOUN, f"{name} has no pulumi with a Python language host")
    return False


def archive_name(version: str) -> str | None:
    """Return what this machine's archive of a version (`v3.259.0`) is called; None where there is none."""
    system, processor = _SYSTEMS.get(platform.system()), _PROCESSORS.get(platform.machine())
    return f"pulumi-{version}-{system}-{processor}.tar.gz" if system and processor else None


def pinned(layout: Layout) -> dict[str, str]:
    """Return the checksums that are pinned, by the name of the archive."""
    return checksums((layout.module("pulumi") / PINS).read_text())


def checksums(text: str) -> dict[str, str]:
    """Return the checksums of a list as `sha256sum` writes them, by name. Raises ValueError for any other line."""
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            matched = _LINE.fullmatch(line.rstrip())
            if matched is None:
                raise ValueError(f"not a SHA-256 checksum and a name: {line[:200]!r}")
            found[matched[2]] = matched[1]
    return found


def _expected(context: Context, name: str, source: str) -> tuple[str, str]:
    """Return an archive's checksum and which list has it. Raises OSError when neither has."""
    if name in (known := pinned(context.layout)):
        return known[name], f"lab/toolchain/pulumi/{PINS}"
    address = f"{source}/pulumi-{pins.pulumi_version(context.layout).removeprefix('v')}-checksums.txt"
    context.progress.say(NOUN, f"{PINS} has no line for {name}: compared with {address}, which is no pin")
    with urllib.request.urlopen(address, timeout=_REACH_SECONDS) as response:
        text = response.read(_LIST_BYTES).decode("ascii", "replace")
    try:
        return checksums(text)[name], address
    except (ValueError, KeyError) as error:
        raise OSError(f"{address} has no checksum of it: {error}") from None


def _download(address: str, file: Path) -> str:
    """Download a file and return its SHA-256 checksum; raises OSError when it is too large or takes too long."""
    digest = hashlib.sha256()
    end = time.monotonic() + _DEADLINE_SECONDS
    left_bytes = _ARCHIVE_BYTES
    with urllib.request.urlopen(address, timeout=_REACH_SECONDS) as response, file.open("wb") as copy:
        while piece := response.read(_PIECE_BYTES):
            left_bytes -= len(piece)
            if left_bytes < 0:
                raise OSError(f"it has more than {_ARCHIVE_BYTES} bytes")
            if time.monotonic() > end:
                raise OSError(f"not here after {_DEADLINE_SECONDS:g} s")
            digest.update(piece)
            copy.write(piece)
    return digest.hexdigest()
