"""A base backup on its way into the volume of a copy: what comes out is what went in, in the folder of a cluster."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

import pytest

from redlab.control.isolated_copy import cluster_archive
from redlab.errors import RedlabError

FILES = {"backup_label": b"START", "./PG_VERSION": b"15", "base/1/2": bytes(range(256)) * 300, "global/empty": b""}


def backup(files: dict[str, bytes], chunk: int = 1000) -> Iterator[bytes]:
    """A base backup as it comes from a server, in chunks that have nothing to do with its files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.uid, member.gid, member.mode = len(content), 101, 103, 0o600
            archive.addfile(member, io.BytesIO(content))
    whole = packed.getvalue()
    return (whole[at : at + chunk] for at in range(0, len(whole), chunk))


@pytest.mark.parametrize("chunk", [1, 513, 1 << 20])
def test_what_comes_out_is_a_cluster_beside_its_marks(chunk: int) -> None:
    parts = list(cluster_archive(backup(FILES, chunk), {"follow": b"dc1-db1"}))
    with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
        members = {member.name: member for member in archive}
        assert {member.name: file.read() for member in archive if (file := archive.extractfile(member))} == {
            **{f"cluster/{name.removeprefix('./')}": content for name, content in FILES.items()},
            "follow": b"dc1-db1",
        }
    assert {(member.uid, member.gid) for member in members.values()} == {(101, 103)}
    assert (members["cluster"].isdir(), members["cluster"].mode) == (True, 0o700)
    assert members["cluster/PG_VERSION"].mode == 0o600
    assert len(parts) > len(FILES)


@pytest.mark.parametrize("files", [{}, {"backup_label": b"START"}])
def test_what_is_no_cluster_is_not_put_in_place_of_one(files: dict[str, bytes]) -> None:
    with pytest.raises(RedlabError, match="no database cluster"):
        list(cluster_archive(backup(files), {}))


@pytest.mark.parametrize("chunks", [0, 1, 80, 1000])
def test_a_backup_that_fails_says_why(chunks: int) -> None:
    def failing() -> Iterator[bytes]:
        yield from list(backup(FILES))[:chunks]
        raise RedlabError("pg_basebackup ended with 1: no space left")

    with pytest.raises(RedlabError, match="no space left"):
        list(cluster_archive(failing(), {}))
