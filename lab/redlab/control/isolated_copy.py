"""A throw-away copy of an instance on a network that leads nowhere: what a test failover promotes."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Inventory, Node
from redundancy.naming import LABEL_PREFIX
from redundancy.roles import Role

ROLES = (Role.DATABASE, Role.GATEWAY, Role.DATA_PROCESSING_SERVER)
"""What is copied. Load balancers hold no state, and their virtual IPs belong to networks that a copy must not join."""

_SUFFIX = "-copy"
_VOLUME = "/var/lib/postgresql/data"


@contextmanager
def isolated_copy(inventory: Inventory, site: str, follow: str) -> Iterator[tuple[Node, ...]]:
    """Copy an instance that stands by; yields the running copies, and removes them whatever happens.

    Each has its original's name and role, and an engine name of its own. Its database server has the original's data
    of this moment and stands by, marked to follow the server called ``follow``, which it cannot reach. Raises
    RedlabError when the data cannot be read.
    """
    remove(inventory)
    labels = {**inventory.labels, **_LABEL}
    network = f"redlab-{inventory.lab}{_SUFFIX}"
    try:
        # Internal, and the machine itself has no leg in it: what is sent to the default route is sent to nobody.
        options = {"com.docker.network.bridge.inhibit_ipv4": "true"}
        engine.of().create_network(network, labels, options, internal=True)
        originals = [node for node in inventory.of_site(site) if node.role in ROLES]
        copies = [_copy(node, network, labels, {peer.name for peer in originals}) for node in originals]
        for node in copies:
            if node.role == Role.DATABASE:
                _copy_data(inventory.node(node.name), node, follow)
        for node in copies:
            engine.of(node).start(node.container)
        yield tuple(copies)
    finally:
        remove(inventory)


def remove(inventory: Inventory) -> int:
    """Remove the copies of a lab that are there, also those of a command that was killed; returns how many things."""
    return engine.remove({**inventory.labels, **_LABEL})


_LABEL = {f"{LABEL_PREFIX}copy": "true"}


def _copy(node: Node, network: str, labels: dict[str, str], copied: set[str]) -> Node:
    """Create the copy of a node's container, with its secrets and an empty volume of its own.

    Its peers in ``copied`` it finds by their names in the network. All others keep their addresses, which are out of
    reach: asking for the address of a name that nobody knows would take seconds each time.
    """
    own, name = engine.of(node), node.container + _SUFFIX
    own.copy(node.container, name, labels=labels, network=network, alias=node.name, unknown=copied)
    own.unpack(name, "/etc", b"".join(own.archive(node.container, "/etc/redlab")))
    return replace(node, container=name, addresses={})


def _copy_data(original: Node, copy: Node, follow: str) -> None:
    """Give a copied database server what the original holds, by a base backup, and its marks of a standby."""
    # A server with subscriptions has more of them (docs/adr/0007).
    held = {mark: engine.read_file(original, f"{_VOLUME}/{mark}") for mark in ("subscribed", "complete")}
    marks = {"follow": follow.encode(), **{mark: content for mark, content in held.items() if content}}
    command = ["pg_basebackup", "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast"]
    command += ["--host=127.0.0.1", "--username=replicator", "--no-password"]
    # It goes from one to the other as it comes: written down on its way, it would fill the disk's queue, and what is
    # committed meanwhile in production would wait.
    backup = engine.stream(original, command, {"PGPASSFILE": "/run/database/pgpass"})
    engine.of(copy).unpack(copy.container, _VOLUME, cluster_archive(backup, marks))


def cluster_archive(backup: Iterator[bytes], marks: Mapping[str, bytes]) -> Iterator[bytes]:
    """Put a base backup into the folder of a cluster, beside the marks that say that its server stands by. Pure.

    Both archives are streams; yields a part for each file. Raises RedlabError at the end of what is no cluster.
    """
    written = _Written()
    with (
        tarfile.open(fileobj=io.BufferedReader(_Chunks(backup)), mode="r|") as source,
        tarfile.open(fileobj=written, mode="w|") as target,
    ):
        folder, complete = None, False
        for member in source:
            if folder is None:
                folder = tarfile.TarInfo("cluster")
                folder.type, folder.mode, folder.uid, folder.gid = tarfile.DIRTYPE, 0o700, member.uid, member.gid
                target.addfile(folder)
            name = member.name.removeprefix("./")
            complete = complete or name == "PG_VERSION"
            content = source.extractfile(member) if member.isreg() else None
            member.name = f"cluster/{name}"
            target.addfile(member, content)
            yield written.taken()
        # Who sends it says only after its last word whether it went well.
        for _ in backup:
            pass
        if folder is None or not complete:
            raise RedlabError("the base backup is no database cluster")
        for name, said in marks.items():
            mark = tarfile.TarInfo(name)
            mark.size, mark.uid, mark.gid = len(said), folder.uid, folder.gid
            target.addfile(mark, io.BytesIO(said))
    yield written.taken()


class _Chunks(io.RawIOBase):
    """A readable file over an iterator of chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._chunks, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


class _Written(io.RawIOBase):
    """A file to write, what was written to be taken away."""

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, content: Any) -> int:
        self._content += content
        return len(content)

    def taken(self) -> bytes:
        content, self._content = bytes(self._content), bytearray()
        return content
