"""All access to the kernel: ip, tc, nft, the delaying devices."""

import fcntl
import json
import os
import struct
import subprocess
from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import NamedTuple

from redlab_router.settings import Direction, Settings, Shape

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI, _IFF_VNET_HDR = 0x400454CA, 0x0001, 0x1000, 0x4000
_TUNSETOFFLOAD, _CHECKSUMS_AND_TCP_SEGMENTS = 0x400454D0, 0x01 | 0x02 | 0x04
_OWN, _DEFAULT_ROUTE = 253, 254
QUEUE_PACKETS = 10000


def run(*command: str, text: str | None = None, check: bool = True) -> str:
    """Run a command and return its output."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=10)
    if check and done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def load(rules: str) -> None:
    """Load firewall rules in one transaction."""
    run("nft", "-f", "-", text=rules)


class Leg(NamedTuple):
    """An interface in a site. A detach and attach may bring back its name, but never its index."""

    device: str
    index: int


def legs(settings: Settings) -> dict[str, Leg]:
    """Return this node's current leg in every site where it has one, found by its address."""
    found = {}
    for link in json.loads(run("ip", "-json", "-4", "address")):
        for address in link["addr_info"]:
            for site, network in settings.sites.items():
                if IPv4Address(address["local"]) == network[_OWN]:
                    found[site] = Leg(link["ifname"], link["ifindex"])
    return found


def hardware_address(address: IPv4Address) -> str:
    """Return the locally administered MAC address that derives from an IPv4 address: 02:42, then its four bytes. Pure.

    Engines before 28 gave each endpoint the MAC address of its own IPv4 address; later ones give a random one.
    """
    return ":".join(f"{byte:02x}" for byte in (0x02, 0x42, *address.packed))


def be_default_route(settings: Settings, legs: Mapping[str, Leg]) -> None:
    """Set the address of the nodes' default route in each site. The address is lost with its interface.

    The MAC address stays equal over restarts: nodes keep the one that they know for that IPv4 address for up to a
    minute.
    """
    for site, leg in legs.items():
        network = settings.sites[site]
        address = network[_DEFAULT_ROUTE]
        run("ip", "link", "set", leg.device, "address", hardware_address(address))
        run("ip", "address", "replace", f"{address}/{network.prefixlen}", "dev", leg.device)


def open_device(way: Direction) -> int:
    """Create the device that holds the packets of a direction; it exists as long as the descriptor."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    # With this header, many segments of a stream pass as one packet: several times the throughput.
    request = struct.pack("16sH22x", way.device.encode(), _IFF_TUN | _IFF_NO_PI | _IFF_VNET_HDR)
    fcntl.ioctl(descriptor, _TUNSETIFF, request)
    fcntl.ioctl(descriptor, _TUNSETOFFLOAD, _CHECKSUMS_AND_TCP_SEGMENTS)
    run("ip", "link", "set", way.device, "up", "txqueuelen", str(QUEUE_PACKETS), "mtu", "1500")
    return descriptor


def lead_into_device(settings: Settings, way: Direction, device_in: str, held: bool) -> None:
    """Route the packets of a direction into its device, or directly.

    Without the device the table answers unreachable: a router that cannot delay lets no undelayed packet through.
    """
    rule = ["from", str(settings.sites[way.source]), "to", str(settings.sites[way.target]), "iif", device_in]
    table = str(way.table)
    while run("ip", "rule", "del", "priority", table, check=False, text=None) or _has_rule(table):
        pass
    if held:
        run("ip", "route", "replace", "unreachable", "default", "metric", "4000", "table", table)
        run("ip", "route", "replace", "default", "dev", way.device, "table", table)
        run("ip", "rule", "add", *rule, "priority", table, "lookup", table)


def _has_rule(priority: str) -> bool:
    return bool(run("ip", "rule", "list", "priority", priority).strip())


def has_netem(device: str) -> bool:
    """Tell whether the kernel can delay by itself, by trying it."""
    try:
        run("tc", "qdisc", "replace", "dev", device, "root", "netem", "delay", "1ms")
    except OSError:
        return False
    run("tc", "qdisc", "del", "dev", device, "root", check=False)
    return True


def shape_device(device: str, shape: Shape, *, netem: bool) -> None:
    """Set the device's queue: all values with netem, only the bandwidth without it."""
    bandwidth = shape["bandwidthMegabitsPerSecond"]
    run("tc", "qdisc", "del", "dev", device, "root", check=False)
    if netem:
        options = ["delay", f"{shape['roundTripMilliseconds'] / 2:g}ms"]
        if shape["jitterMilliseconds"]:
            options.append(f"{shape['jitterMilliseconds']:g}ms")
        if shape["lossPercent"]:
            options += ["loss", f"{shape['lossPercent']:g}%"]
        if bandwidth:
            options += ["rate", f"{bandwidth:g}mbit"]
        run("tc", "qdisc", "add", "dev", device, "root", "netem", *options, "limit", str(QUEUE_PACKETS))
    elif bandwidth:
        burst = max(16, round(bandwidth * 2))
        options = ["rate", f"{bandwidth:g}mbit", "burst", f"{burst}kb", "latency", "200ms"]
        run("tc", "qdisc", "add", "dev", device, "root", "tbf", *options)
