"""What the patterns share: a topology becomes networks, images, sites and what lies between them."""

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeAlias, get_args

import pulumi

from redundancy import credentials, rules
from redundancy.addressing import AddressPlan
from redundancy.inventory import inventory
from redundancy.model import camel_case
from redundancy.naming import Names
from redundancy.nodes.collector import Collector
from redundancy.nodes.etcd import Etcd
from redundancy.nodes.global_load_balancer import GlobalLoadBalancer
from redundancy.nodes.image import images
from redundancy.nodes.lab import Lab, Secrets
from redundancy.nodes.service_desk import service_desk
from redundancy.nodes.ucmdb import UcmdbServer
from redundancy.patterns.arguments import PatternArgs
from redundancy.patterns.wiring import WiringArgs
from redundancy.reading import DocumentError
from redundancy.sites import taken
from redundancy.sites.network import networks
from redundancy.sites.site import SiteComponent
from redundancy.sites.wan_link import WanLink
from redundancy.source import Source
from redundancy.topology import Topology

_OF_NAMES = ("sites", "links")
"""Arguments whose keys are data: names that the author chose."""
SecretArgument: TypeAlias = Literal["database_password", "admin_token", "internal_secret"]


class Pattern(pulumi.ComponentResource):
    """A lab of one pattern. Its name is the lab's: it becomes part of every container's name.

    The components of the package read their topology from their arguments; the lab's own program has it already.
    """

    inventory: pulumi.Output[dict[str, Any]]
    user_urls: pulumi.Output[list[str]]
    admin_token: pulumi.Output[str]

    def __init__(self, topology: Topology, wiring: WiringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        name = topology.name
        names, plan = Names(name, topology.pattern, wiring.get("owner") or ""), AddressPlan(topology)
        described = inventory(topology, names, plan)
        password, token, internal = (_secret(wiring, key) for key in get_args(SecretArgument))
        certificate = _certificate(topology, wiring)
        taken.refuse(described, plan.pool, names.owner, opts)
        super().__init__(f"redundancy:index:{topology.pattern}", name, None, opts)
        secrets = Secrets(password, token, internal, certificate)
        lab = Lab(
            topology,
            names,
            plan,
            secrets,
            images(self, f"{name}-image", topology),
            networks(self, f"{name}-network", names, plan, [site.name for site in topology.sites]),
            pulumi.Output.from_input(topology.first_site),
        )
        self._build(name, lab)
        self.inventory = pulumi.Output.from_input(described)
        self.user_urls = pulumi.Output.from_input(described["urls"]["users"])
        self.admin_token = secrets.admin_token
        self.register_outputs(
            {"inventory": self.inventory, "user_urls": self.user_urls, "admin_token": self.admin_token}
        )

    def _build(self, name: str, lab: Lab) -> None:
        topology, child = lab.topology, pulumi.ResourceOptions(parent=self)
        if topology.global_load_balancer:
            balancer = topology.global_load_balancer.node
            lab = replace(
                lab, first_site=GlobalLoadBalancer(f"{name}-{balancer.name}", lab, balancer, child).first_site
            )
        if topology.wan_router:
            WanLink(f"{name}-{topology.wan_router.name}", lab, child)
        if topology.witness:
            for node in topology.witness.nodes:
                Etcd(f"{name}-{node.name}", lab, topology.witness, node, child)
        if topology.ucmdb:
            for node in topology.ucmdb.nodes:
                UcmdbServer(f"{name}-{node.name}", lab, topology.ucmdb, node, child)
            if topology.service_desk:
                service_desk(name, lab, topology.service_desk, topology.ucmdb, child)
        for site in topology.sites:
            SiteComponent(f"{name}-{site.name}", lab, site, child)
        for node in topology.collectors.nodes:
            Collector(f"{name}-{node.name}", lab, node, child)


def declared(pattern: str, name: str, args: PatternArgs) -> Topology:
    """Return the topology that the arguments of a component declare. Raises ``pulumi.RunError`` with every fault."""
    source = Source(f"arguments of {pattern} {name!r}", document(pattern, args), snake_case=True)
    try:
        return rules.accept(source, name)
    except DocumentError as error:
        raise pulumi.RunError(str(error)) from None


def document(pattern: str, args: PatternArgs) -> dict[str, Any]:
    """Return the topology document that the arguments of a component stand for."""
    given: dict[str, Any] = {
        key: value for key, value in args.items() if key not in WiringArgs.__annotations__ and value is not None
    }
    named = {key: given.pop(key) for key in _OF_NAMES if isinstance(given.get(key), Mapping)}
    of_names = {key: {name: _spelled(part) for name, part in parts.items()} for key, parts in named.items()}
    return {"pattern": pattern, **_spelled(given), **of_names}


def _spelled(value: Any) -> Any:
    """Return an argument with its keys as a document spells them."""
    if isinstance(value, (list, tuple)):
        return [_spelled(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    return {camel_case(key) if isinstance(key, str) else key: _spelled(part) for key, part in value.items()}


def _certificate(topology: Topology, wiring: WiringArgs) -> pulumi.Output[str] | None:
    if not topology.user_interface.tls:
        return None
    value = wiring.get("user_certificate")
    if value is None:
        raise pulumi.RunError(
            "argument user_certificate: found nothing; allowed: PEM with the private key, the certificate and those of "
            "its authorities; why: users of this topology may come by TLS (user_interface.tls)"
        )
    return pulumi.Output.secret(value)


def _secret(wiring: WiringArgs, key: SecretArgument) -> pulumi.Output[str]:
    """Return a secret of the arguments; one that is known already is refused before anything is made."""
    least = 1 if key == "database_password" else credentials.LEAST_TOKEN_CHARACTERS

    def checked(value: str) -> str:
        try:
            return credentials.checked(value, f"argument {key}", least)
        except DocumentError as error:
            raise pulumi.RunError(str(error)) from None

    value = wiring.get(key)
    if not isinstance(value, (pulumi.Output, Awaitable)):
        checked(value)
    return pulumi.Output.secret(value).apply(checked)
