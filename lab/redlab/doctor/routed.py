"""A try whether the engine lets packets pass that a container forwards from one network to another.

Engines since 28 drop them for networks in their default mode, and rules of the machine may on any engine. So two
networks are made with the options of sites, a container in each and one in both, from the base image alone: it has no
tools for networks, but Perl. What a killed trial leaves ends by itself, and the next one removes it.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any, Final

from redlab import engine
from redlab.doctor.facts import Routing
from redlab.probes.clock import Clock
from redundancy.addressing import Subnet, bridge_options
from redundancy.naming import LABEL_PREFIX

IMAGE: Final = "debian:bookworm-slim"
"""What every stand-in is built from: `make setup` makes or pulls it."""
LABEL: Final = f"{LABEL_PREFIX}doctor"
"""All that a trial makes has it."""
_PORT: Final = 7
_LIFE_SECONDS: Final = 30
LEFT_SECONDS = 2 * _LIFE_SECONDS
"""A thing of a trial that is older is nobody's."""
PATIENCE_SECONDS = 6
_ROUTER_HOST, _NODE_HOST = 253, 11
# The router takes the address of the nodes' default route, as the routers of labs do: SIOCGIFADDR (0x8915) finds the
# interfaces, SIOCSIFADDR (0x8916) and SIOCSIFNETMASK (0x891c) make a second address on each (netdevice(7)).
_ROUTER: Final = """
use Socket; socket(S, PF_INET, SOCK_DGRAM, 0) or exit 3;
for my $device (map { "eth$_" } 0 .. 3) {
    my $request = pack("a16 x24", $device);
    ioctl(S, 0x8915, $request) or next;
    my $route = substr($request, 20, 3) . chr(254);
    ioctl(S, 0x8916, pack("a16 S n a4 x16", "$device:1", AF_INET, 0, $route)) or exit 3;
    ioctl(S, 0x891c, pack("a16 S n a4 x16", "$device:1", AF_INET, 0, inet_aton("255.255.255.0"))) or exit 3;
}
sleep shift;
"""
_SERVER: Final = """
use Socket; alarm shift; my $port = shift; socket(S, PF_INET, SOCK_STREAM, 0) or exit 3;
bind(S, sockaddr_in($port, INADDR_ANY)) or exit 3; listen(S, 5) or exit 3;
while (accept(C, S)) { syswrite(C, "here"); close(C) }
"""
_CLIENT: Final = """
use Socket; my ($seconds, $address, $port) = @ARGV; my $end = time + $seconds;
while (time < $end) {
    my $said = "";
    eval {
        local $SIG{ALRM} = sub { die }; alarm 1; socket(S, PF_INET, SOCK_STREAM, 0) or exit 3;
        connect(S, sockaddr_in($port, inet_aton($address))) and sysread(S, $said, 4); alarm 0;
    };
    alarm 0; exit 0 if $said eq "here"; select(undef, undef, undef, 0.1);
}
exit 1;
"""


def tried(pool: str) -> Routing:
    """Send packets from one network to another, both of them in the address pool, which nothing else uses."""
    import docker

    try:
        _remove_leftovers()
        engine.client().images.get(IMAGE)
        return _try(list(IPv4Network(pool).subnets(new_prefix=24))[:2])
    except docker.errors.ImageNotFound:
        return Routing(None, f"the engine has no {IMAGE} (`make setup` gets it)")
    except docker.errors.DockerException as error:
        return Routing(None, f"the engine: {getattr(error, 'explanation', None) or error}")


def _remove_leftovers() -> None:
    """Remove what a killed trial left. Another one may be under way: its things are younger."""
    client, clock = engine.client(), Clock.now()
    filters: dict[str, Any] = {"label": LABEL}
    found: list[Any] = client.containers.list(all=True, filters=filters, ignore_removed=True)
    for each in [*found, *client.networks.list(filters=filters)]:
        if time.monotonic() - clock.monotonic_of(each.attrs["Created"]) > LEFT_SECONDS:
            each.remove()


def _try(subnets: list[IPv4Network]) -> Routing:
    with contextlib.ExitStack() as removed:
        networks = [removed.enter_context(_network(Subnet(subnet))) for subnet in subnets]
        (here, there), target = networks, str(subnets[1][_NODE_HOST])
        router = _container(
            networks[0],
            str(subnets[0][_ROUTER_HOST]),
            [_ROUTER, str(_LIFE_SECONDS)],
            cap_add=["NET_ADMIN"],
            sysctls={
                "net.ipv4.ip_forward": "1",
                "net.ipv4.conf.all.rp_filter": "0",
                "net.ipv4.conf.default.rp_filter": "0",
            },
        )
        removed.callback(router.remove, force=True)
        engine.client().networks.get(there).connect(router, ipv4_address=str(subnets[1][_ROUTER_HOST]))
        server = _container(there, target, [_SERVER, str(_LIFE_SECONDS), str(_PORT)])
        removed.callback(server.remove, force=True)
        client = _container(here, str(subnets[0][_NODE_HOST]), [_CLIENT, str(PATIENCE_SECONDS), target, str(_PORT)])
        removed.callback(client.remove, force=True)
        for each in (router, server, client):
            each.start()
        code = client.wait(timeout=_LIFE_SECONDS)["StatusCode"]
        states = {name: _state(each) for name, each in (("router", router), ("server", server))}
    if code == 0:
        return Routing(True, "a container forwards from one network to another")
    idle = [f"the {name} is {state}" for name, state in states.items() if state != "running"]
    if code != 1 or idle:
        return Routing(None, f"a container of the trial failed ({'; '.join(idle) or f'exit code {code}'})")
    return Routing(False, f"no answer within {PATIENCE_SECONDS} s from another network through a container in both")


@contextlib.contextmanager
def _network(subnet: Subnet) -> Iterator[str]:
    from docker.types import IPAMConfig, IPAMPool

    reserved = {"DefaultGatewayIPv4": subnet.default_route}
    pool = IPAMPool(subnet=str(subnet.network), gateway=subnet.host, aux_addresses=reserved)
    name = f"redlab-doctor-{secrets.token_hex(4)}"
    made = engine.client().networks.create(
        name,
        driver="bridge",
        options=bridge_options(access=False),
        ipam=IPAMConfig(pool_configs=[pool]),
        labels={LABEL: ""},
    )
    try:
        yield name
    finally:
        made.remove()


def _container(network: str, address: str, program: list[str], **more: Any) -> Any:
    client = engine.client()
    return client.containers.create(
        IMAGE,
        ["perl", "-e", *program],
        name=f"redlab-doctor-{secrets.token_hex(4)}",
        network=network,
        networking_config={network: client.api.create_endpoint_config(ipv4_address=address)},
        labels={LABEL: ""},
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        read_only=True,
        init=True,
        dns=["127.0.0.1"],
        mem_limit="32m",
        stop_signal="SIGKILL",
        **more,
    )


def _state(container: Any) -> str:
    container.reload()
    return str(container.status)
