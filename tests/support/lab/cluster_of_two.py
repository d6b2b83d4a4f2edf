"""A database cluster of two members and one member of its configuration store, as plain containers."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import docker

from redlab.waiting import until
from redundancy import node_certificates
from redundancy.stand_ins import STAND_INS
from tests.support.lab import inside

if TYPE_CHECKING:
    from pathlib import Path

    from docker.models.containers import Container
    from docker.models.volumes import Volume

STORE, MEMBER = "redlab/etcd:test", "redlab/database-cluster:test"
MEMBERS = ("db1", "db2")
PURPOSES = ("database", "replication", "rewind", "patroni")
ELSEWHERE = {"REDLAB_STANDBY_SITE": "true"}
"""Of a member whose site is not the one that the cluster begins in."""
READY_SECONDS = 90


class ClusterOfTwo:
    """The containers; `close` removes everything again."""

    def __init__(self, folder: Path) -> None:
        self.client = docker.from_env()
        self.client.images.build(path=str(STAND_INS / "etcd"), tag=STORE, rm=True)
        self.client.images.build(
            path=str(STAND_INS), dockerfile="database_cluster/Dockerfile", tag=MEMBER, rm=True, forcerm=True
        )
        self._name = f"cluster-{secrets.token_hex(4)}"
        printable = "".join(map(chr, range(0x21, 0x7F)))
        self._folder = folder
        self.set_passwords({purpose: f"{purpose}{printable}" for purpose in PURPOSES})
        (folder / "store-authority").write_text(node_certificates.authority("secret"))
        (folder / "store-certificate").write_text(node_certificates.bundle("secret", "database-member"))
        self.certify("of databases")
        store = folder / "store"
        store.mkdir()
        (store / "store-authority").write_text(node_certificates.authority("secret"))
        addresses = (f"{self._name}-etcd1", "127.0.0.1")
        (store / "store-certificate").write_text(node_certificates.bundle("secret", "store-member", addresses))
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self._secrets = {str(folder): {"bind": "/etc/redlab/secrets", "mode": "ro"}}
        self._volumes: list[Volume] = []
        self.nodes: dict[str, Container] = {}
        self.first: str | None = None
        """Who was the first primary: db2 had been started before db1."""
        self._network = self.client.networks.create(self._name, internal=True)

    def close(self) -> None:
        for node in self.nodes.values():
            node.remove(force=True, v=True)
        for volume in self._volumes:
            volume.remove(force=True)
        self._network.remove()
        self.client.close()

    def start(self) -> None:
        peer = f"etcd1=http://{self._name}-etcd1:2380"
        mounts = {str(self._folder / "store"): {"bind": "/etc/redlab/secrets", "mode": "ro"}}
        self._run("etcd1", STORE, {"REDLAB_ETCD_CLUSTER": peer}, "/var/lib/etcd", mounts)
        self.start_member("db2", **ELSEWHERE)
        assert until(lambda: "waiting until the cluster has begun" in self.logs(), READY_SECONDS), self.logs()
        self.start_member("db1")
        assert until(self.redundant, READY_SECONDS), self.logs()
        self.first = self.primary()

    def certify(self, secret: str) -> None:
        """Have certificates of another authority from the next start of a member on."""
        names = (*map(self.address, (*MEMBERS, "db3")), "localhost", "127.0.0.1")
        (self._folder / "database-authority").write_text(node_certificates.authority(secret))
        (self._folder / "database-certificate").write_text(node_certificates.bundle(secret, "database", names))

    def set_passwords(self, passwords: dict[str, str]) -> None:
        """Have others from the next start of a member on."""
        self.passwords = passwords
        for purpose, password in passwords.items():
            (self._folder / f"{purpose}-password").write_text(password)

    def start_member(self, name: str, **environment: str) -> None:
        """Start a member, again if it is there: with its data, and this environment."""
        if name in self.nodes:
            self.nodes[name].remove(force=True)
        store = {"REDLAB_CLUSTER": "test", "REDLAB_ETCD": f"{self._name}-etcd1:2379"}
        self._run(name, MEMBER, {**store, **environment}, "/var/lib/postgresql/data", self._secrets)

    def _run(
        self, node: str, image: str, environment: dict[str, str], data: str, mounts: dict[str, dict[str, str]]
    ) -> None:
        volume = self.client.volumes.create(f"{self._name}-{node}")
        if volume not in self._volumes:
            self._volumes.append(volume)
        self.nodes[node] = self.client.containers.run(
            image,
            name=f"{self._name}-{node}",
            hostname=node,
            detach=True,
            init=True,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            tmpfs={"/tmp": "", "/run": "mode=1777"},  # noqa: S108 - the container's own
            network=self._name,
            volumes={volume.name: {"bind": data, "mode": "rw"}, **mounts},
            environment={
                "REDLAB_STACK": "test",
                "REDLAB_NODE": node,
                "REDLAB_ADDRESS": f"{self._name}-{node}",
                **environment,
            },
        )

    def run(self, node: str, *command: str, **environment: str) -> tuple[int, str]:
        return inside.run(self.nodes[node], list(command), environment)

    def address(self, node: str) -> str:
        return f"{self._name}-{node}"

    def sql(self, node: str, query: str) -> tuple[int, str]:
        """Run a query as the superuser from within; returns psql's exit code and what it said."""
        code, said = self.run(
            node, "psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "event", "-c", query
        )
        return code, said.strip()

    def healthy(self, node: str) -> bool:
        return self.run(node, "healthcheck")[0] == 0

    def settings(self) -> dict[str, Any]:
        code, said = self.run("db1", "patronictl", "show-config", "test")
        assert code == 0, said
        return dict(line.split(": ", 1) for line in said.splitlines() if ": " in line)

    def primary(self) -> str | None:
        return next((name for name in MEMBERS if self.sql(name, "SELECT pg_is_in_recovery()") == (0, "f")), None)

    def redundant(self) -> bool:
        """Whether every commit waits for a standby that may be promoted."""
        code, said = self.run("etcd1", "etcdctl", "get", "--print-value-only", "/service/test/sync")
        found = json.loads(said or "{}") if code == 0 else {}
        return bool(found.get("sync_standby")) and all(map(self.healthy, MEMBERS)) and found["leader"] == self.primary()

    def logs(self) -> str:
        return "\n".join(node.logs().decode(errors="replace") for node in self.nodes.values())
