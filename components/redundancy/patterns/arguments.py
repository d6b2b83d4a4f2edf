"""Typed arguments of the patterns: the settings of a topology, in Python's spelling.

`python -m redundancy.schemas` makes this file of the model (redundancy/topology/): change the model instead.
"""

from typing import NotRequired, TypedDict

from redundancy.patterns.wiring import WiringArgs


class ObjectivesArgs(TypedDict):
    """What a drill is judged against."""

    rto_seconds: NotRequired[float]
    """Recovery time objective in seconds: the longest outage of any service (collection, users, processing)."""
    rpo_events: NotRequired[int]
    """Recovery point objective: how many acknowledged events may be lost."""


class SiteImagesArgs(TypedDict):
    """Images of the nodes of this site, by role, where they differ from the other sites'.

    `redlab upgrade` goes site by site with them.
    """

    load_balancer: NotRequired[str]
    gateway: NotRequired[str]
    data_processing_server: NotRequired[str]
    database: NotRequired[str]
    database_cluster: NotRequired[str]
    etcd: NotRequired[str]


class ResourcesArgs(TypedDict):
    """Limits of each container of the pool. Nodes of a pool are comparable: the same for all."""

    memory_mebibytes: NotRequired[int]
    """Memory limit in MiB (swap is off: the same limit).

    Each role of the stand-ins needs at least what it uses under load.
    """
    cpu_shares: NotRequired[int]
    """CPU weight against other containers; 1024 is one share."""
    network_class: NotRequired[str]
    """What network performance the nodes have, in words of your own, such as `10GbE`; left out: none is declared.

    Nothing is limited by it: it is compared, within a pool and between the sites.
    """
    storage_class: NotRequired[str]
    """What storage performance the nodes have, in words of your own, such as `ssd`; as networkClass."""


class SingleNodeArgs(TypedDict):
    """A single node of a pool: its image, while an upgrade goes node by node.

    Resources that differ from those of the pool are refused.
    """

    image: NotRequired[str]
    memory_mebibytes: NotRequired[int]
    """Memory limit in MiB; that of the pool."""
    cpu_shares: NotRequired[int]
    """CPU weight; that of the pool."""
    network_class: NotRequired[str]
    """Its network performance; that of the pool."""
    storage_class: NotRequired[str]
    """Its storage performance; that of the pool."""


class GatewaysArgs(TypedDict):
    """Gateway servers (GW) behind the site's load balancer."""

    count: NotRequired[int]
    """Number of gateway servers."""
    queue_limit_events: NotRequired[int]
    """Events a gateway holds while no DPS takes them; beyond, collectors get 503."""
    queue_limit_mebibytes: NotRequired[int]
    """What these may take of the gateway's volume, in MiB; beyond, and while less than 32 MiB of the volume are free,
    collectors get 503.
    """
    resources: NotRequired[ResourcesArgs]
    nodes: NotRequired[dict[str, SingleNodeArgs]]
    """Images and resources of single nodes by name (gw1, dps2, …).

    A pool whose nodes differ in resources breaks the best practice and is refused.
    """


class DataProcessingServersArgs(TypedDict):
    """Data processing servers (DPS): the first to start becomes primary, the other is its failover."""

    count: NotRequired[int]
    """Number of data processing servers."""
    service_start_seconds: NotRequired[float]
    """How long a DPS's services take to start once it holds the lease (a real product: 15 to 60 min)."""
    resources: NotRequired[ResourcesArgs]
    nodes: NotRequired[dict[str, SingleNodeArgs]]
    """Images and resources of single nodes by name (gw1, dps2, …).

    A pool whose nodes differ in resources breaks the best practice and is refused.
    """


class LoadBalancersArgs(TypedDict):
    """Local load balancers (HAProxy); they hold the collector and the user virtual IP by VRRP (keepalived)."""

    count: NotRequired[int]
    """Number of load balancers. With two, the load balancer is no single point of failure."""
    check_interval_seconds: NotRequired[float]
    """HAProxy's check interval (`inter`) for each gateway."""
    check_fall: NotRequired[int]
    """Failed checks until a gateway counts as down (`fall`)."""
    vrrp_advert_seconds: NotRequired[float]
    """keepalived's `advert_int`: the stand-by takes over after about three missed."""
    resources: NotRequired[ResourcesArgs]
    nodes: NotRequired[dict[str, SingleNodeArgs]]
    """Images and resources of single nodes by name (gw1, dps2, …).

    A pool whose nodes differ in resources breaks the best practice and is refused.
    """


class SingleServerArgs(TypedDict):
    """A single server."""

    image: NotRequired[str]


class DatabaseArgs(TypedDict):
    """The one logical database (PostgreSQL: management, profile, event, rtsm)."""

    availability: NotRequired[str]
    """single: one PostgreSQL server.

    cluster: PostgreSQL under Patroni with synchronous replication and etcd; two servers in the one site of
    HighAvailability, one in each site of DistributedHighAvailability.
    """
    port: NotRequired[int]
    """Where the server listens.

    Each of two instances may have its own: a failover then replaces it (best practices, Disaster Recovery:
    OLD_port_name, NEW_port_name).
    """
    user: NotRequired[str]
    """As whom the site's gateways and data processing servers log in.

    Each of two instances may have its own, a member of the owner `redlab` of the databases, as which it acts
    (OLD_UID_name, NEW_UID_name).
    """
    resources: NotRequired[ResourcesArgs]
    nodes: NotRequired[dict[str, SingleServerArgs]]
    """Images of single servers by name (db1, etcd2, …)."""


class SiteArgs(TypedDict):
    """One data center."""

    images: NotRequired[SiteImagesArgs]
    """Images of the nodes of this site, by role, where they differ from the other sites'.

    `redlab upgrade` goes site by site with them.
    """
    gateways: NotRequired[GatewaysArgs]
    data_processing_servers: NotRequired[DataProcessingServersArgs]
    load_balancers: NotRequired[LoadBalancersArgs]
    database: NotRequired[DatabaseArgs]


class UserInterfaceArgs(TypedDict):
    """How users reach the gateways by the load balancers of a site."""

    tls: NotRequired[bool]
    """Whether the user virtual IPs also take in users by TLS (1.2 or newer), on port 8443, with a certificate that
    `redlab up` makes.

    HTTP stays: the drills' users are measured by it.
    """
    persistence: NotRequired[str]
    """What keeps a user at his gateway.

    source: his address. cookie: one that the load balancer gives his browser, so that users behind one address are
    spread.
    """


class EncryptionArgs(TypedDict):
    """What goes over TLS between nodes, by certificates of the lab's own authority."""

    databases: NotRequired[bool]
    """Whether sessions with the database servers and replication between them go over TLS, with the server's name
    checked.

    A login in clear is refused. Off: for an image of your own that does not speak TLS.
    """
    http: NotRequired[bool]
    """Whether HTTP between nodes, of collectors and of users goes over TLS, with the server's name or address checked.

    HTTP in clear is refused over every network. Off by default, for what it costs (docs/adr/0017-tls.md).
    """


class DatabaseClusterArgs(TypedDict):
    """Timers of a database with availability `cluster` (Patroni, its documentation: Dynamic Configuration Settings).

    It demands loopWaitSeconds + 2 × retryTimeoutSeconds ≤ leaseSeconds.
    """

    lease_seconds: NotRequired[int]
    """How long a primary that is not heard of stays primary (Patroni's ttl)."""
    loop_wait_seconds: NotRequired[int]
    """How often each member renews or looks (loop_wait)."""
    retry_timeout_seconds: NotRequired[int]
    """How long a member tries to reach the configuration store or PostgreSQL before it gives up (retry_timeout)."""
    primary_start_timeout_seconds: NotRequired[int]
    """How long a crashed PostgreSQL may take to start again before a standby is promoted; 0: at once."""
    kept_log_mebibytes: NotRequired[int]
    """How much of its log (WAL) a primary keeps for a standby that is away (PostgreSQL's max_slot_wal_keep_size), so
    that a dead one does not fill the disk.

    One that misses more is copied anew (`redlab reprotect`).
    """
    etcd_resources: NotRequired[ResourcesArgs]


class ControllerArgs(TypedDict):
    """Who moves the services when the active DPS is lost, and how soon it is noticed."""

    automatic_failover: NotRequired[bool]
    """Whether the High Availability Controller is on when the lab is new.

    Off out of the box, as in the product; switchable at run time.
    """
    lease_seconds: NotRequired[float]
    """How long the active DPS may go without renewing its lease before another may take over."""
    renew_seconds: NotRequired[float]
    """How often the active DPS renews its lease. At most a third of leaseSeconds."""


class CollectorsArgs(TypedDict):
    """Collector containers on the access network.

    They send events to the collector virtual IP, and the drills' load.
    """

    count: NotRequired[int]
    """Number of collectors, each with an address of its own (load balancers are sticky by source IP)."""
    events_per_second: NotRequired[float]
    """The steady trickle each collector sends; 0 sends nothing."""
    interval_factor: NotRequired[int]
    """BusinessContinuity: how many times longer the intervals of each twin are than those of one collector alone.

    1: every measurement twice, double load on what is monitored. 2: half of them by each twin, the same resolution and
    load as one alone.
    """
    untwinned: NotRequired[int]
    """BusinessContinuity: collectors without a twin, beside the `count` that exist twice (Operations Manager, say).

    Each sends to one instance and, while that is down, to the other; the other one learns of its events by the
    exchange.
    """


class ImagesArgs(TypedDict):
    """Images that take the place of the stand-ins, by role (docs/contract/).

    A site's own images go before these, a single node's before both.
    """

    collector: NotRequired[str]
    global_load_balancer: NotRequired[str]
    load_balancer: NotRequired[str]
    gateway: NotRequired[str]
    data_processing_server: NotRequired[str]
    database: NotRequired[str]
    database_cluster: NotRequired[str]
    etcd: NotRequired[str]
    wan_router: NotRequired[str]
    ucmdb: NotRequired[str]
    service_manager: NotRequired[str]
    operations_orchestration: NotRequired[str]


class PatternArgs(WiringArgs):
    """Arguments that every pattern has."""

    description: NotRequired[str]
    """One line for people; shown by `redlab inspect`."""
    objectives: NotRequired[ObjectivesArgs]
    sites: dict[str, SiteArgs]
    """The data centers by name (a lower-case DNS label)."""
    user_interface: NotRequired[UserInterfaceArgs]
    encryption: NotRequired[EncryptionArgs]
    database_cluster: NotRequired[DatabaseClusterArgs]
    high_availability_controller: NotRequired[ControllerArgs]
    collectors: NotRequired[CollectorsArgs]
    images: NotRequired[ImagesArgs]
    """Images that take the place of the stand-ins, by role (docs/contract/).

    A site's own images go before these, a single node's before both.
    """
    address_pool: NotRequired[str]
    """IPv4 network of the lab, a private /20: its networks are cut from it.

    Left out, `redlab up` chooses a free one and keeps it in the stack's config.
    """
    retention_seconds: NotRequired[int]
    """How long events, metrics, what was said of topology, alerts, incidents, runs, audit and the history of the lease
    are kept; what is older goes in small deletes.

    A drill needs half an hour at least.
    """
    health_check_interval_seconds: NotRequired[int]
    """How often the engine runs each container's health check. Shorter is noticed sooner and costs more CPU."""


class HighAvailabilityArgs(PatternArgs):
    """Arguments of the pattern HighAvailability."""


class WitnessArgs(TypedDict):
    """The third place, whose member of the configuration store gives the surviving site a majority."""

    site: NotRequired[str]
    """Name of the place; neither of the sites."""
    resources: NotRequired[ResourcesArgs]


class LinkArgs(TypedDict):
    """The way between two places, both directions alike."""

    distance_kilometers: NotRequired[float]
    """Length of the fiber. Light bounds the round trip from below: 1 ms for each 100 km."""
    round_trip_milliseconds: NotRequired[float]
    """Latency there and back, half of it each way."""
    jitter_milliseconds: NotRequired[float]
    """Each packet is held for up to so much longer, in each direction."""
    loss_percent: NotRequired[float]
    """Packets lost in each direction."""
    bandwidth_megabits_per_second: NotRequired[float]
    """Bandwidth of each direction; 0: not limited."""


class GlobalLoadBalancerArgs(TypedDict):
    """The load balancer (HAProxy) before those of the sites.

    In BusinessContinuity the wide-area load balancer, with a port for each user interface.
    """

    active_site: NotRequired[str]
    """The site that gets the clients; left out, the first by name.

    When the lab is new, its instance is production (DisasterRecovery) and its DPS has the services. In
    BusinessContinuity also `nearest` (each user to the site that he is a client of) or `spread` (over both sites by the
    user's address, each always to the same one). Applied by `pulumi up` when it is new or was changed; switchable at
    run time.
    """
    automatic: NotRequired[bool]
    """Whether clients go to the other site by themselves while the active one does not answer.

    Off: an operator decides, as the pattern demands.
    """
    check_interval_seconds: NotRequired[float]
    """How often it checks each site."""
    check_fall: NotRequired[int]
    """Failed checks until a site counts as down.

    Interval times this must be longer than a load balancer takes to replace another of its site (0.8 s), or the site is
    given up for nothing.
    """
    clients: NotRequired[dict[str, list[str]]]
    """BusinessContinuity: who is nearest to which site, for activeSite `nearest`: by site, names of collectors and
    networks of the access network.

    The most specific counts. Collectors that are not named are nearest to their own site, all others to the first site
    by name.
    """
    own_addresses: NotRequired[bool]
    """BusinessContinuity: each user interface (users, Service Manager, UCMDB, Operations Orchestration) has an address
    of its own at the wide-area load balancer, in the access network and, for integrations, in the third place.

    Off: one address with a port for each.
    """
    resources: NotRequired[ResourcesArgs]


class DistributedHighAvailabilityArgs(PatternArgs):
    """Arguments of the pattern DistributedHighAvailability."""

    witness: NotRequired[WitnessArgs]
    links: NotRequired[dict[str, LinkArgs]]
    """The links between each two places, by the names of both in alphabetical order (dc1-dc2, dc1-witness).

    A link that is left out has the defaults.
    """
    global_load_balancer: NotRequired[GlobalLoadBalancerArgs]


class ReplicationArgs(TypedDict):
    """How the databases of the failover instance follow those of production.

    PostgreSQL streaming replication, with a slot.
    """

    mode: NotRequired[str]
    """asynchronous: a commit waits for nobody, and what was not sent when production is lost is lost.

    synchronous: a commit waits until the failover site has it.
    """
    kept_log_mebibytes: NotRequired[int]
    """How much of its log (WAL) a primary keeps for a standby that is away (PostgreSQL's max_slot_wal_keep_size), so
    that a dead one does not fill the disk.

    One that misses more is copied anew (`redlab reprotect`).
    """


class IntegrationArgs(TypedDict):
    """A way that topology takes from one store to another.

    UCMDBs are named ucmdb1, ucmdb2, …; a site's name is its RTSM.
    """

    source: str
    """The store that tells."""
    target: str
    """The store that learns."""
    type: str
    """population: the target pulls.

    push: the source sends. federation: nothing is copied, the target (a UCMDB) asks when it is asked.
    """
    item_types: NotRequired[list[str]]
    """The filter: only configuration items of these types; empty: all."""
    interval_seconds: NotRequired[float]
    """How often it looks for changes."""


class UcmdbArgs(TypedDict):
    """An external UCMDB, the topology system of record and master of global ids, in a third place.

    BusinessContinuity has one in any case. In DisasterRecovery with it the topology databases (rtsm) are not replicated
    but kept by integrations, and the databases management, profile and event are replicated logically.
    """

    site: NotRequired[str]
    """Name of its place; neither of the sites."""
    count: NotRequired[int]
    """Number of UCMDBs: ucmdb1 is the master of global ids, each further one a stage between it and the RTSMs."""
    integrations: NotRequired[list[IntegrationArgs]]
    """Which way topology takes.

    Left out, each stage feeds the next one and the last one the RTSM of each site (population), and what is new goes
    the other way (push); of the RTSMs only that of production tells.
    """
    resources: NotRequired[ResourcesArgs]


class DisasterRecoveryArgs(PatternArgs):
    """Arguments of the pattern DisasterRecovery."""

    links: NotRequired[dict[str, LinkArgs]]
    """The links between each two places, by the names of both in alphabetical order (dc1-dc2, dc1-witness).

    A link that is left out has the defaults.
    """
    replication: NotRequired[ReplicationArgs]
    ucmdb: NotRequired[UcmdbArgs]
    global_load_balancer: NotRequired[GlobalLoadBalancerArgs]


class EventExchangeArgs(TypedDict):
    """How the twin instances share their events."""

    takeover_seconds: NotRequired[float]
    """How long the other instance may be silent before this one acts upon the events that it owns."""


class ServiceDeskArgs(TypedDict):
    """Service Manager and Operations Orchestration, shared by both instances, and their database server.

    They stand in the UCMDB's place.
    """

    resources: NotRequired[ResourcesArgs]
    database_resources: NotRequired[ResourcesArgs]


class BusinessContinuityArgs(PatternArgs):
    """Arguments of the pattern BusinessContinuity."""

    links: NotRequired[dict[str, LinkArgs]]
    """The links between each two places, by the names of both in alphabetical order (dc1-dc2, dc1-witness).

    A link that is left out has the defaults.
    """
    ucmdb: NotRequired[UcmdbArgs]
    event_exchange: NotRequired[EventExchangeArgs]
    service_desk: NotRequired[ServiceDeskArgs]
    global_load_balancer: NotRequired[GlobalLoadBalancerArgs]
