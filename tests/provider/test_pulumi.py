"""The reference program end to end: the Pulumi CLI with the native provider against a real engine."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from bench.kill_up import end_session

from redlab_provider.traits import NETWORK, VOLUME
from tests.support.provider.golden import EDITS, GOLDEN, expected
from tests.support.provider.sandbox import Sandbox, engine_client
from tests.support.provider.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _pytest.mark import ParameterSet

pytestmark = [pytest.mark.docker, pytest.mark.pulumi]


def made_in(folder: pytest.TempPathFactory, subnet: str) -> Iterator[tuple[Stack, Sandbox]]:
    client = engine_client()
    sandbox = Sandbox(client, folder.mktemp("sandbox"))
    try:
        yield Stack(folder.mktemp("stack"), sandbox.prefix, subnet), sandbox
    finally:
        sandbox.sweep()
        client.close()


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Sandbox]]:
    yield from made_in(tmp_path_factory, "10.91.8")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Sandbox]]:
    for stack, sandbox in made_in(tmp_path_factory, "10.91.7"):
        stack.up()
        yield stack, sandbox


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def nothing_left(sandbox: Sandbox) -> bool:
    kinds = (("node", None), ("access", NETWORK), ("site", NETWORK), ("data", VOLUME))
    return not any(sandbox.exists(suffix, kind) if kind else sandbox.exists(suffix) for suffix, kind in kinds)


def test_a_second_preview_is_empty_also_after_a_refresh(running: tuple[Stack, Sandbox]) -> None:
    stack, _ = running
    assert stack.plan() == {}
    assert stack.plan("--refresh") == {}


def edits() -> list[ParameterSet]:
    """Every edit; `make test` leaves out an edit whose plan equals an earlier one's replacements and updates."""
    seen, found = set(), []
    for edit in EDITS:
        plan = frozenset((name, step["op"]) for name, step in GOLDEN["changes"][edit].items())
        # test_diff tests the difference of each edit without Pulumi.
        found.append(pytest.param(edit, marks=pytest.mark.campaign if plan in seen else ()))
        seen.add(plan)
    return found


@pytest.mark.parametrize("edit", edits())
def test_the_plan_is_that_of_the_official_plugin(running: tuple[Stack, Sandbox], edit: str) -> None:
    stack, _ = running
    change = EDITS[edit]
    plan = stack.plan(edit={change.config: change.value})
    official = GOLDEN["changes"][edit]
    assert {name: step["op"] for name, step in plan.items()} == {name: step["op"] for name, step in official.items()}
    for name, step in plan.items():
        assert sorted(step.get("replaceReasons") or []) == expected(edit, name)["replaceReasons"]
        assert sorted(step.get("diffReasons") or []) == expected(edit, name)["diffReasons"]


def test_a_secret_is_never_stored_in_plain_text(running: tuple[Stack, Sandbox]) -> None:
    stack, sandbox = running
    assert sandbox.run("node", "cat", "/etc/golden.conf") == "the first secret"
    assert "the first secret" not in stack.run("stack", "export")
    assert "another secret" not in stack.run("preview", "--diff", edit={"upload": "another secret"})


def test_a_node_that_a_drill_stopped_is_started_again(running: tuple[Stack, Sandbox]) -> None:
    stack, sandbox = running
    sandbox.client.kill(sandbox.name("node"))
    wait_for(lambda: not sandbox.inspect("node")["State"]["Running"])
    identity = sandbox.inspect("node")["Id"]
    plan = stack.plan("--refresh")
    assert {name: (step["op"], step["diffReasons"]) for name, step in plan.items()} == {"node": ("update", ["mustRun"])}
    stack.up("--refresh")
    node = sandbox.inspect("node")
    assert (node["Id"], node["State"]["Health"]["Status"]) == (identity, "healthy")
    assert stack.plan("--refresh") == {}


def test_import_replacement_and_destroy(fresh: tuple[Stack, Sandbox]) -> None:
    stack, sandbox = fresh
    sandbox.client.create_volume(sandbox.name("data"), labels={"io.redundancy-lab.owner": stack.name})
    options = ("--yes", "--protect=false", "--generate-code=false")
    stack.run("import", "docker:index/volume:Volume", "data", sandbox.name("data"), *options)
    created = sandbox.inspect("data", VOLUME)["CreatedAt"]
    stack.up()
    assert sandbox.inspect("data", VOLUME)["CreatedAt"] == created
    stack.up(edit={"envs": ["A=2"], "internal": False})
    assert "A=2" in sandbox.inspect("node")["Config"]["Env"]
    stack.run("destroy", "--yes", "--skip-preview")
    assert nothing_left(sandbox)
    assert not sandbox.client.images(name=f"{stack.name}/node")


@pytest.mark.campaign
def test_an_update_that_is_killed_can_be_repeated(fresh: tuple[Stack, Sandbox]) -> None:
    stack, sandbox = fresh
    killed = stack.start("up", "--yes", "--skip-preview", edit={"check": "false", "wait_timeout": 600})
    wait_for(lambda: sandbox.exists("node") and sandbox.inspect("node")["State"]["Running"])
    left = sandbox.inspect("node")["Id"]
    killed.kill()
    killed.communicate()
    stack.run("cancel", "--yes")
    stack.up()
    assert sandbox.inspect("node")["Id"] != left
    assert stack.plan("--refresh") == {}
    stack.run("destroy", "--yes", "--skip-preview")
    assert nothing_left(sandbox)
    end_session(killed.pid)


def test_an_update_that_is_interrupted_loses_nothing(fresh: tuple[Stack, Sandbox]) -> None:
    stack, sandbox = fresh
    interrupted = stack.start("up", "--yes", "--skip-preview", edit={"check": "false", "wait_timeout": 600})
    wait_for(lambda: sandbox.exists("node") and sandbox.inspect("node")["State"]["Running"])
    os.kill(interrupted.pid, signal.SIGINT)
    output = interrupted.communicate(timeout=60)[0]
    assert interrupted.returncode != 0
    assert "cancel" in output
    assert stack.state()["node"]["id"] == sandbox.inspect("node")["Id"]
    stack.run("destroy", "--yes", "--skip-preview")
    assert nothing_left(sandbox)
