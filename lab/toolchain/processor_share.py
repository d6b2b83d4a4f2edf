"""Containers before what measures them: the processor's share of all containers together."""

from pathlib import Path

SHARES = 8192
"""Eight times what the kernel gives any one group, or (sched(7), autogroup) any one session, by default."""


def favour_containers(controller: Path) -> bool:
    """Give the containers of an engine that was started here most of a busy processor; whether that can be done here.

    All of them are in one group, `docker`, which counts as much as one session: a single program beside them (a test,
    a build) would take half of a processor from a whole lab, and what a drill measures would be the program.
    ``controller`` is that of control groups version 1; with version 2 systemd shares out, and nothing is changed.
    """
    if not (controller / "cpu.shares").exists():
        return False
    group = controller / "docker"
    group.mkdir(exist_ok=True)
    (group / "cpu.shares").write_text(str(SHARES))
    return True
