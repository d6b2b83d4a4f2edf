"""A try whether the engine lets packets pass that a container forwards from one network to another.

Engines since 28 drop them for networks in their default mode, and rules of the machine may on any engine. So two
networks are made with the options of sites, a container in each and one in both, from the base image alone: it has no
tools for networks, but Perl. What a killed trial leaves ends by itself, and the next one removes it.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from redlab import engine
from redlab.doctor.facts import Routing
from redlab.engine import EngineError, Kind, MissingError
from redlab.engine.model import Endpoint
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
_ROUTES: Final = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
}
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
    try:
        _remove_leftovers()
        try:
            engine.of().image(IMAGE)
        except MissingError:
            return Routing(None, f"the engine has no {IMAGE} (`make setup` gets it)")
        return _try(list(IPv4Network(pool).subnets(new_prefix=24))[:2])
    except EngineError as error:
        return Routing(None, f"the engine: {error.words}")


def _remove_leftovers() -> None:
    """Remove what a killed trial left. Another one may be under way: its things are younger."""
    now = engine.now()
    for each in engine.labelled({LABEL: ""}):
        if now - each.made_at > LEFT_SECONDS:
            engine.of().remove(each.kind, each.id)


def _try(subnets: list[IPv4Network]) -> Routing:
    with contextlib.ExitStack() as removed:
        networks = [removed.enter_context(_network(Subnet(subnet))) for subnet in subnets]
        (here, there), target = networks, str(subnets[1][_NODE_HOST])

        def container(network: str, address: str, program: list[str], *, routes: bool = False) -> str:
            return removed.enter_context(_container(network, address, program, routes=routes))

        router = container(here, str(subnets[0][_ROUTER_HOST]), [_ROUTER, str(_LIFE_SECONDS)], routes=True)
        engine.of().connect(router, Endpoint(there, str(subnets[1][_ROUTER_HOST])))
        server = container(there, target, [_SERVER, str(_LIFE_SECONDS), str(_PORT)])
        client = container(here, str(subnets[0][_NODE_HOST]), [_CLIENT, str(PATIENCE_SECONDS), target, str(_PORT)])
        for each in (router, server, client):
            engine.of().start(each)
        code = engine.of().wait(client, _LIFE_SECONDS)
        states = {
            role: engine.of().container(name).state.status for role, name in (("router", router), ("server", server))
        }
    if code == 0:
        return Routing(True, "a container forwards from one network to another")
    idle = [f"the {name} is {state}" for name, state in states.items() if state != "running"]
    if code != 1 or idle:
        return Routing(None, f"a container of the trial failed ({'; '.join(idle) or f'exit code {code}'})")
    return Routing(False, f"no answer within {PATIENCE_SECONDS} s from another network through a container in both")


@contextlib.contextmanager
def _network(subnet: Subnet) -> Iterator[str]:
    name = f"redlab-doctor-{secrets.token_hex(4)}"
    engine.of().create_network(name, {LABEL: ""}, bridge_options(access=False), subnet=subnet)
    try:
        yield name
    finally:
        engine.of().remove(Kind.NETWORK, name)


@contextlib.contextmanager
def _container(network: str, address: str, program: list[str], *, routes: bool) -> Iterator[str]:
    name = f"redlab-doctor-{secrets.token_hex(4)}"
    engine.of().create(
        name,
        IMAGE,
        ["perl", "-e", *program],
        network=network,
        address=address,
        labels={LABEL: ""},
        sysctls=_ROUTES if routes else None,
        capabilities=["NET_ADMIN"] if routes else (),
    )
    try:
        yield name
    finally:
        engine.of().remove(Kind.CONTAINER, name)
