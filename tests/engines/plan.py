"""What is run on an engine: steps, by stack. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PROVIDER = "provider"
STACKS = ("ha", "distributed-ha", "dr", "dr-ucmdb", "business-continuity")
DRILLS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ha": (("dps-crash",), ("node-cut", "--node", "gw1"), ("node-cut", "--node", "lb1")),
    "distributed-ha": (("node-crash", "--node", "wan1"), ("node-cut", "--node", "dc1-gw1"), ("site-loss-manual",)),
    "dr": (("test-failover",), ("production-loss",), ("node-crash", "--node", "wan1")),
    "dr-ucmdb": (("ucmdb-loss",), ("switchover",)),
    "business-continuity": (
        ("node-cut", "--node", "dc1-gw1"),
        ("node-crash", "--node", "wan1"),
        ("site-loss-automatic",),
    ),
}
"""For each stack a loss that its pattern is for; a cut (connections made again) and a crash of the router somewhere."""
LINKS = {stack: "dc1-dc2" for stack in STACKS if stack != "ha"}


@dataclass(frozen=True)
class Step:
    """One command, and what it shows. ``drill``: it prints the result of a drill as JSON."""

    stack: str
    name: str
    command: tuple[str, ...]
    drill: bool = False


def lab_name(release: str, stack: str) -> str:
    """Name of the stack that stands up a topology on an engine; none of a person's own."""
    return f"test-{release}-{stack}"


def steps(release: str, stack: str) -> Iterator[Step]:
    """Return the steps of a stack, in order; the last two, which clean up, are run whatever came before."""
    if stack == PROVIDER:
        yield Step(PROVIDER, "redlab doctor", ("./redlab", "doctor"))
        yield Step(PROVIDER, "provider tests", ("pytest", "tests/provider", "-q", "-p", "no:cacheprovider"))
        return
    lab = lab_name(release, stack)
    removed = f"./redlab destroy {lab} && ./redlab sweep {lab} --any-owner"
    yield Step(stack, "leftovers of a killed run removed", ("sh", "-c", removed))
    yield Step(stack, "up", ("./redlab", "up", lab, "--topology", stack))
    preview = ("preview", "--stack", lab, "--refresh", "--expect-no-changes")
    yield Step(stack, "preview shows no change", ("pulumi", "--non-interactive", *preview))
    if stack in LINKS:
        link = ("./redlab", "link")
        yield Step(stack, "link cut", (*link, "cut", lab, LINKS[stack], "--seconds", "60"))
        yield Step(stack, "link restore", (*link, "restore", lab, LINKS[stack]))
    for scenario, *options in DRILLS[stack]:
        name = " ".join([scenario, *options[1:]])
        yield Step(stack, name, ("./redlab", "drill", lab, scenario, *options, "--format", "json"), drill=True)
    yield Step(stack, "preview after drills", ("pulumi", "--non-interactive", *preview))
    yield Step(stack, "destroy", ("./redlab", "destroy", lab))
    label = f"label=io.redundancy-lab.lab={lab}"
    listed = " && ".join(
        f"docker {kind} ls {'--all ' if kind == 'container' else ''}--quiet --filter {label}"
        for kind in ("container", "network", "volume")
    )
    yield Step(stack, "nothing left", ("sh", "-c", f'test -z "$({listed})"'))


CLEAN_UP = ("destroy", "nothing left")
