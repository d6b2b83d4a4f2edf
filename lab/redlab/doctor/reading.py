"""Reading the facts: the engine's answers, the machine's files, the tools on PATH. All in a fraction of a second."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from redlab import engine
from redlab.doctor import routed
from redlab.doctor.facts import EngineFacts, Facts, Inotify, MachineFacts, Routing, ToolFacts
from redlab.engine import EngineError, connection
from redlab.errors import RedlabError
from redlab.stack import address_pool, checkout
from redundancy.claims import Claims

_MODULES = Path("/lib/modules", os.uname().release)
_TUN = Path("/dev/net/tun")
_LISTENS = "0A"
"""State TCP_LISTEN in /proc/net/tcp (include/net/tcp_states.h of the kernel)."""
_GIBIBYTE = 1 << 30
_PLUGIN_MARK = b"Made by lab/toolchain"


def facts() -> Facts:
    """Read what is read within a fraction of a second."""
    found = engine_facts()
    return Facts(found, machine_facts(found), tool_facts())


def thorough(found: Facts) -> Facts:
    """Add what takes longer: Pulumi's version, and packets sent from one network to another."""
    tools = found.tools
    if tools.pulumi:
        tools = replace(tools, pulumi_version=pulumi_version(tools.pulumi))
    return replace(found, tools=tools, routing=None if found.engine.error else _routing(found))


def _routing(found: Facts) -> Routing:
    try:
        others = [Claims(name, (network,)) for name, network in found.machine.used_networks]
        free = address_pool.choose("redlab-doctor", others)
    except RedlabError as error:
        return Routing(None, str(error))
    return routed.tried(free)


def engine_facts() -> EngineFacts:
    """Ask the engine which one it is."""
    address = connection.address()
    try:
        about = engine.of().about()
    except EngineError as error:
        return EngineFacts(address, error=str(error))
    here = about.kernel == os.uname().release and address.partition("://")[0] in ("", "unix")
    return EngineFacts(address, about=about, here=here)


def machine_facts(found: EngineFacts) -> MachineFacts:
    """Read what the kernel says of the machine; nothing of what concerns containers if the engine is elsewhere."""
    used = [*(() if found.error else address_pool.of_engine("", "").others), *address_pool.routes()]
    networks = tuple((one.holder, network) for one in used for network in one.networks)
    if found.error or not found.here:
        return MachineFacts(used_networks=networks)
    return MachineFacts(
        tun=_TUN.exists() and stat.S_ISCHR(_TUN.stat().st_mode),
        netem=has_netem(),
        used_networks=networks,
        foreign_ports=frozenset(listening() - engine.of().published_ports()),
        available_mebibytes=available_mebibytes(Path("/proc/meminfo").read_text()),
        inotify=inotify() if os.geteuid() == 0 else None,
        free_gibibytes=free_gibibytes(Path(found.about.folder), checkout.ROOT),
    )


def has_netem(modules: Path = _MODULES, configuration: Path = Path("/proc/config.gz")) -> bool | None:
    """Whether the kernel has netem, as its list of modules or its configuration say; None if neither is there."""
    lists = [modules / name for name in ("modules.builtin", "modules.dep") if (modules / name).is_file()]
    if lists:
        return any("/sch_netem.ko" in file.read_text(errors="replace") for file in lists)
    if configuration.is_file():
        return b"\nCONFIG_NET_SCH_NETEM=" in gzip.decompress(configuration.read_bytes())
    return None


def listening(tables: tuple[Path, ...] = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))) -> set[int]:
    """Return the TCP ports that something listens on."""
    lines = [line.split() for table in tables if table.is_file() for line in table.read_text().splitlines()[1:]]
    return {int(fields[1].rpartition(":")[2], 16) for fields in lines if fields[3] == _LISTENS}


def available_mebibytes(meminfo: str) -> int | None:
    """Return the memory that programs can still be given, as /proc/meminfo says."""
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) >> 10
    return None


def inotify(processes: Path = Path("/proc")) -> Inotify:
    """Count root's instances of inotify, as the engine runs as root."""
    allowed = int((processes / "sys/fs/inotify/max_user_instances").read_text())
    return Inotify(allowed, sum(1 for target in _open_files(processes) if target == "anon_inode:inotify"))


def _open_files(processes: Path) -> Iterator[str]:
    for process in processes.iterdir():
        try:
            if not process.name.isdigit() or process.stat().st_uid != 0:
                continue
            descriptors = list((process / "fd").iterdir())
        except OSError:  # it has ended
            continue
        for descriptor in descriptors:
            try:
                yield str(descriptor.readlink())
            except OSError:  # closed meanwhile
                continue


def free_gibibytes(*folders: Path) -> Mapping[str, float]:
    """Return the free space of each folder's file system, where this user may look."""
    found = {}
    for folder in folders:
        try:
            found[str(folder)] = shutil.disk_usage(folder).free / _GIBIBYTE
        except OSError:
            continue
    return found


def tool_facts() -> ToolFacts:
    """Look for Pulumi and its plugin, and at the environment; starts no program."""
    environment = checkout.environment()
    path = environment.get("PATH")
    program = shutil.which("pulumi", path=path)
    name, host = connection.context(environment)
    return ToolFacts(
        pulumi=program,
        language_host=shutil.which("pulumi-language-python", path=path) is not None,
        plugin=_plugin(Path(environment.get("PULUMI_HOME") or Path.home() / ".pulumi")),
        variables=environment,
        context=name,
        context_host=host,
    )


def pulumi_version(program: str) -> str:
    """Ask the Pulumi CLI for its version, which takes it a third of a second."""
    command = [program, "version"]
    try:
        done = subprocess.run(
            command, env=checkout.environment(), capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _plugin(home: Path) -> str | None:
    program = home / "plugins" / f"resource-docker-v{version('pulumi-docker')}" / "pulumi-resource-docker"
    if not program.is_file():
        return None
    with program.open("rb") as file:
        return "native" if _PLUGIN_MARK in file.read(4096) else "official"
