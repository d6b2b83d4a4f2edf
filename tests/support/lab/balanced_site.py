"""Two load balancers over two gateways that store nothing, and a collector, as plain containers on one network."""

from __future__ import annotations

import io
import secrets
import tarfile
from ipaddress import IPv4Interface
from pathlib import Path
from typing import TYPE_CHECKING

import docker

from redlab.waiting import until
from redundancy.nodes import configuration
from redundancy.nodes.configuration import Endpoint, LoadBalancer
from redundancy.nodes.container import ContainerSettings
from redundancy.nodes.lab import SECRETS_DIRECTORY
from tests.support import CHECKOUT
from tests.support.lab import inside
from tests.support.lab.apart import free_subnets

if TYPE_CHECKING:
    from docker.models.containers import Container

IMAGES = CHECKOUT / "lab" / "images"
FAKE_GATEWAY = Path(__file__).parent / "fake_gateway.py"
LOAD_BALANCER, COLLECTOR = "redlab/load-balancer:test", "redlab/collector:test"
SITE_LOAD_BALANCER = ContainerSettings(
    {}, capabilities=("NET_ADMIN", "NET_RAW"), sysctls={"net.ipv4.ip_nonlocal_bind": "1"}
)
HOST_NUMBERS = {"gw1": 21, "gw2": 22, "lb1": 41, "lb2": 42, "collector1": 51} | {
    "glb1": 5,
    "dc1": 6,
    "dc2": 7,
    "collector2": 52,
    "collector3": 53,
}


class BalancedSite:
    """The containers; `close` removes everything again."""

    def __init__(self) -> None:
        self.client = docker.from_env()
        for image, folder in ((LOAD_BALANCER, "load_balancer"), (COLLECTOR, "collector")):
            self.client.images.build(path=str(IMAGES / folder), tag=image, rm=True)
        self._name = f"balanced-site-{secrets.token_hex(4)}"
        self._subnet = next(free_subnets("10.209.0.0/16"))
        self.collector_virtual_ip, self.user_virtual_ip = str(self._subnet[10]), str(self._subnet[11])
        ipam = docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet=str(self._subnet))])
        self._network = self.client.networks.create(self._name, ipam=ipam, internal=True)
        self.nodes: dict[str, Container] = {}

    def start(self) -> None:
        for name in ("gw1", "gw2"):
            self._run(name, COLLECTOR, {"/fake_gateway.py": FAKE_GATEWAY.read_text()}, ["python3", "/fake_gateway.py"])
        for name in ("lb1", "lb2"):
            self._run(name, LOAD_BALANCER, self.configuration(name), None)
        self._run("collector1", COLLECTOR, {}, ["sleep", "infinity"])

    def configuration(self, name: str) -> dict[str, str]:
        """The files of a load balancer, by path."""
        described = self.described(name)
        return {
            "/etc/haproxy/haproxy.cfg": configuration.haproxy_configuration(described),
            "/etc/keepalived/keepalived.conf": configuration.keepalived_configuration(described),
        }

    def described(self, name: str) -> LoadBalancer:
        """What the files of a load balancer are made from."""
        other = "lb2" if name == "lb1" else "lb1"
        return LoadBalancer(
            name=name,
            access=IPv4Interface(f"{self.address(name)}/24"),
            site_address=self.address(name),
            collector_virtual_address=self.collector_virtual_ip,
            user_virtual_address=self.user_virtual_ip,
            gateways=tuple(Endpoint(gateway, self.address(gateway)) for gateway in ("gw1", "gw2")),
            peers=(Endpoint(other, self.address(other)),),
            priority=101 - int(name[2:]),
        )

    def close(self) -> None:
        for node in self.nodes.values():
            node.remove(force=True, v=True)
        self._network.remove()
        self.client.close()

    def address(self, node: str) -> str:
        return str(self._subnet[HOST_NUMBERS[node]])

    def _run(
        self,
        node: str,
        image: str,
        files: dict[str, str],
        command: list[str] | None,
        volumes: dict[str, dict[str, str]] | None = None,
        environment: dict[str, str] | None = None,
        settings: ContainerSettings | None = None,
    ) -> None:
        settings = settings or (SITE_LOAD_BALANCER if image == LOAD_BALANCER else ContainerSettings({}))
        api = self.client.api
        made = api.create_container(
            image,
            name=f"{self._name}-{node}",
            hostname=node,
            entrypoint=command,
            environment={"REDLAB_NODE": node, **(environment or {})},
            user=settings.user or None,
            host_config=api.create_host_config(
                cap_drop=["ALL"],
                cap_add=list(settings.capabilities),
                security_opt=["no-new-privileges"],
                sysctls=dict(settings.sysctls) or None,
                tmpfs={"/tmp": "", "/run": ""},  # noqa: S108 - the container's own
                binds=volumes,
                init=True,
            ),
            networking_config=api.create_networking_config(
                {self._name: api.create_endpoint_config(ipv4_address=self.address(node))}
            ),
        )
        self.nodes[node] = self.client.containers.get(made["Id"])
        for path, content in files.items():
            mode = 0o400 if path.startswith(SECRETS_DIRECTORY) else 0o644
            self.nodes[node].put_archive("/", _archive(path.removeprefix("/"), content, mode))
        self.nodes[node].start()

    def run(self, node: str, command: str) -> tuple[int, str]:
        """Run a shell command in a node; returns its exit code and output."""
        return inside.run(self.nodes[node], ["bash", "-c", command])

    def execute(self, node: str, command: list[str]) -> tuple[int, str]:
        """Run a command in a node; returns its exit code and output."""
        return inside.run(self.nodes[node], command)

    def healthy(self, balancer: str) -> bool:
        return self.run(balancer, "healthcheck")[0] == 0

    def holder(self) -> str | None:
        """The load balancer that holds the virtual IPs, None while none or both do."""
        running = [name for name in ("lb1", "lb2") if self.state(name)["Running"]]
        holders = [name for name in running if f"{self.user_virtual_ip}/24" in self.run(name, "ip -4 address")[1]]
        return holders[0] if len(holders) == 1 else None

    def gateways_up(self, balancer: str) -> bool:
        """Whether a load balancer has found both gateways well: by the checks for collectors, which users go by too."""
        servers = self.haproxy(balancer, "show stat -1 4 -1").splitlines()
        return sum(",UP," in line for line in servers if line.startswith("collectors,gw")) == 2

    def state(self, node: str) -> dict[str, object]:
        self.nodes[node].reload()
        state: dict[str, object] = self.nodes[node].attrs["State"]
        return state

    def ended(self, node: str) -> object:
        """Wait until a container has ended; returns its exit code."""
        assert until(lambda: not self.state(node)["Running"], 20), f"{node} still runs"
        return self.state(node)["ExitCode"]

    def request(self, method: str, path: str) -> tuple[int, str]:
        """Ask the user virtual IP; returns the status and the name of the gateway (empty: the load balancer itself)."""
        program = (
            "import http.client, sys; asked = http.client.HTTPConnection(sys.argv[1], 8081, timeout=30);"
            " asked.request(sys.argv[2], sys.argv[3]); answer = asked.getresponse();"
            " print(answer.status, answer.headers['X-Redlab-Node'] or '')"
        )
        code, said = self.run("collector1", f'python3 -c "{program}" {self.user_virtual_ip} {method} {path}')
        assert code == 0, said
        status, _, node = said.strip().partition(" ")
        return int(status), node

    def haproxy(self, balancer: str, command: str) -> str:
        """Give a command to the runtime API."""
        return self.run(balancer, f"echo '{command}' | socat -t 2 - UNIX-CONNECT:/run/haproxy/admin.sock")[1]


def _archive(name: str, content: str, mode: int) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content.encode()), mode
        archive.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()
