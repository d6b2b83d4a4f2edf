"""A node at the front: a leg in the access network, where its port is published, and one in a site."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import urllib.request
from typing import TYPE_CHECKING

import docker

from redundancy.addressing import bridge_options
from redundancy.naming import ACCESS_NETWORK, Names
from redundancy.stand_ins import STAND_INS
from tests.support.lab.apart import free_port, free_subnets

if TYPE_CHECKING:
    from docker.models.containers import Container
    from docker.models.networks import Network

IMAGE = "redlab/collector:test"


class Front:
    """The networks as the components make them, and one container that serves files of its own; `close` ends it."""

    def __init__(self, site: str) -> None:
        self._client = docker.from_env()
        self._client.images.build(path=str(STAND_INS / "collector"), tag=IMAGE, rm=True)
        lab = f"front-{secrets.token_hex(4)}"
        names = Names(lab, "HighAvailability", "")
        self.subnets = dict(zip((ACCESS_NETWORK, site), free_subnets("10.213.0.0/16"), strict=False))
        self.names = {key: names.network(key) for key in self.subnets}
        self._site, self._container_name = site, names.container("lb1")
        self._networks: list[Network] = []
        self._container: Container | None = None
        self._port = free_port()
        for key, subnet in self.subnets.items():
            ipam = docker.types.IPAMPool(
                subnet=str(subnet), gateway=str(subnet[1]), aux_addresses={"DefaultGatewayIPv4": str(subnet[254])}
            )
            self._networks.append(
                self._client.networks.create(
                    self.names[key],
                    ipam=docker.types.IPAMConfig(pool_configs=[ipam]),
                    options=bridge_options(access=key == ACCESS_NETWORK),
                )
            )

    def start(self) -> None:
        self._container = self._client.containers.create(
            IMAGE,
            entrypoint=["python3", "-m", "http.server", "--directory", "/etc/alternatives", "8080"],
            name=self._container_name,
            network=self.names[self._site],
            ports={"8080/tcp": ("127.0.0.1", self._port)},
            init=True,
        )
        self._client.networks.get(self.names[ACCESS_NETWORK]).connect(self._container)
        self._container.start()

    def answers(self) -> bool:
        address = f"http://127.0.0.1:{self._port}/"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def default_route(self) -> str:
        assert self._container is not None
        self._container.reload()
        enter = ["nsenter", f"--net=/proc/{self._container.attrs['State']['Pid']}/ns/net"]
        shown = subprocess.run([*enter, "ip", "route", "show", "default"], capture_output=True, text=True, check=True)
        return shown.stdout.split()[2]

    def close(self) -> None:
        if self._container is not None:
            self._container.remove(force=True)
        for network in self._networks:
            network.remove()
        self._client.close()
