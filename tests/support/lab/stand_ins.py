"""A database, two gateways and two data processing servers as plain containers, the way the lab runs them."""

from __future__ import annotations

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import docker
import requests

from tests.support import CHECKOUT
from tests.support.lab import inside
from tests.support.lab.apart import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from docker.models.containers import Container

IMAGES = CHECKOUT / "lab" / "images"
BUILDS = {  # image: (build context, Dockerfile inside it)
    "redlab/database": (IMAGES / "database", "Dockerfile"),
    "redlab/gateway": (IMAGES, "gateway/Dockerfile"),
    "redlab/service-manager": (IMAGES, "service_manager/Dockerfile"),
    "redlab/data-processing-server": (IMAGES, "data_processing_server/Dockerfile"),
}
TAG = "test"
_FLUSHES = ["fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "msync"]
NO_FLUSH = "seccomp=" + json.dumps(
    {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": _FLUSHES, "action": "SCMP_ACT_ERRNO"}]}
)
TOKEN = "token-of-the-test"
Result = TypeVar("Result")


def eventually(step: Callable[[], Result], seconds: float = 20.0) -> Result:
    """Return the first true result; an exception or a false result is tried again until the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            result = step()
            if result:
                return result
            failure: Exception | None = None
        except (AssertionError, OSError, requests.RequestException, docker.errors.APIError) as error:
            failure = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s") from failure
        # Each try starts a process or asks a node, on a machine that other tests share.
        time.sleep(0.1)


class StandIns:
    """The containers, on a network of their own; `close` removes everything again."""

    def __init__(self, folder: Path) -> None:
        self.client = docker.from_env()
        self.name = f"stand-ins-{secrets.token_hex(4)}"
        self.nodes: dict[str, Container] = {}
        self._volumes: dict[str, Any] = {}
        self._ports: dict[tuple[str, int], int] = {}
        self._secrets = folder
        self.set_password("".join(map(chr, range(0x21, 0x7F))))
        (folder / "admin-token").write_text(TOKEN)
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self._network = self.client.networks.create(self.name, labels={"redlab.test": self.name})

    def close(self) -> None:
        with ThreadPoolExecutor() as pool:
            for removed in [pool.submit(node.remove, force=True, v=True) for node in self.nodes.values()]:
                removed.result()
        for volume in self._volumes.values():
            volume.remove(force=True)
        self._network.remove()
        self.client.close()

    def set_password(self, password: str) -> None:
        """Have another database password; who runs already knows the former one."""
        (self._secrets / "database-password").write_text(password)

    def start_database(self, **environment: str) -> None:
        self._run("db", "redlab/database", environment, (), "/var/lib/postgresql/data")

    def start_service_manager(self, name: str) -> None:
        self._run(name, "redlab/service-manager", {"REDLAB_DATABASE": "service_manager"}, (8110,), None)

    def start_gateway(
        self, name: str, image: str = "redlab/gateway", volume_mebibytes: int = 0, **environment: str
    ) -> None:
        """Start a gateway; a volume of a size is in memory, and lasts as long as it runs."""
        options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={volume_mebibytes}m,uid=10001,mode=0700"}
        options = options if volume_mebibytes else {}
        self._run(name, image, environment, (8080, 8081, 8082), "/var/lib/gateway", volume_options=options)

    def start_gateway_that_cannot_flush(self, name: str, image: str) -> None:
        """Start a gateway on the volume of a former one of this name; the kernel refuses each flush of a file."""
        self.nodes[name].remove(force=True)
        self._run(name, image, {}, (8080, 8081, 8082), "/var/lib/gateway", NO_FLUSH)

    def start_server(self, name: str, **environment: str) -> None:
        self._run(name, "redlab/data-processing-server", environment, (8090,), None)

    def _run(
        self,
        node: str,
        image: str,
        environment: dict[str, str],
        ports: tuple[int, ...],
        volume: str | None,
        *security: str,
        volume_options: dict[str, str] | None = None,
    ) -> None:
        mounts = {str(self._secrets): {"bind": "/etc/redlab/secrets", "mode": "ro"}}
        if volume:
            made = self.client.volumes.create(
                f"{self.name}-{node}", labels={"redlab.test": self.name}, driver_opts=volume_options
            )
            self._volumes[made.name] = made
            mounts[made.name] = {"bind": volume, "mode": "rw"}
        for port in ports:
            self._ports[node, port] = free_port()
        self.nodes[node] = self.client.containers.create(
            f"{image}:{TAG}",
            name=f"{self.name}-{node}",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges", *security],
            tmpfs={"/tmp": "", "/run": ""},  # noqa: S108 - the container's own
            network=self.name,
            hostname=node,
            labels={"redlab.test": self.name},
            ports={f"{port}/tcp": ("127.0.0.1", self._ports[node, port]) for port in ports},
            volumes=mounts,
            environment={
                "REDLAB_STACK": "test",
                "REDLAB_SITE": "dc1",
                "REDLAB_NODE": node,
                "REDLAB_DATABASE_DSN": f"host={self.name}-db user=redlab",
                "REDLAB_GATEWAYS": ",".join(f"gw{n}=http://{self.name}-gw{n}:8082" for n in (1, 2)),
                "REDLAB_DPS": ",".join(f"dps{n}=http://{self.name}-dps{n}:8090" for n in (1, 2)),
                **environment,
            },
        )
        self.nodes[node].start()

    def url(self, node: str, port: int, path: str) -> str:
        return f"http://127.0.0.1:{self._ports[node, port]}{path}"

    def send(self, gateway: str, collector: str, first: int, count: int = 1, **data: Any) -> int:
        """Send events, with ``data`` beside their number; returns the status."""
        events = [{"seq": seq, "data": {"value": seq, **data}} for seq in range(first, first + count)]
        body = {"collector": collector, "events": events}
        return requests.post(self.url(gateway, 8080, "/v1/events"), json=body, timeout=3).status_code

    def send_items(self, gateway: str, collector: str, *items: dict[str, Any]) -> int:
        """Send items of any kind; returns the status."""
        body = {"collector": collector, "events": items}
        return requests.post(self.url(gateway, 8080, "/v1/events"), json=body, timeout=3).status_code

    def manage(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str = TOKEN,
        gateway: str = "gw1",
        data: bytes | None = None,
        **headers: str,
    ) -> requests.Response:
        return requests.request(
            method,
            self.url(gateway, 8081, f"/management/v1{path}"),
            json=body,
            data=data,
            headers={"Authorization": f"Bearer {token}", **headers},
            timeout=5,
        )

    def state(self, server: str) -> str:
        return str(requests.get(self.url(server, 8090, "/v1/status"), timeout=1).json()["state"])

    def users(self, gateway: str = "gw1") -> requests.Response:
        return requests.get(self.url(gateway, 8081, "/api/v1/recent"), timeout=3)

    def inside(self, node: str, *command: str) -> str:
        """Run a command in a container that runs; returns what it printed."""
        code, said = inside.run(self.nodes[node], list(command))
        assert code == 0, said
        return said

    def on_volume(self, node: str, program: str) -> None:
        """Run a program in Python on the volume of a node that is stopped."""
        image = self.nodes[node].attrs["Config"]["Image"]
        self.client.containers.run(
            image, ["python3", "-c", program], volumes_from=[self.nodes[node].id], network_mode="none", remove=True
        )

    def ready(self, gateway: str) -> str:
        """Return why a gateway is not ready, '' when it is."""
        return str(requests.get(self.url(gateway, 8082, "/readyz"), timeout=1).json()["reason"])

    def pending(self, gateway: str) -> int:
        return int(requests.get(self.url(gateway, 8082, "/v1/queue"), timeout=1).json()["pending_events"])

    def healthy(self, node: str) -> bool:
        return inside.run(self.nodes[node], ["healthcheck"])[0] == 0

    def sql(self, query: str, database: str = "event") -> str:
        """Return the rows of a query, as psql prints them without decoration."""
        psql = ["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-c", query]
        code, said = inside.run(self.nodes["db"], psql)
        assert code == 0, said
        return said.strip()

    def count(self, collector: str) -> int:
        return int(self.sql(f"SELECT count(*) FROM events WHERE collector = '{collector}'"))


def started(folder: Path, request: pytest.FixtureRequest) -> StandIns:
    """Gateways that started without a database, then the database, then dps1 (the primary) and dps2."""
    stand_ins = StandIns(folder)
    request.addfinalizer(stand_ins.close)
    stand_ins.start_gateway("gw1", REDLAB_QUEUE_LIMIT_EVENTS="5000")
    stand_ins.start_gateway("gw2", volume_mebibytes=64)
    stand_ins.start_database()
    eventually(lambda: stand_ins.healthy("gw1") and stand_ins.healthy("gw2") and stand_ins.healthy("db"), 60)
    stand_ins.start_server("dps1")
    eventually(lambda: stand_ins.state("dps1") == "active")
    stand_ins.start_server("dps2")
    eventually(lambda: stand_ins.state("dps2") == "standby" and stand_ins.users().status_code == 200)
    return stand_ins


AUDIT = "SELECT action, detail FROM audit WHERE action NOT LIKE 'log-%'"


def history(lab: StandIns) -> list[str]:
    return lab.sql("SELECT epoch, dps, reason FROM lease_history ORDER BY epoch").splitlines()


def said(seq: int, value: int | None) -> dict[str, object]:
    attributes = None if value is None else {"value": value}
    return {"seq": seq, "kind": "topology", "data": {"type": "host", "name": "h", "attributes": attributes}}


def measured(seq: int) -> dict[str, object]:
    return {"seq": seq, "kind": "metric", "data": {"metric": "m", "value": seq}}
