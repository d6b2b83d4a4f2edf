"""What an engine has, in the words of this project: snapshots, read once and compared at will. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Endpoint:
    """One connection to a network: all that the engine must be told to make it again. Empty: the engine chooses.

    The MAC address is not part of it. Engines since 28 choose a random one at each connect, and 28.5 ignores the one
    that is asked for.
    """

    network: str
    ipv4_address: str
    ipv6_address: str = ""
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    link_local_addresses: tuple[str, ...] = ()
    driver_options: Mapping[str, str] | None = None

    def is_that_of(self, found: Endpoint | None) -> bool:
        """Whether a connection that was found is this one, as far as this one says.

        Aliases of the engine's own may have been added.
        """
        return (
            found is not None
            and found.network == self.network
            and found.ipv4_address == self.ipv4_address
            and found.ipv6_address == self.ipv6_address
            and set(self.aliases) <= set(found.aliases)
        )


@dataclass(frozen=True)
class Health:
    """The health that the engine last saw: `starting`, `healthy` or `unhealthy`.

    ``exit_code`` and ``output`` are those of the last check that has ended; None and '' before there is one.
    """

    status: str
    exit_code: int | None = None
    output: str = ""


@dataclass(frozen=True)
class State:
    """The state of a container.

    ``status``: `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.   ``running`` is also true
    of a paused container.   ``pid``: of its first process, 0 when it has none.   ``started_at``, ``finished_at``: as
    the engine spells instants (RFC 3339).   ``health`` is None where no check is declared.
    """

    status: str
    running: bool
    paused: bool = False
    restarting: bool = False
    pid: int = 0
    exit_code: int = 0
    started_at: str = ""
    finished_at: str = ""
    health: Health | None = None


@dataclass(frozen=True)
class PublishedPort:
    """Where the engine's machine answers for a port of a container."""

    address: str
    port: int


@dataclass(frozen=True)
class Volume:
    """A volume of a container: its name, and the folder where the container has it."""

    name: str
    folder: str


READY = ("healthy", "running")
"""The conditions of a node that is ready; `running` is that of an image without a health check."""


@dataclass(frozen=True)
class Container:
    """A container as it was when the engine was asked.

    ``image`` is the image's id, ``image_name`` what it was called when the container was made.   ``made_at``: Unix
    seconds of the engine's clock.   ``endpoints``: its connections, in the order to make them in.   ``addresses``: the
    IPv4 address that it has in each network, by the network's name.   ``health_check``: the engine's description of a
    check, its kind first.   ``program``: what it starts, with arguments.   ``most_processes``: None for no limit.
    """

    id: str
    name: str
    state: State
    image: str = ""
    image_name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    made_at: float = 0.0
    restarts: int = 0
    endpoints: tuple[Endpoint, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[PublishedPort, ...] = ()
    volumes: tuple[Volume, ...] = ()
    health_check: tuple[str, ...] = ()
    program: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    working_folder: str = ""
    memory_bytes: int = 0
    cpu_shares: int = 0
    most_processes: int | None = None

    @property
    def condition(self) -> str:
        """What the engine says of it: healthy, starting, unhealthy, running (no health check), paused or stopped."""
        if self.state.paused:
            return "paused"
        if not self.state.running:
            return "stopped"
        return self.state.health.status if self.state.health else "running"

    @property
    def ready(self) -> bool:
        """Whether it is healthy, or runs where its image has no health check."""
        return self.condition in READY


class Kind(StrEnum):
    """The kinds of things that a lab has in an engine, in the order of their removal."""

    CONTAINER = "container"
    NETWORK = "network"
    VOLUME = "volume"


@dataclass(frozen=True)
class Thing:
    """A container, network or volume, as far as it is known by its labels; ``environment`` is that of a container."""

    kind: Kind
    id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    made_at: float = 0.0
    environment: tuple[str, ...] = ()


@dataclass(frozen=True)
class Image:
    """An image that the engine has, and what it is made for."""

    id: str
    operating_system: str = ""
    architecture: str = ""


@dataclass(frozen=True)
class Answer:
    """What a command wrote, and its exit code; None: it was cut off, together with its container."""

    code: int | None
    out: bytes
    err: bytes


@dataclass(frozen=True)
class About:
    """What an engine says of itself; '' and None: it does not say.

    ``api``: the newest version of the API that it speaks, such as (1, 41), () when it does not say.   ``unlimited``:
    what it cannot limit, in words.   ``forwards``: whether the kernel forwards IPv4 packets.
    """

    name: str = "Docker engine"
    release: str = ""
    api: tuple[int, ...] = ()
    is_podman: bool = False
    is_rootless: bool = False
    containers_of: str = "linux"
    system: str = ""
    kernel: str = ""
    firewall: str = ""
    forwards: bool | None = None
    cgroups: str = ""
    unlimited: tuple[str, ...] = ()
    memory_bytes: int = 0
    folder: str = ""
    has_proxy: bool = False
