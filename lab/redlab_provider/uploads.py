"""Files that are copied into a container before it starts."""

from __future__ import annotations

import base64
import grp
import io
import pwd
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redlab_provider.errors import ResourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def archives(inputs: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the uploads as tar archives, by the directory in which each archive is unpacked.

    The directory is "/", except in a container with a read-only root. There Docker accepts files only for writable
    mounts, and only at the mount's own path. Raises ResourceError for a file outside of these mounts.
    """
    writable = _writable_mounts(inputs) if inputs.get("readOnly") else ["/"]
    grouped: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for upload in inputs.get("uploads") or []:
        target = next((mount for mount in writable if upload["file"].startswith(mount.rstrip("/") + "/")), None)
        if target is None:
            raise ResourceError(
                f"cannot upload {upload['file']}: the container's root is read-only, and Docker then takes files only "
                "for writable volumes and mounts"
            )
        grouped.setdefault(target, []).append((upload["file"].removeprefix(target).lstrip("/"), upload))
    return {target: _archive(files) for target, files in grouped.items()}


def _writable_mounts(inputs: Mapping[str, Any]) -> list[str]:
    mounts = [
        item["containerPath"]
        for item in inputs.get("volumes") or []
        if item.get("containerPath") and not item.get("readOnly")
    ]
    mounts += [
        item["target"]
        for item in inputs.get("mounts") or []
        if not item.get("readOnly") and item.get("type") != "tmpfs"
    ]
    return sorted(mounts, key=len, reverse=True)


def _archive(files: Iterable[tuple[str, Mapping[str, Any]]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, upload in files:
            content = _content(upload)
            header = tarfile.TarInfo(path)
            header.size = len(content)
            header.mode = _mode(upload)
            header.uid = _number(upload, "owner", lambda name: pwd.getpwnam(name).pw_uid)
            header.gid = _number(upload, "group", lambda name: grp.getgrnam(name).gr_gid)
            archive.addfile(header, io.BytesIO(content))
    return buffer.getvalue()


def _content(upload: Mapping[str, Any]) -> bytes:
    if upload.get("contentBase64"):
        return base64.b64decode(upload["contentBase64"])
    if upload.get("source"):
        try:
            return Path(upload["source"]).expanduser().read_bytes()
        except OSError as error:
            raise ResourceError(f"cannot read the upload for {upload['file']}: {error}") from error
    return str(upload.get("content") or "").encode()


def _number(upload: Mapping[str, Any], kind: str, number_of: Callable[[str], int]) -> int:
    """Return the uid or gid of the file's `owner` or `group`. This machine resolves a name, as officially."""
    name = upload.get(kind) or "0"
    if name.isascii() and name.isdecimal():
        return int(name)
    try:
        return number_of(name)
    except KeyError:
        raise ResourceError(
            f"the upload {upload['file']} has the {kind} {name!r}, which this machine does not know; give the "
            f"number of that {kind} in the container instead"
        ) from None


def _mode(upload: Mapping[str, Any]) -> int:
    if upload.get("permissions"):
        return int(upload["permissions"], 8)
    return 0o744 if upload.get("executable") else 0o644
