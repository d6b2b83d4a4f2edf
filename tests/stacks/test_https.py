"""HTTP over TLS, by the topology: over the networks no server of a lab speaks anything else, and all of it works."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from redlab import engine
from redlab.control.lab import http_authority, open_lab
from redlab.probes import certificates, published
from redlab.stack.pulumi import Stack
from redundancy import node_certificates
from redundancy.naming import ACCESS_NETWORK
from tests.support.stacks.commands import pulumi, redlab, reserved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redlab.control.lab import Laboratory
    from redlab.model.inventory import Inventory, Node

pytestmark = pytest.mark.pulumi

STACK = "test-https"
PORTS = {
    "gateway": (8080, 8081, 8082),
    "dataProcessingServer": (8090,),
    "ucmdb": (8100,),
    "serviceManager": (8110,),
    "operationsOrchestration": (8120,),
}
KINDS, FRONT, METRICS = ("collectors", "users"), (8080, 8081), 8404
# Asks each address in clear, trusting somebody else, and trusting the authority of the lab; says what came of it.
ASK = """
import http.client, json, ssl, sys
places, other = json.loads(sys.argv[1])

def asked(address, port, *authority):
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(**authority[0])
        connection = http.client.HTTPSConnection(address, port, timeout=5, context=context)
    else:
        connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/nothing")
        return f"answers {connection.getresponse().status}"
    except ssl.SSLCertVerificationError as error:
        return f"not trusted"
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()

own = {"cafile": "/etc/redlab/secrets/http-authority"}
print(json.dumps([(*place, asked(*place), asked(*place, {"cadata": other}), asked(*place, own)) for place in places]))
"""


@pytest.fixture(
    scope="module",
    params=[
        "ha",
        *(
            pytest.param(one, marks=pytest.mark.campaign)
            for one in ("distributed-ha", "dr-ucmdb", "business-continuity")
        ),
    ],
)
def lab(request: pytest.FixtureRequest) -> Iterator[Laboratory]:
    with reserved(STACK) as free, ExitStack() as end:
        assert free, f"another test run uses the stack {STACK}: wait until it ends"
        redlab("destroy", STACK)
        end.callback(redlab, "destroy", STACK)
        Stack(STACK).create()
        pulumi("config", "set", "--stack", STACK, "--path", "redundancy:overrides.encryption.http", "true")
        redlab("up", STACK, "--topology", request.param)
        yield open_lab(STACK)


def served(inventory: Inventory) -> Iterator[tuple[str, str, int]]:
    """Yield where HTTP is served over a network: the network, the address and the port."""
    for node in inventory.nodes:
        for network, address in node.addresses.items():
            balancing = FRONT if network == ACCESS_NETWORK else (METRICS,)
            ports = balancing if node.role == "loadBalancer" else PORTS.get(node.role, ())
            yield from ((network, address, port) for port in ports)
    clients = [site.virtual_ips for site in inventory.sites if not site.witness]
    if inventory.global_load_balancer and not inventory.interfaces:
        clients.append(inventory.virtual_ips)
    for entry in clients:
        yield from ((ACCESS_NETWORK, entry[kind], port) for kind, port in zip(KINDS, FRONT, strict=True))
    for interface in inventory.interfaces:
        yield ACCESS_NETWORK, interface.address, interface.port
        if interface.integrations:
            yield "", interface.integrations, interface.port


def asked_by(inventory: Inventory, network: str) -> Node:
    """Return who can ask in a network: a collector among clients, else a gateway: the router leads to other sites."""
    if network == ACCESS_NETWORK:
        return inventory.of_role("collector")[0]
    gateways = inventory.of_role("gateway")
    return next((node for node in gateways if node.site == network), gateways[0])


def test_over_a_network_every_server_answers_those_alone_who_trust_the_labs_authority(lab: Laboratory) -> None:
    other, wrong = node_certificates.authority("another secret"), []
    places: dict[str, list[tuple[str, int]]] = {}
    for network, address, port in served(lab.inventory):
        places.setdefault(asked_by(lab.inventory, network).name, []).append((address, port))
    for asking, asked in places.items():
        command = ["python3", "-c", ASK, json.dumps([asked, other])]
        for address, port, clear, foreign, own in json.loads(engine.execute(lab.inventory.node(asking), command)):
            # HAProxy and aiohttp hang up on whoever does not begin with TLS.
            if clear.startswith("answers") or foreign != "not trusted" or not own.startswith("answers"):
                wrong.append((asking, address, port, clear, foreign, own))
    assert wrong == []


def test_from_this_machine_too(lab: Laboratory) -> None:
    assert http_authority(Stack(STACK)) == redlab("certificate", STACK).stdout
    assert lab.management.health().nodes
    assert published.unanswered(lab.inventory) == []


def test_every_server_says_until_when_its_certificate_is_valid(lab: Laboratory) -> None:
    known = {one.node for one in certificates.served(lab.inventory) if one.purpose == certificates.HTTP}
    roles = (*PORTS, "loadBalancer", "globalLoadBalancer")
    assert known == {node.name for role in roles for node in lab.inventory.of_role(role)}
    assert "HTTP: by TLS, names checked; certificates valid until 20" in redlab("inspect", STACK).stdout


def test_a_drill_passes(lab: Laboratory) -> None:
    redlab("drill", STACK, "wide-area-lb-switchover" if lab.inventory.active_active else "gateway-certificate-expiry")
