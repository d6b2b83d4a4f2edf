"""A load balancer whose access network is connected anew restarts: keepalived does not find the new interface."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from redlab.stack import checkout

IMAGE = checkout.ROOT / "lab" / "images" / "load_balancer"
ADDRESS = "10.0.0.21"


class Interfaces:
    """The kernel's interfaces by index, and the one with the access address."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._carrier = folder / "net", folder / "carrier"
        self.have("eth0", 7)
        self.carries("eth0")
        ip = folder / "ip"
        ip.write_text(
            f'#!/bin/sh\ncase "$*" in *"dev eth0"*) exec grep -x "2: eth0" {self._carrier} ;; esac\n'
            f"exec cat {self._carrier}\n"
        )
        ip.chmod(0o755)
        self.environment = {"PATH": f"{folder}:{os.environ['PATH']}"}

    def have(self, name: str, index: int) -> None:
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / name / "ifindex").write_text(f"{index}\n")

    def gone(self, name: str) -> None:
        (self.folder / name / "ifindex").unlink()
        self._carrier.write_text("")

    def carries(self, name: str) -> None:
        self._carrier.write_text(f"2: {name}\n")


@pytest.fixture
def interfaces(tmp_path: Path) -> Interfaces:
    return Interfaces(tmp_path)


@pytest.fixture
def watching(interfaces: Interfaces) -> Iterator[subprocess.Popen[str]]:
    """The script's own functions; `looked` is written whenever it has looked, and waits for nothing."""
    text = (IMAGE / "load-balancer").read_text()
    parts = [
        re.search(rf"^{name}\(\).*?^}}\n", text, re.MULTILINE | re.DOTALL)
        for name in ("interface_of_access", "watch_interface")
    ]
    functions = "".join(part[0] for part in parts if part).replace("read -r -t 1", "read -r -t 0.02")
    begin = f"access_address={ADDRESS} access_interface=eth0 interfaces={interfaces.folder}"
    with subprocess.Popen(
        ["bash", "-uc", f"{begin}\n{functions}\necho begins; watch_interface"],
        env=interfaces.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "begins\n"
        yield process
        process.kill()


def ended(process: subprocess.Popen[str], seconds: float) -> bool:
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False


def test_the_load_balancer_runs_on_while_the_network_is_unchanged_or_absent(
    interfaces: Interfaces, watching: subprocess.Popen[str]
) -> None:
    assert not ended(watching, 0.3)
    interfaces.gone("eth0")
    assert not ended(watching, 0.3)


@pytest.mark.parametrize(("name", "index"), [("eth2", 9), ("eth0", 9)])
def test_the_load_balancer_ends_when_the_network_is_connected_anew(
    interfaces: Interfaces, watching: subprocess.Popen[str], name: str, index: int
) -> None:
    assert not ended(watching, 0.1)
    interfaces.gone("eth0")
    assert not ended(watching, 0.1)
    interfaces.have(name, index)
    interfaces.carries(name)
    assert ended(watching, 10)


def test_a_load_balancer_that_can_hold_no_virtual_ip_is_unhealthy(tmp_path: Path, interfaces: Interfaces) -> None:
    (tmp_path / "access").write_text(f"eth0 {ADDRESS}\n")
    (tmp_path / "vrrp.pid").write_text(f"{os.getpid()}\n")
    text = (IMAGE / "healthcheck").read_text().replace("/run/keepalived", str(tmp_path))
    check = ["sh", "-c", text.replace("/usr/local/bin/haproxy-answers", "true")]
    assert subprocess.run(check, env=interfaces.environment, check=False).returncode == 0
    interfaces.carries("eth2")
    said = subprocess.run(check, env=interfaces.environment, check=False, capture_output=True, text=True)
    assert (said.returncode, said.stdout.strip()) == (
        1,
        f"{ADDRESS} is not on eth0: this load balancer can hold no virtual IP",
    )
