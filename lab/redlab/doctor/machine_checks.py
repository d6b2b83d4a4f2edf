"""Judgements of the machine: devices, address pools, ports, memory, disk. Pure."""

from __future__ import annotations

from typing import Final

from redlab.doctor.facts import Facts
from redlab.doctor.finding import Finding, broken, degraded, ok
from redundancy.addressing import CANDIDATE_POOLS, FIRST_PUBLISHED_PORT, PORTS_PER_LAB

SMALLEST_LAB_MEBIBYTES: Final = 363
"""Memory of the lab `ha` after an ingest run, measured (docs/measurements.md)."""
COMFORTABLE_MEBIBYTES: Final = 2048
"""Three times the largest lab, measured (652 MiB), with something over for builds."""
LEAST_GIBIBYTES: Final = 0.5
COMFORTABLE_GIBIBYTES: Final = 5.0
"""All stand-ins take 1.6 GB; the rest is for logs and databases of labs that run for long."""
FEW_POOLS: Final = 4
_INOTIFY_SHARE: Final = 0.8


def tunnel_device(facts: Facts) -> Finding:
    """Whether there is a /dev/net/tun, which every router between sites is given."""
    if facts.machine.tun is None:
        return degraded("not looked at: the engine is not on this machine", "Look there: ls -l /dev/net/tun.")
    if facts.machine.tun:
        return ok("/dev/net/tun is there")
    return broken(
        "no /dev/net/tun: labs of several sites cannot come up (those of one site can)",
        "modprobe tun; in a container or VM, have the device passed in.",
    )


def delays(facts: Facts) -> Finding:
    """What makes the delays of links between sites: the kernel's netem, or packets held in a TUN device."""
    machine = facts.machine
    if machine.netem:
        return ok("links between sites are made by netem")
    if machine.tun and machine.netem is False:
        return ok("the kernel has no netem: links between sites hold packets in a TUN device (exact to 0.3 ms)")
    if machine.tun:
        return ok("links between sites are made by netem, or with a TUN device where the router finds none")
    if machine.tun is None:
        return degraded("not looked at: the engine is not on this machine", "`redlab inspect` says what a lab uses.")
    return broken("neither netem nor /dev/net/tun: no link can be delayed", "modprobe sch_netem; modprobe tun.")


def pools(facts: Facts) -> Finding:
    """Whether address pools are left for labs."""
    used = facts.machine.used_networks
    free = [pool for pool in CANDIDATE_POOLS if not any(pool.overlaps(network) for _, network in used)]
    if len(free) >= FEW_POOLS:
        return ok(f"{len(free)} of {len(CANDIDATE_POOLS)} address pools are free")
    names = ", ".join(f"{name} ({network})" for name, network in used if any(map(network.overlaps, CANDIDATE_POOLS)))
    remedy = "Remove what is not needed, or choose the stack's pool: `pulumi config set redundancy:addressPool …`."
    if free:
        return degraded(f"only {len(free)} address pools are free; in the way: {names}", remedy)
    return broken(f"no address pool is free; in the way: {names}", remedy)


def ports(facts: Facts) -> Finding:
    """Whether the ports are free that labs publish on 127.0.0.1."""
    last = FIRST_PUBLISHED_PORT + len(CANDIDATE_POOLS) * PORTS_PER_LAB - 1
    taken = sorted(port for port in facts.machine.foreign_ports if FIRST_PUBLISHED_PORT <= port <= last)
    blocks = {(port - FIRST_PUBLISHED_PORT) // PORTS_PER_LAB for port in taken}
    if not taken:
        return ok(f"no other program listens on the ports of labs ({FIRST_PUBLISHED_PORT} to {last})")
    shown = ", ".join(map(str, taken[:5])) + (" …" if len(taken) > 5 else "")
    remedy = "A lab that needs one is given another address pool (redundancy:addressPool), which moves its ports."
    if len(blocks) < len(CANDIDATE_POOLS):
        return degraded(f"other programs listen on ports of labs: {shown}", remedy)
    return broken(f"other programs listen on ports of every lab: {shown}", "End some of them.")


def memory(facts: Facts) -> Finding:
    """Whether a lab fits into the memory that is left."""
    available = facts.machine.available_mebibytes
    if available is None:
        total = facts.engine.about.memory_bytes >> 20
        if not total:
            return degraded("not looked at: the engine is not on this machine", "Look there: free -m.")
        available = total
    need = f"the smallest lab was measured at {SMALLEST_LAB_MEBIBYTES} MiB"
    if available < SMALLEST_LAB_MEBIBYTES:
        return broken(f"{available} MiB of memory are available; {need}", "Stop other labs and programs.")
    if available < COMFORTABLE_MEBIBYTES:
        return degraded(f"{available} MiB of memory are available; {need}", "Run one lab at a time.")
    return ok(f"{available} MiB of memory are available")


def inotify(facts: Facts) -> Finding:
    """Whether inotify instances are left: engines need one for each container that they watch (cgroup v2, logs)."""
    found = facts.machine.inotify
    remedy = "sysctl -w fs.inotify.max_user_instances=1024"
    if found is None:
        return ok("not looked at: the engine's user, or its machine, is another one")
    said = f"{found.used} of {found.allowed} inotify instances are in use"
    if found.used >= found.allowed:
        return broken(f"{said}: the engine cannot follow another container", remedy)
    if found.used > _INOTIFY_SHARE * found.allowed:
        return degraded(said, remedy)
    return ok(said)


def disk(facts: Facts) -> Finding:
    """Whether there is room for images, volumes and state."""
    if not facts.machine.free_gibibytes:
        return degraded("not looked at: the engine is not on this machine", "Look there: docker system df.")
    folder, free = min(facts.machine.free_gibibytes.items(), key=lambda item: item[1])
    said = f"{free:.1f} GiB are free in {folder}"
    remedy = "docker system df says what takes it; docker image prune, or another disk."
    if free < LEAST_GIBIBYTES:
        return broken(said, remedy)
    return degraded(said, remedy) if free < COMFORTABLE_GIBIBYTES else ok(said)
