"""The CLI: what it prints, its exit codes, and that wrong names are answered with the right ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from redlab.cli import application
from redlab.commands import GROUPS
from redlab.errors import ExitCode
from redlab.faults import journal
from redlab.stack.pulumi import stacks_up
from tests.support import docker_engine
from tests.support.command_line import every_command, looks
from tests.support.stacks.commands import redlab

if TYPE_CHECKING:
    from redlab.control.lab import Laboratory

LOOKING = [words for words, command in every_command() if looks(command)]
COMMANDS = [command for group in GROUPS.values() for commands in group.values() for command in commands]


def refused(*arguments: str) -> str:
    """Run a command that must be refused; returns its message, which is no stack trace."""
    done = redlab(*arguments, succeeds=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_a_lab_is_not_destroyed_under_a_drill(ha_lab: Laboratory) -> None:
    with journal.exclusive(ha_lab.inventory.lab):
        said = refused("destroy", ha_lab.inventory.lab)
    assert f"a drill is running on lab {ha_lab.inventory.lab}: wait until it ends" in said
    assert len(docker_engine.containers(ha_lab.inventory)) == len(ha_lab.inventory.nodes)


def test_help_names_every_command() -> None:
    said = redlab("--help").stdout
    assert [command for command in COMMANDS if f" {command} " not in said] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    # Without a process of its own for each: that `redlab --help` is one is tested above.
    assert (
        f"Usage: redlab {command}" in CliRunner().invoke(application(), [command, "--help"], prog_name="redlab").stdout
    )


def test_an_unknown_command_is_refused() -> None:
    assert "No such command 'nonsense'" in refused("nonsense")


def test_an_unknown_topology_is_answered_with_those_there_are() -> None:
    for command in ("validate", "graph"):
        assert "nonsense.yaml; there are: business-continuity, distributed-ha, dr, dr-ucmdb, ha" in refused(
            command, "nonsense"
        )


def test_an_unknown_scenario_is_answered_with_those_there_are() -> None:
    listed = [entry["scenario"] for entry in json.loads(redlab("drill", "--list", "--format", "json").stdout)]
    said = refused("drill", "ha", "nonsense")
    assert "nonsense" in said
    assert [name for name in listed if name not in said] == []


def test_validate_says_what_there_would_be() -> None:
    assert "HighAvailability, 1 site(s), 8 nodes: valid" in redlab("validate", "ha").stdout


def test_graph_is_drawn_in_three_notations() -> None:
    mermaid, dot, svg = (redlab("graph", "ha", "--format", each).stdout for each in ("mermaid", "dot", "svg"))
    for drawing in (mermaid, dot, svg):
        assert [node for node in ("gw1", "gw2", "dps1", "dps2", "lb1", "lb2", "db1") if node not in drawing] == []
    assert mermaid.startswith(("graph", "flowchart"))
    assert dot.startswith(("graph", "digraph"))
    assert ElementTree.fromstring(svg).tag.endswith("svg")


@pytest.mark.pulumi
def test_a_stack_that_is_not_up_is_answered_with_the_command_that_helps() -> None:
    for command in (("inspect", "nonsense"), ("exec", "nonsense", "gw1", "true"), ("heal", "nonsense")):
        assert "stand it up with `redlab up nonsense`" in refused(*command)


@pytest.mark.pulumi
def test_inspect_shows_every_node(ha_lab: Laboratory) -> None:
    name = ha_lab.inventory.lab
    shown = json.loads(redlab("inspect", name, "--format", "json").stdout)
    assert {node["name"]: node["state"] for node in shown["nodes"]} == {
        node.name: "healthy" for node in ha_lab.inventory.nodes
    }
    assert shown["services"]["state"] == "active"
    assert shown["lab"] == name
    assert redlab("password", name).stdout == f"{ha_lab.management.token}\n"
    table = redlab("inspect", name)
    assert f"{ha_lab.inventory.urls['management'][0]}/system-health" in table.stdout
    assert table.stderr == ""
    assert [node.name for node in ha_lab.inventory.nodes if node.name not in table.stdout] == []


@pytest.mark.pulumi
@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_what_only_looks_answers_on_standard_output_alone(ha_lab: Laboratory, words: tuple[str, ...]) -> None:
    """Progress ends with an ellipsis; nothing else is on standard error, where a pipe would lose it."""
    once = ("--once",) if words == ("watch",) else ()
    done = redlab(*words, ha_lab.inventory.lab, *once, succeeds=False)
    if done.returncode in {ExitCode.DONE, ExitCode.MISSED}:
        assert done.stdout != ""
        assert [line for line in done.stderr.splitlines() if not line.endswith("…")] == []
    else:
        # One site has no links, no twins, no UCMDB, no certificate.
        assert (done.returncode, done.stdout) == (ExitCode.BAD_USAGE, "")


@pytest.mark.pulumi
def test_the_only_lab_that_is_up_is_looked_at_and_named(ha_lab: Laboratory) -> None:
    name = ha_lab.inventory.lab
    shown = redlab("inspect", "--format", "json", succeeds=False)
    if stacks_up() == [name]:
        assert json.loads(shown.stdout)["lab"] == name
        assert f"stack {name}: it is the only lab that is up" in shown.stderr
    else:  # another checkout's tests use this backend
        assert name in shown.stderr


@pytest.mark.pulumi
def test_exec_runs_a_command_in_a_node(ha_lab: Laboratory) -> None:
    name = ha_lab.inventory.lab
    assert redlab("exec", name, "gw2", "hostname").stdout == "gw2\n"
    assert redlab("exec", name, "gw2", "--", "sh", "-c", "exit 7", succeeds=False).returncode == 7
    assert "there are: db1, gw1, gw2, dps1, dps2, lb1, lb2, collector1" in refused("exec", name, "gw9", "true")


def test_a_lab_without_a_cluster_has_nothing_to_watch(ha_lab: Laboratory) -> None:
    done = redlab("controller", ha_lab.inventory.lab, "--watch", succeeds=False)
    assert done.returncode == 2
    assert "database.availability: cluster" in done.stderr
