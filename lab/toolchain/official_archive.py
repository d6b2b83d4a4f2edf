"""Pulumi's official archive, used where it can be reached. It is unpacked only when its checksum is right.

The release publishes a list of SHA-256 checksums beside its archives. The pinned lines of that list are in
`checksums.txt`, beside the go.mod that names the version. For an archive without a pinned line the published list
counts: it reveals a broken download, but not an attack on the publisher.
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
    """Put the pinned version's programs into the new folder `destination`. Without an archive, say why; return False.

    Raises SetupError, with nothing unpacked, when the download does not match its checksum.
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
        context.progress.say(NOUN, f"{source}/{name} cannot be downloaded ({getattr(error, 'reason', error)})")
        return False
    if found != expected:
        raise SetupError(
            f"{name} has the SHA-256 checksum {found}; {where} has {expected}. It was not unpacked.",
            "Try again. If that does not help, compare both with the release's own page, and put a Pulumi that you "
            "trust on PATH.",
        )
    unpack = ["tar", "--no-same-owner", "-xzf", str(archive), "-C", str(work)]
    context.progress.run(context.machine, NOUN, f"unpacking {name}", unpack, deadline_seconds=_UNPACK_DEADLINE_SECONDS)
    # The programs are in `pulumi`; in Windows releases, and perhaps in later ones of other systems, in `pulumi/bin`.
    for made in (work / "pulumi" / "bin", work / "pulumi"):
        if (made / "pulumi").is_file() and (made / "pulumi-language-python").is_file():
            made.rename(destination)
            return True
    context.progress.say(NOUN, f"{name} has no pulumi with a Python language host")
    return False


def archive_name(version: str) -> str | None:
    """Return the name of this machine's archive of a version (`v3.259.0`); None where there is none."""
    system, processor = _SYSTEMS.get(platform.system()), _PROCESSORS.get(platform.machine())
    return f"pulumi-{version}-{system}-{processor}.tar.gz" if system and processor else None


def pinned(layout: Layout) -> dict[str, str]:
    """Return the pinned checksums by archive name."""
    return checksums((layout.module("pulumi") / PINS).read_text())


def checksums(text: str) -> dict[str, str]:
    """Return the checksums in `sha256sum`'s format, by name. Raises ValueError for any other line."""
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            matched = _LINE.fullmatch(line.rstrip())
            if matched is None:
                raise ValueError(f"not a SHA-256 checksum and a name: {line[:200]!r}")
            found[matched[2]] = matched[1]
    return found


def _expected(context: Context, name: str, source: str) -> tuple[str, str]:
    """Return an archive's checksum and the list that contains it. Raises OSError when neither list does."""
    if name in (known := pinned(context.layout)):
        return known[name], f"lab/toolchain/pulumi/{PINS}"
    address = f"{source}/pulumi-{pins.pulumi_version(context.layout).removeprefix('v')}-checksums.txt"
    context.progress.say(NOUN, f"{PINS} has no line for {name}: comparing with {address}, which is not pinned")
    with urllib.request.urlopen(address, timeout=_REACH_SECONDS) as response:
        text = response.read(_LIST_BYTES).decode("ascii", "replace")
    try:
        return checksums(text)[name], address
    except (ValueError, KeyError) as error:
        raise OSError(f"{address} has no checksum for {name}: {error}") from None


def _download(address: str, file: Path) -> str:
    """Download a file and return its SHA-256 checksum; raises OSError when it is too large or takes too long."""
    digest = hashlib.sha256()
    end = time.monotonic() + _DEADLINE_SECONDS
    left_bytes = _ARCHIVE_BYTES
    with urllib.request.urlopen(address, timeout=_REACH_SECONDS) as response, file.open("wb") as copy:
        while piece := response.read(_PIECE_BYTES):
            left_bytes -= len(piece)
            if left_bytes < 0:
                raise OSError(f"the file has more than {_ARCHIVE_BYTES} bytes")
            if time.monotonic() > end:
                raise OSError(f"not complete after {_DEADLINE_SECONDS:g} s")
            digest.update(piece)
            copy.write(piece)
    return digest.hexdigest()
