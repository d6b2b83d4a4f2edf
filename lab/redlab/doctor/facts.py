"""What the checks judge: facts of the engine, the machine and the tools, as they were read. Pure.

None means that a fact could not be read: the engine does not answer, or runs on another machine than this command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from redlab.engine.model import About


@dataclass(frozen=True)
class EngineFacts:
    """The engine's own answers, and where it is."""

    address: str
    """Where it was looked for; empty for the default socket."""
    error: str = ""
    """Why it does not answer; empty when it does."""
    about: About = field(default_factory=About)
    here: bool = True
    """Whether it runs on this machine's kernel: then what the machine says of itself holds for the containers, too."""


@dataclass(frozen=True)
class Inotify:
    """Instances of inotify that the engine's user may have, and has."""

    allowed: int
    used: int


@dataclass(frozen=True)
class MachineFacts:
    """What this machine's kernel and file systems say."""

    tun: bool | None = None
    """Whether there is a device /dev/net/tun."""
    netem: bool | None = None
    """Whether the kernel has the queueing discipline netem, built in or as a module."""
    used_networks: tuple[tuple[str, IPv4Network], ...] = ()
    """Networks of the engine and routes of the machine, by name."""
    foreign_ports: frozenset[int] = frozenset()
    """Ports that something else than a container of the engine listens on."""
    available_mebibytes: int | None = None
    inotify: Inotify | None = None
    free_gibibytes: Mapping[str, float] = field(default_factory=dict)
    """Free space by folder: the engine's data, this checkout's .lab."""


@dataclass(frozen=True)
class ToolFacts:
    """What commands find on PATH and in the environment."""

    pulumi: str | None = None
    """Path of the Pulumi CLI."""
    pulumi_version: str = ""
    language_host: bool = True
    plugin: str | None = "native"
    """The Docker plugin of the wanted version that Pulumi finds: `native`, `official`, None."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The caller's environment."""
    context: str = "default"
    """Name of the docker command's current context."""
    context_host: str = ""
    """Where that context leads to."""


@dataclass(frozen=True)
class Routing:
    """What became of packets between two networks like those of sites, through a container in both."""

    passed: bool | None
    """None: could not be tried."""
    said: str = ""


@dataclass(frozen=True)
class Facts:
    """All that the checks judge."""

    engine: EngineFacts
    machine: MachineFacts = MachineFacts()
    tools: ToolFacts = ToolFacts()
    routing: Routing | None = None
    """None: it was not looked at, since only the whole examination takes the time."""
