import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.unit.workbench import Workbench
from toolchain import go_build, official_archive, pulumi_cli
from toolchain.errors import SetupError

NOWHERE = "http://127.0.0.1:1/"


@pytest.fixture(autouse=True)
def no_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official_archive, "SOURCE", NOWHERE)


def go(bench: Workbench) -> None:
    """A Go whose builds create a file, and whose module folder has the script that runs programs."""
    folder = bench.folder / "module" / "python" / "cmd"
    folder.mkdir(parents=True)
    (folder / "pulumi-language-python-exec").write_text("#!/usr/bin/env python\n")
    build = 'while [ "$1" != -o ]; do shift; done; echo built > "$2"; chmod 755 "$2"'
    bench.program("go", f'case "$1" in build) {build} ;; list) echo {bench.folder}/module ;; esac')


def builds(bench: Workbench) -> int:
    return len([call for call in bench.calls if call.startswith("go build")])


def test_a_new_enough_pulumi_on_path_is_used_and_nothing_installed(bench: Workbench) -> None:
    bench.program("pulumi", "echo v3.400.0")
    bench.program("pulumi-language-python", "")
    ready = pulumi_cli.ensure(bench.context())
    assert "v3.400.0" in ready.detail
    assert ready.path == ()
    assert not bench.layout.pulumi_home.exists()


@pytest.mark.parametrize("version", ["v3.1.0", "v4.0.0", "nonsense"])
def test_a_pulumi_of_another_version_is_not_used(bench: Workbench, version: str) -> None:
    bench.program("pulumi", f"echo {version}")
    bench.program("pulumi-language-python", "")
    go(bench)
    assert pulumi_cli.ensure(bench.context()).path == (bench.layout.pulumi_bin,)
    assert version in bench.said


def test_a_pulumi_without_python_is_not_used(bench: Workbench) -> None:
    bench.program("pulumi", "echo v3.400.0")
    go(bench)
    assert pulumi_cli.ensure(bench.context()).path == (bench.layout.pulumi_bin,)


def test_a_build_is_made_once(bench: Workbench) -> None:
    go(bench)
    context = bench.context()
    pulumi_cli.ensure(context)
    assert builds(bench) == 2
    names = {"pulumi", "pulumi-language-python", "pulumi-language-python-host", "pulumi-language-python-exec"}
    for name in names:
        assert (bench.layout.pulumi_bin / name).stat().st_mode & 0o111
    pulumi_cli.ensure(context)
    assert builds(bench) == 2


def test_the_set_ups_own_build_on_path_does_not_count_as_the_machines(bench: Workbench) -> None:
    go(bench)
    pulumi_cli.ensure(bench.context())
    ready = pulumi_cli.ensure(bench.context(PATH=f"{bench.layout.pulumi_bin}:{bench.bin}"))
    assert ready.path == (bench.layout.pulumi_bin,)


def test_changed_pins_cause_a_new_build(bench: Workbench) -> None:
    go(bench)
    pulumi_cli.ensure(bench.context())
    with (bench.layout.module("pulumi") / "go.sum").open("a") as file:
        file.write("another line\n")
    pulumi_cli.ensure(bench.context())
    assert builds(bench) == 4
    assert not list(bench.layout.lab.glob("tmp-*"))


def test_a_build_that_fails_half_way_leaves_nothing_to_trust(bench: Workbench) -> None:
    go(bench)
    text = (bench.bin / "go").read_text()
    bench.program("go", 'case "$*" in *language-python) echo E: broken; exit 1 ;; esac\n' + text.split("\n", 2)[2])
    with pytest.raises(SetupError, match="E: broken"):
        pulumi_cli.ensure(bench.context())
    assert not bench.layout.pulumi_bin.exists()
    assert not list(bench.layout.lab.glob("tmp-*"))


def test_without_go_the_message_names_what_to_install(bench: Workbench) -> None:
    with pytest.raises(SetupError, match=r"go: not found\n.*pulumi\.com/docs/install.*go\.dev/doc/install"):
        pulumi_cli.ensure(bench.context())


def test_a_go_that_is_too_old_is_quoted(bench: Workbench) -> None:
    bench.program("go", 'echo "go: go.mod requires go >= 1.26 (running go 1.19)" >&2; exit 1')
    with pytest.raises(SetupError, match=r"running go 1\.19"):
        pulumi_cli.ensure(bench.context())


def test_the_host_is_told_the_active_python_environment(bench: Workbench) -> None:
    go(bench)
    pulumi_cli.ensure(bench.context())
    (bench.layout.pulumi_bin / "pulumi-language-python-host").write_text('#!/bin/sh\necho "$@"\n')
    bench.program("dirname", 'p="$1"; echo "${p%/*}"')
    wrapper = str(bench.layout.pulumi_bin / "pulumi-language-python")
    told = bench.context(VIRTUAL_ENV="/a b").machine.ask(wrapper, "127.0.0.1:1").output
    assert told == f"-virtualenv={bench.layout.pulumi_bin}/virtualenv 127.0.0.1:1"
    assert bench.context().machine.ask(wrapper, "127.0.0.1:1").output == "127.0.0.1:1"


def test_the_list_of_installed_packages_is_kept_until_they_change(bench: Workbench, tmp_path: Path) -> None:
    environment = tmp_path / "an environment"
    packages = environment / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (environment / "bin").mkdir()
    asked = tmp_path / "asked"
    python = environment / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$@" | tee -a {asked}\n')
    python.chmod(0o755)
    listing = "-m pip list -v --format json"

    def ask(arguments: str) -> str:
        command = ["sh", str(go_build.SCRIPTS / "python"), *arguments.split()]
        given = {**os.environ, "REDLAB_VIRTUAL_ENV": str(environment)}
        return subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout.strip()

    os.utime(packages, (1, 1))
    assert [ask(listing), ask(listing)] == [listing, listing]
    assert asked.read_text().splitlines() == [listing]
    assert ask("--version") == "--version"
    os.utime(packages)
    assert ask(listing) == listing
    assert asked.read_text().splitlines() == [listing, "--version", listing]


def test_the_installation_is_recorded(bench: Workbench) -> None:
    go(bench)
    pulumi_cli.ensure(bench.context())
    record = json.loads(Path(bench.layout.pulumi_bin / "toolchain.json").read_text())
    assert record["origin"] == "built from Go modules"
