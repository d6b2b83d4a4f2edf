"""The cost of one more container: N of them with Pulumi and with the engine's API, and the slopes of both."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import command, parallel, raw
from bench.blueprint import Blueprint, Container
from bench.statistics import Summary, ratio, slope, summary
from bench.stopwatch import seconds
from redlab.engine import connection
from redlab.output import say
from redlab.stack import checkout
from redundancy.naming import LABEL_PREFIX

COUNTS = (8, 32, 64)
IMAGE = "debian:bookworm-slim"


@dataclass(frozen=True)
class Program:
    """The Pulumi program with a separate backend, in a temporary folder."""

    folder: Path
    name: str
    label: str

    def run(self, step: str, count: int) -> None:
        """Run `pulumi up` or `pulumi destroy`. Raises RedlabError with the output if it fails."""
        environment = checkout.environment() | {
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "BENCH_NAME": self.name,
            "BENCH_LABEL": self.label,
            "BENCH_COUNT": str(count),
        }
        environment.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
        program = ["pulumi", "--non-interactive", *step.split(), "--stack", "bench"]
        command.run(f"pulumi {step}", program, self.folder, environment)


def measure(repeat: int, counts: tuple[int, ...] = COUNTS) -> dict[str, Any]:
    """Measure both ways for every count, alternately."""
    api = connection.client().api
    by_pulumi: dict[int, Summary] = {}
    by_api: dict[int, Summary] = {}
    with _program() as program:
        for count in counts:
            took: tuple[list[float], list[float]] = ([], [])
            for _ in range(repeat):
                took[0].append(seconds(partial(program.run, "up --yes --skip-preview", count)))
                program.run("destroy --yes --skip-preview", count)
                same = _blueprint(program, count)
                took[1].append(seconds(partial(raw.up, api, same)))
                raw.down(api, same)
            by_pulumi[count], by_api[count] = summary(took[0]), summary(took[1])
            say(f"marginal: {count} containers, Pulumi {took[0]}, API {took[1]}")
    slopes = [slope({n: found.median_seconds for n, found in way.items()}) for way in (by_pulumi, by_api)]
    return {
        "pulumi_up": {str(count): asdict(found) for count, found in by_pulumi.items()},
        "raw_up": {str(count): asdict(found) for count, found in by_api.items()},
        "pulumi_seconds_per_container": round(slopes[0], 4),
        "raw_seconds_per_container": round(slopes[1], 4),
        "slope_over_raw": ratio(*slopes),
    }


@contextmanager
def _program() -> Iterator[Program]:
    name = f"redlab-bench-{secrets.token_hex(3)}"
    with tempfile.TemporaryDirectory(prefix="redlab-bench-") as made:
        folder = Path(made, "program")
        shutil.copytree(Path(__file__).with_name("trivial"), folder)
        (folder / "state").mkdir()
        program = Program(folder, name, f"{LABEL_PREFIX}bench={name}")
        try:
            program.run("stack init", 0)
            yield program
        finally:
            _sweep(program.label)


def _blueprint(program: Program, count: int) -> Blueprint:
    key, _, value = program.label.partition("=")
    labels = {key: value}
    network: dict[str, Any] = {"Name": program.name, "Driver": "bridge", "Labels": labels}
    body = {
        "Image": IMAGE,
        "Cmd": ["sleep", "infinity"],
        "Labels": labels,
        "HostConfig": {"NetworkMode": program.name},
        "NetworkingConfig": {"EndpointsConfig": {program.name: {}}},
    }
    containers = tuple(Container(f"{program.name}-{number}", body, {}, b"", 0) for number in range(count))
    return Blueprint((network,), (), containers)


def _sweep(label: str) -> None:
    api = connection.client()
    parallel.each(api.containers.list(all=True, filters={"label": label}), lambda left: left.remove(force=True, v=True))
    for network in api.networks.list(filters={"label": label}):
        network.remove()
