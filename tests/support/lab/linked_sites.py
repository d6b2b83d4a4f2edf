"""Three sites with a node each and the router between them, as plain containers; dc2 and the witness have no link."""

from __future__ import annotations

import json
import secrets
import subprocess
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker

from redundancy.addressing import bridge_options
from redundancy.roles import Role
from redundancy.stand_ins import STAND_INS
from tests.support.lab import inside
from tests.support.lab.apart import free_subnets

if TYPE_CHECKING:
    from docker.models.containers import Container
    from docker.models.networks import Network

ROUTER, NODE = "redlab/wan-router:test", "redlab/collector:test"
SITES = ("dc1", "dc2", "witness")
PEER = Path(__file__).parent / "link_peer.py"
ROUND_TRIP_MILLISECONDS = 20.0
LINKS = [
    {"name": "dc1-dc2", "sites": ["dc1", "dc2"], "roundTripMilliseconds": ROUND_TRIP_MILLISECONDS},
    {"name": "dc1-witness", "sites": ["dc1", "witness"], "roundTripMilliseconds": 0.0},
]
OTHER_VALUES = {"jitterMilliseconds": 0.0, "lossPercent": 0.0, "bandwidthMegabitsPerSecond": 0.0}
TMPFS = {"/tmp": "", "/run": "mode=1777"}  # noqa: S108 - the container's own


class LinkedSites:
    """The containers; `close` removes everything again."""

    def __init__(self) -> None:
        self.client = docker.from_env()
        self.client.images.build(path=str(STAND_INS / Role.WAN_ROUTER.row.stand_in.folder), tag=ROUTER, rm=True)
        self.client.images.build(path=str(STAND_INS / "collector"), tag=NODE, rm=True)
        self._name = f"linked-sites-{secrets.token_hex(4)}"
        self.nodes: dict[str, Container] = {}
        self.networks: dict[str, Network] = {}
        self.subnets = dict(zip(SITES, free_subnets("10.210.0.0/16"), strict=False))

    def start(self) -> None:
        for site, subnet in self.subnets.items():
            self.networks[site] = self._network(site, subnet)
        router = self._create(
            "wan1",
            ROUTER,
            self.networks["dc1"].name,
            str(self.subnets["dc1"][253]),
            None,
            environment={
                "REDLAB_NODE": "wan1",
                "REDLAB_SITES": json.dumps({site: str(subnet) for site, subnet in self.subnets.items()}),
                "REDLAB_LINKS": json.dumps([link | OTHER_VALUES for link in LINKS]),
            },
            cap_add=["NET_ADMIN"],
            devices=["/dev/net/tun"],
            sysctls={
                "net.ipv4.ip_forward": "1",
                "net.ipv4.conf.all.rp_filter": "0",
                "net.ipv4.conf.default.rp_filter": "0",
                "net.ipv4.icmp_ratelimit": "0",
            },
        )
        for site in SITES[1:]:
            self.attach(site)
        router.start()
        for site in SITES:
            command = ["python3", "-c", PEER.read_text(), "serve"]
            self._create(site, NODE, self.networks[site].name, self.address(site), command).start()

    def close(self) -> None:
        for node in self.nodes.values():
            node.remove(force=True, v=True)
        for network in self.networks.values():
            network.remove()
        self.client.close()

    def address(self, site: str) -> str:
        return str(self.subnets[site][11])

    def attach(self, site: str) -> None:
        self.networks[site].connect(self.nodes["wan1"], ipv4_address=str(self.subnets[site][253]))

    def detach(self, site: str) -> None:
        self.networks[site].disconnect(self.nodes["wan1"])

    def link(self, *arguments: str) -> tuple[int, str]:
        return inside.run(self.nodes["wan1"], ["link", *arguments])

    def show(self, name: str = "dc1-dc2") -> dict[str, Any]:
        """What `link show` says of a link, with what makes its delays as `emulation`."""
        code, said = self.link("show")
        assert code == 0, said
        document = json.loads(said)
        return {"emulation": document["emulation"], **next(each for each in document["links"] if each["name"] == name)}

    def healthy(self) -> bool:
        return inside.run(self.nodes["wan1"], ["healthcheck"])[0] == 0

    def measure(self, source: str, target: str, *more: str) -> dict[str, Any]:
        """Run a measurement of `link_peer.py` from a node to another, or to an address."""
        address = self.address(target) if target in SITES else target
        program = ["python3", "-c", PEER.read_text(), *(more or ("ask",)), address]
        code, said = inside.run(self.nodes[source], program)
        assert code == 0, said
        return dict(json.loads(said))

    def reaches(self, source: str, target: str) -> bool:
        return bool(self.measure(source, target)["answers"])

    def router_shell(self, command: str) -> str:
        """Run a shell command in the router, whatever comes of it."""
        return inside.run(self.nodes["wan1"], ["sh", "-c", command])[1]

    def neighbour(self, site: str) -> str:
        """The MAC address at which a site's node knows the router."""
        program = ["python3", "-c", "print(open('/proc/net/arp').read())"]
        code, said = inside.run(self.nodes[site], program)
        assert code == 0, said
        (found,) = [line.split()[3] for line in said.splitlines() if line.startswith(f"{self.subnets[site][254]} ")]
        return found

    def router_interface(self, site: str) -> str:
        """Name of the router's interface in a site; also while the router is paused."""
        listed = json.loads(self._router_ip("-json", "-4", "address"))
        own = str(self.subnets[site][253])
        return next(each["ifname"] for each in listed if own in {found["local"] for found in each["addr_info"]})

    def rename_router_interface(self, site: str, name: str) -> None:
        present = self.router_interface(site)
        if present != name:
            self._router_ip("link", "set", present, "down")
            self._router_ip("link", "set", present, "name", name)
            self._router_ip("link", "set", name, "up")

    def _router_ip(self, *arguments: str) -> str:
        """Run the machine's own `ip` in the router's network namespace."""
        self.nodes["wan1"].reload()
        enter = ["nsenter", f"--net=/proc/{self.nodes['wan1'].attrs['State']['Pid']}/ns/net", "ip", *arguments]
        return subprocess.run(enter, capture_output=True, text=True, check=True).stdout

    def _network(self, site: str, subnet: IPv4Network) -> Network:
        ipam = docker.types.IPAMPool(
            subnet=str(subnet), gateway=str(subnet[1]), aux_addresses={"DefaultGatewayIPv4": str(subnet[254])}
        )
        return self.client.networks.create(
            f"{self._name}-{site}",
            ipam=docker.types.IPAMConfig(pool_configs=[ipam]),
            options=bridge_options(access=False),
        )

    def _create(
        self, name: str, image: str, network: str, address: str, command: list[str] | None, **more: Any
    ) -> Container:
        api = self.client.api
        environment = more.pop("environment", {})
        made = api.create_container(
            image,
            name=f"{self._name}-{name}",
            hostname=name,
            entrypoint=command,
            environment=environment,
            host_config=api.create_host_config(
                read_only=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                tmpfs=TMPFS,
                mem_limit="192m",
                init=True,
                **more,
            ),
            networking_config=api.create_networking_config({network: api.create_endpoint_config(ipv4_address=address)}),
        )
        self.nodes[name] = self.client.containers.get(made["Id"])
        return self.nodes[name]
