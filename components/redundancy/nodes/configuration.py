"""Configuration files of the load balancers, rendered from plain values; neither Pulumi nor Docker is involved.

The defaults of the timers were chosen by measurement (100 open-loop operations/s, a gateway of three killed or
paused); `docs/contract/` says what the image makes of the files.
"""

from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Interface

from jinja2 import Environment, PackageLoader, StrictUndefined

from redundancy.roles import COLLECTOR_PORT, USER_PORT, USER_TLS_PORT, Role

PERSISTENCE_COOKIE = "REDLAB_GATEWAY"
SITE_HEALTH_URI = "/site-health"
ROUTE_MAP = "/run/haproxy/route.map"
METRICS_PORT = 8404
PEERS_PORT = 10000
FIRST_VIRTUAL_ROUTER_ID = 51
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tls:
    """Files by which HAProxy takes in who comes by HTTP, and goes on to its servers, over TLS alone.

    ``certificate``: its own private key and certificate.   ``authority``: whose certificates its servers show.
    """

    certificate: str
    authority: str

    @property
    def bind(self) -> str:
        """What a line `bind` says of it."""
        return f" ssl crt {self.certificate} ssl-min-ver TLSv1.2"

    def server(self, name: str) -> str:
        """Return what a line `server` says of it; the server's certificate has to be for ``name``.

        A resumed session would skip the certificate, and one that has expired would go unnoticed.
        """
        return f" ssl verify required ca-file {self.authority} verifyhost {name} no-ssl-reuse"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What HAProxy may hold in a container of so much memory; ``tls``: over TLS on both sides."""

    memory_mebibytes: int
    tls: bool = False
    buffer_bytes: int = 65536

    @property
    def connections(self) -> int:
        """At a time: each has two buffers at most, and half of one for itself, TLS of its users and the kernel.

        TLS on both sides takes one more: HAProxy itself reckons with 16 KiB for a session and 76 KiB in its handshake.
        """
        free = max(self.memory_mebibytes - _PROGRAMS_MEBIBYTES, 8) * _MEBIBYTE
        return free * 2 // ((7 if self.tls else 5) * self.buffer_bytes)

    @property
    def connections_of_a_client(self) -> int:
        """At a time: the rest is for others."""
        return self.connections * 3 // 4


_PROGRAMS_MEBIBYTES = 16
"""HAProxy and keepalived themselves: 5 to 9 MiB."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A node and the address at which it is reached (an address, because nodes are not looked up in DNS)."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Timers:
    """When a gateway counts as dead: after about `check_fall` intervals, plus one check time-out if it hangs."""

    connect_milliseconds: int = 250
    check_timeout_milliseconds: int = 250
    check_interval_milliseconds: int = 250
    check_fall: int = 2
    check_rise: int = 2


@dataclass(frozen=True, slots=True)
class Service:
    """What one virtual IP offers: the same port on the virtual IP, on the node's own address and on every gateway."""

    name: str
    virtual_address: str
    port: int
    response_timeout_milliseconds: int
    """Silence after which a request is replayed on another gateway, or answered with 504."""
    replay_get_only: bool
    """False: every request is idempotent and may be replayed."""
    cut_sessions_when_down: bool
    """Ends the sessions of a gateway as soon as its checks fail, without a replay."""
    certificate: str = ""
    """File with the private key and the certificates for those who come by TLS; nobody does if empty."""
    persistence: str = "source"
    """What keeps a client at its gateway: its address (`source`), or a `cookie` that it is given."""
    served_in_any_case: tuple[str, ...] = ()
    """Beginnings of paths that gateways which are not ready serve where none is."""


def collector_service(virtual_address: str, response_timeout_milliseconds: int = 600) -> Service:
    """Collectors: events carry sequence numbers, so that all of them may be replayed.

    600 ms leaves room for two replays within the 2 s a collector waits, and for a slow durable commit.
    """
    return Service(
        "collectors",
        virtual_address,
        COLLECTOR_PORT,
        response_timeout_milliseconds,
        replay_get_only=False,
        cut_sessions_when_down=False,
    )


def user_service(
    virtual_address: str,
    response_timeout_milliseconds: int = 1600,
    certificate: str = "",
    persistence: str = "source",
) -> Service:
    """Users: a page may take 1.5 s while the data processing server is slow."""
    return Service(
        "users",
        virtual_address,
        USER_PORT,
        response_timeout_milliseconds,
        replay_get_only=True,
        cut_sessions_when_down=True,
        certificate=certificate,
        persistence=persistence,
        served_in_any_case=("/system-health", "/management/"),
    )


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """One load balancer of a site, with everything its two configuration files say."""

    name: str
    access: IPv4Interface
    """Its own address on the access network, with the network's prefix length."""
    site_address: str
    collector_virtual_address: str
    user_virtual_address: str
    gateways: tuple[Endpoint, ...]
    peers: tuple[Endpoint, ...] = ()
    """The other load balancers of the site, at their access addresses."""
    priority: int = 100
    """Who wins when several start at once (1 to 254, higher wins); different for each of a site."""
    virtual_router_id: int = FIRST_VIRTUAL_ROUTER_ID
    """1 to 255, different for each site on the access network."""
    vrrp_advert_seconds: float = 0.2
    """A silent master is replaced after 3 × this plus at most once this again; VRRPv3 counts in 0.01 s."""
    timers: Timers = Timers()
    memory_mebibytes: int = 96
    user_certificate: str = ""
    """File with the private key and the certificates of the user interface; no TLS if empty."""
    user_persistence: str = "source"
    global_load_balancer_address: str = ""
    """Who is believed when it names the client of a request (`X-Forwarded-For`); nobody if empty."""
    tls: Tls | None = None


def haproxy_configuration(load_balancer: LoadBalancer, services: tuple[Service, ...] | None = None) -> str:
    """Return the text of `/etc/haproxy/haproxy.cfg`; `services` replaces the usual two."""
    own = Endpoint(load_balancer.name, str(load_balancer.access.ip))
    usual = (
        collector_service(load_balancer.collector_virtual_address),
        user_service(
            load_balancer.user_virtual_address,
            certificate=load_balancer.user_certificate,
            persistence=load_balancer.user_persistence,
        ),
    )
    return _render(
        "haproxy.cfg.j2",
        name=load_balancer.name,
        bounds=Bounds(load_balancer.memory_mebibytes, tls=load_balancer.tls is not None),
        tls=load_balancer.tls,
        timers=load_balancer.timers,
        health_uri="/readyz",
        health_port=Role.GATEWAY.row.status_port,
        site_health_uri=SITE_HEALTH_URI,
        global_load_balancer_address=load_balancer.global_load_balancer_address,
        # The same order in every file, so that two load balancers differ only in what is their own.
        peers=sorted((own, *load_balancer.peers), key=lambda peer: peer.name),
        peers_port=PEERS_PORT,
        services=services or usual,
        tls_port=USER_TLS_PORT,
        cookie=PERSISTENCE_COOKIE,
        access_address=own.address,
        site_address=load_balancer.site_address,
        metrics_port=METRICS_PORT,
        servers=load_balancer.gateways,
    )


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A site as the global load balancer sees it: its two virtual IPs."""

    name: str
    collector_virtual_address: str
    user_virtual_address: str


@dataclass(frozen=True, slots=True)
class Interface:
    """A user interface that all sites share, at ``addresses`` of the global load balancer on a port of its own.

    Clients come by one of the addresses, the integrations of the instances by another.
    """

    name: str
    port: int
    addresses: tuple[str, ...]
    server: Endpoint
    health_uri: str


@dataclass(frozen=True, slots=True)
class WideArea:
    """What a global load balancer has beside the sites where those are twin instances.

    ``user_addresses``: where it takes in their users.   ``nearest``: networks with the site that is nearest to them,
    the more specific ones later.   ``site_of_others``: the site that is nearest to everybody else.
    """

    interfaces: tuple[Interface, ...]
    user_addresses: tuple[str, ...]
    nearest: tuple[tuple[str, str], ...]
    site_of_others: str


_SITE_ANSWERS_LATER_MILLISECONDS = 300
"""So much longer than a site's load balancer waits for one gateway: time for its answer from the next."""


def global_haproxy_configuration(
    name: str,
    sites: tuple[SiteEntry, ...],
    timers: Timers = Timers(),
    wide_area: WideArea | None = None,
    memory_mebibytes: int = 96,
    tls: Tls | None = None,
) -> str:
    """Return the text of a global load balancer's `/etc/haproxy/haproxy.cfg`: the same whichever site is active.

    With ``wide_area`` it is for users alone, since each site has collectors of its own; each may go to the site nearest
    to him, or they are spread over the sites, and they keep their sessions with a site only as long as it is theirs.
    """
    collectors, users = collector_service(""), user_service("")
    addresses = {
        collectors.name: {site.name: site.collector_virtual_address for site in sites},
        users.name: {site.name: site.user_virtual_address for site in sites},
    }
    services = [
        {
            "name": service.name,
            "port": service.port,
            "binds": wide_area.user_addresses if wide_area else ("",),
            "addresses": addresses[service.name],
            "response_timeout_milliseconds": service.response_timeout_milliseconds + _SITE_ANSWERS_LATER_MILLISECONDS,
            "replay_get_only": service.replay_get_only,
        }
        for service in ((collectors, users) if wide_area is None else (users,))
    ]
    return _render(
        "global_haproxy.cfg.j2",
        name=name,
        bounds=Bounds(memory_mebibytes, tls=tls is not None),
        tls=tls,
        timers=timers,
        health_uri=SITE_HEALTH_URI,
        health_port=None,  # that of the service itself
        route_map=ROUTE_MAP,
        services=services,
        sites=[site.name for site in sites],
        wide_area=wide_area,
    )


def keepalived_configuration(load_balancer: LoadBalancer) -> str:
    """Return the text of `/etc/keepalived/keepalived.conf`, with `@ACCESS_INTERFACE@` left for the image to fill."""
    return _render(
        "keepalived.conf.j2",
        name=load_balancer.name,
        virtual_router_id=load_balancer.virtual_router_id,
        priority=load_balancer.priority,
        advert_seconds=load_balancer.vrrp_advert_seconds,
        access_address=str(load_balancer.access.ip),
        prefix_length=load_balancer.access.network.prefixlen,
        peers=load_balancer.peers,
        virtual_addresses=(load_balancer.collector_virtual_address, load_balancer.user_virtual_address),
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("redundancy.nodes"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - configuration files, not HTML
    )


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)
