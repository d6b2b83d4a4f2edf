"""The time to create, keep (no-op) and remove a stack, compared with the engine's API alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bench import blueprint, compose, raw
from bench.bench_stack import BenchStack
from bench.statistics import ratio, summary
from bench.stopwatch import seconds
from redlab.engine import connection
from redlab.output import say


def measure(stack: BenchStack, repeat: int) -> dict[str, Any]:
    """Measure; the stack is up afterwards. The first `redlab up` has built the images."""
    api = connection.client().api
    cold_seconds = seconds(stack.redlab_up)
    same = blueprint.read(api, stack.label)
    say(f"deploy: {len(same.containers)} containers, {len(same.networks)} networks, {len(same.volumes)} volumes")
    stack.pulumi_destroy()
    with_compose = compose.installed()
    if not with_compose:
        say("deploy: docker compose is not installed; its baseline is left out")
    samples: dict[str, list[float]] = {name: [] for name in (*_STEPS, *(_COMPOSE_STEPS if with_compose else ()))}
    for number in range(repeat):
        # Alternately, so that other load of the machine affects all of them equally.
        samples["raw_up"].append(seconds(lambda: raw.up(api, same)))
        samples["raw_remove"].append(seconds(lambda: raw.down(api, same)))
        if with_compose:
            with compose.project(same) as file:
                samples["compose_up"].append(seconds(lambda: compose.up(file)))
                samples["compose_remove"].append(seconds(lambda: compose.down(file)))
        samples["pulumi_up"].append(seconds(stack.pulumi_up))
        samples["pulumi_no_op"].append(seconds(stack.pulumi_up))
        samples["pulumi_destroy"].append(seconds(stack.pulumi_destroy))
        samples["redlab_up"].append(seconds(stack.redlab_up))
        samples["redlab_no_op"].append(seconds(stack.redlab_up))
        say(f"deploy {number + 1}/{repeat}: " + ", ".join(f"{name} {took[-1]:.2f} s" for name, took in samples.items()))
        if number + 1 < repeat:
            stack.pulumi_destroy()
    found = {name: summary(took) for name, took in samples.items()}
    up = found["pulumi_up"].median_seconds
    against_compose = {"up_over_compose": ratio(up, found["compose_up"].median_seconds)} if with_compose else {}
    return {
        **against_compose,
        "containers": len(same.containers),
        "redlab_up_first_seconds": round(cold_seconds, 3),
        **{name: asdict(value) for name, value in found.items()},
        "up_over_raw": ratio(up, found["raw_up"].median_seconds),
        "destroy_over_raw": ratio(found["pulumi_destroy"].median_seconds, found["raw_remove"].median_seconds),
    }


_STEPS = ("raw_up", "raw_remove", "pulumi_up", "pulumi_no_op", "pulumi_destroy", "redlab_up", "redlab_no_op")
_COMPOSE_STEPS = ("compose_up", "compose_remove")
