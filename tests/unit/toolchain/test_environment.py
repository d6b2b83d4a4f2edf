import json
import subprocess
from pathlib import Path

import pytest

from tests.support.unit.workbench import Workbench
from toolchain import environment
from toolchain.context import Ready

PARTS = [Ready("a", (Path("/a b/bin"),), {"VIRTUAL_ENV": "/a b"}), Ready("c", (Path("/c"),))]


def test_a_shell_gets_the_environment_of_programs_and_only_once(bench: Workbench) -> None:
    environment.write(bench.layout, PARTS)
    document = json.loads((bench.layout.lab / "environment.json").read_text())
    script = f'. {bench.layout.lab}/env.sh; . {bench.layout.lab}/env.sh; echo "$PATH"; env'
    done = subprocess.run(
        ["/bin/sh", "-c", script], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    path, *lines = done.stdout.splitlines()
    assert path == "/a b/bin:/c:/usr/bin:/bin"
    assert document["path"] == ["/a b/bin", "/c"]
    assert set(lines) >= {f"{name}={value}" for name, value in document["variables"].items()}


def sourced(bench: Workbench, times: int = 1, **variables: str) -> dict[str, str]:
    environment.write(bench.layout, [])
    script = f". {bench.layout.lab}/env.sh; " * times + "env"
    given = {"PATH": "/usr/bin:/bin", **variables}
    done = subprocess.run(["/bin/sh", "-euc", script], env=given, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_a_passphrase_of_the_shell_is_left_out_even_an_empty_one(bench: Workbench) -> None:
    assert "PULUMI_CONFIG_PASSPHRASE" not in sourced(bench, PULUMI_CONFIG_PASSPHRASE="")
    document = json.loads((bench.layout.lab / "environment.json").read_text())
    assert document["unset"] == ["PULUMI_CONFIG_PASSPHRASE"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"no_proxy": ".corp", "NO_PROXY": "10.0.0.0/8"}, ".corp,10.0.0.0/8,127.0.0.1,localhost,::1"),
        ({"no_proxy": "*", "NO_PROXY": "*"}, "*"),
    ],
)
def test_no_proxy_stands_between_the_programs_of_this_machine(
    bench: Workbench, given: dict[str, str], expected: str
) -> None:
    found = sourced(bench, 2, http_proxy="http://127.0.0.1:9", **given)
    assert (found["no_proxy"], found["NO_PROXY"]) == (expected, expected)
    assert found["no_grpc_proxy"] == "127.0.0.1,localhost,::1"


def test_all_of_pulumis_files_stay_in_the_checkout(bench: Workbench) -> None:
    environment.write(bench.layout, [])
    variables = json.loads((bench.layout.lab / "environment.json").read_text())["variables"]
    assert variables["PULUMI_BACKEND_URL"] == f"file://{bench.layout.lab}/state?metadata=skip"
    assert bench.layout.state.is_dir()
    assert variables["PULUMI_HOME"].startswith(str(bench.layout.lab))


def test_an_incomplete_sidecar_of_a_killed_run_is_removed(bench: Workbench) -> None:
    environment.write(bench.layout, [])
    stack = bench.layout.state / ".pulumi" / "stacks" / "ha.json"
    stack.parent.mkdir(parents=True)
    stack.write_text("{}")
    stack.with_name("ha.json.attrs").touch()
    environment.write(bench.layout, [])
    assert list(stack.parent.iterdir()) == [stack]


def test_the_passphrase_is_made_once_for_its_owner_alone(bench: Workbench) -> None:
    environment.write(bench.layout, [])
    first = bench.layout.passphrase.read_text()
    assert bench.layout.passphrase.stat().st_mode & 0o777 == 0o600
    assert len(first.strip()) >= 40
    environment.write(bench.layout, [])
    assert bench.layout.passphrase.read_text() == first
    for name in ("env.sh", "environment.json"):
        assert first.strip() not in (bench.layout.lab / name).read_text()
