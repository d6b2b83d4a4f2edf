"""What can be seen of a lab from outside and inside its nodes: rights, secrets, ports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import testinfra

from redlab import engine
from redlab.probes import http
from redlab.stack import checkout
from tests.support import docker_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testinfra.host import Host

    from redlab.control.lab import Laboratory

LISTEN = "0A"
NET_ADMIN, NET_RAW = 1 << 12, 1 << 13
# The engine's own resolver has a port of its choice there, in every container on a network that somebody made.
ENGINE_RESOLVER = "127.0.0.11"


def inside(lab: Laboratory, node: str) -> Host:
    """Return the inside of a node."""
    return testinfra.get_host(f"docker://{lab.inventory.node(node).container}")


def processes(host: Host) -> Iterator[dict[str, str]]:
    """The processes of a container, as /proc/<pid>/status says; that of the test itself, `cat`, is among them."""
    for status in host.check_output("cat /proc/[0-9]*/status 2>/dev/null || true").split("Name:")[1:]:
        fields = (line.split(":", 1) for line in f"Name:{status}".splitlines() if ":" in line)
        yield {key: value.strip() for key, value in fields}


def capabilities(process: dict[str, str]) -> set[int]:
    """What a process may do or gain: its permitted, effective and ambient capabilities, and its bounding set."""
    return {int(process[key], 16) for key in ("CapPrm", "CapEff", "CapAmb", "CapBnd")}


def unconfined(lab: Laboratory) -> list[str]:
    """The containers that may more than the lab gives them; the router alone has a device, to hold packets with."""
    found = []
    for node in lab.inventory.nodes:
        attributes = docker_engine.container(node).attrs
        host = attributes["HostConfig"]
        devices = [device["PathOnHost"] for device in host["Devices"] or []]
        confined = (
            host["Privileged"] is False
            and host["SecurityOpt"] == ["no-new-privileges"]
            and host["CapDrop"] == ["ALL"]
            and (host["PidMode"], host["UTSMode"], host["UsernsMode"], host["IpcMode"]) == ("", "", "", "private")
            and host["NetworkMode"] != "host"
            and host["PidsLimit"] == engine.MOST_PROCESSES
            and devices == (["/dev/net/tun"] if node.role == "wanRouter" else [])
            # Named volumes alone: nothing of the machine's file system, and least of all the engine's socket.
            and {mount["Type"] for mount in attributes["Mounts"]} <= {"volume", "tmpfs"}
        )
        found += [] if confined else [node.name]
    return found


def places(lab: Laboratory) -> Iterator[tuple[str, str]]:
    """Where a secret could have got to, and the text that is there."""
    api = docker_engine.client().api
    for node in lab.inventory.nodes:
        container = api.inspect_container(node.container)
        yield f"container {node.name}", json.dumps(container)
        yield f"history of the image of {node.name}", json.dumps(api.history(container["Image"]))
        yield f"image of {node.name}", json.dumps(api.inspect_image(container["Image"]))
        yield f"log of {node.name}", api.logs(node.container).decode(errors="replace")
        host = inside(lab, node.name)
        yield f"command lines in {node.name}", host.check_output("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")
        yield f"environments in {node.name}", host.check_output("cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '")
    for network in lab.inventory.networks.values():
        yield f"network {network.name}", json.dumps(api.inspect_network(network.name))
    yield "volumes", json.dumps(api.volumes(filters={"label": [f"{k}={v}" for k, v in lab.inventory.labels.items()]}))
    state = checkout.LAB / "state" / ".pulumi" / "stacks"
    for file in state.rglob(f"{lab.inventory.lab}.json"):
        yield "state of the stack", file.read_text()
    yield "config of the stack", (checkout.STACKS / f"Pulumi.{lab.inventory.lab}.yaml").read_text()


def leaks(secrets: dict[str, str], texts: Iterator[tuple[str, str]]) -> list[str]:
    return [f"{name} in {place}" for place, text in texts for name, value in secrets.items() if value in text]


def listening(*tables: str) -> set[tuple[str, int]]:
    """Return address and port of every listening socket in texts like /proc/net/tcp; ``any`` is every address."""
    found = set()
    for line in (line for table in tables for line in table.splitlines()[1:]):
        local, state = line.split()[1], line.split()[3]
        if state == LISTEN:
            address, port = local.split(":")
            octets = bytes.fromhex(address)
            shown = ".".join(map(str, octets[::-1])) if len(octets) == 4 and any(octets) else address
            found.add(("any" if not any(octets) else shown, int(port, 16)))
    return {(address, port) for address, port in found if address != ENGINE_RESOLVER}


def bound_ports(lab: Laboratory) -> set[tuple[str, int]]:
    """Return address and port of everything that the containers of a lab publish."""
    bound = set()
    for container in docker_engine.containers(lab.inventory).values():
        for bindings in container.attrs["NetworkSettings"]["Ports"].values():
            bound |= {(binding["HostIp"], int(binding["HostPort"])) for binding in bindings or []}
    return bound


def published_ports(lab: Laboratory) -> set[int]:
    """Return the ports that a lab says it publishes."""
    return {int(url.rsplit(":", 1)[1]) for urls in lab.inventory.urls.values() for url in urls}


def front_ends(lab: Laboratory) -> dict[str, int]:
    """Return how many requests each front end of the (wide-area) load balancer has had since it started."""
    (balancer,) = lab.inventory.of_role("globalLoadBalancer")
    ask = "echo 'show stat -1 1 -1' | socat -t 2 - UNIX-CONNECT:/run/haproxy/admin.sock"
    names, *rows = (line.split(",") for line in engine.execute(balancer, ["sh", "-c", ask]).splitlines() if line)
    return {row[0]: int(row[names.index("req_tot")]) for row in rows}


def callers(lab: Laboratory, role: str) -> dict[str, int]:
    """Return how many requests a node that twin instances share has had since it started, by who made them."""
    (node,) = lab.inventory.of_role(role)
    (interface,) = [one for one in lab.inventory.interfaces if one.name == role]
    found: dict[str, int] = http.get(node, interface.port, "/v1/status")["callers"]
    return found


def past_the_load_balancer(lab: Laboratory, role: str, before: dict[str, int]) -> dict[str, int]:
    """Return the callers of a shared node since ``before`` that did not come by the wide-area load balancer."""
    (balancer,) = lab.inventory.of_role("globalLoadBalancer")
    now, own = callers(lab, role), set(balancer.addresses.values())
    return {who: now[who] - before.get(who, 0) for who in now if who not in own and now[who] != before.get(who, 0)}
