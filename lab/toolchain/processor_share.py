"""Processor time for containers: the weight of all containers together against the machine's other programs."""

from pathlib import Path

SHARES = 8192
"""Eight times the kernel's default weight of a group, or of a session (sched(7), "The autogroup feature")."""


def favour_containers(controller: Path) -> bool:
    """Give the containers of an engine started here most of a busy processor; return False where that is impossible.

    All containers are in the group `docker`, whose default weight is that of one session. A single other program (a
    test, a build) would then take half of a processor from a whole lab, and a drill would measure that program.
    ``controller`` is the folder of control groups version 1. With version 2, systemd distributes the processor; nothing
    is changed.
    """
    if not (controller / "cpu.shares").exists():
        return False
    group = controller / "docker"
    group.mkdir(exist_ok=True)
    (group / "cpu.shares").write_text(str(SHARES))
    return True
