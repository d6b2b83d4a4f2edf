"""Engines of other releases: their sources, and that only the pinned module is built."""

import json
from pathlib import Path

import pytest

from tests.support.unit.workbench import Workbench
from toolchain.engines import beside, files
from toolchain.engines.releases import RELEASES, GoSource, Release
from toolchain.errors import SetupError

SOURCE = GoSource("example.com/engine", "v1.2.3", "h1:expected", "1.2.3", module_file="vendor.mod")
RELEASE = Release("1", "sid", SOURCE)


def served(bench: Workbench, checksum: str) -> None:
    """A `go` that serves a module with this checksum. What it builds is a list of the files it is built from."""
    module = bench.folder / "served"
    (module / "cmd").mkdir(parents=True)
    (module / "vendor.mod").write_text("module example.com/engine\n")
    (module / "vendor.sum").write_text("")
    said = json.dumps({"Dir": str(module), "Sum": checksum})
    build = 'for last; do case "$before" in -o) target=$last ;; esac; before=$last; done; echo * > "${target}dockerd"'
    bench.program("go", f"case $1 in mod) echo '{said}' ;; build) {build} ;; esac")


def test_a_module_is_built_once_with_its_own_requirements(bench: Workbench) -> None:
    served(bench, "h1:expected")
    context, folder = bench.context(root=True), bench.folder / "engines"
    made = files.programs(context, folder, RELEASE)
    assert made is not None
    assert (made / "dockerd").read_text().split() == ["cmd", "go.mod", "go.sum"]
    bench.program("go", "exit 1")
    assert files.programs(context, folder, RELEASE) == made


def test_another_module_than_the_pinned_one_is_not_built(bench: Workbench) -> None:
    served(bench, "h1:other")
    with pytest.raises(SetupError, match=r"checksum h1:other\.\n  Expected: h1:expected"):
        files.programs(bench.context(root=True), bench.folder / "engines", RELEASE)
    assert not (bench.folder / "engines").exists()


def test_a_release_of_packages_alone_builds_nothing(bench: Workbench) -> None:
    assert files.programs(bench.context(root=True), bench.folder, Release("2", "sid")) is None


def test_an_incomplete_root_is_made_again(bench: Workbench) -> None:
    bench.program("unshare", "exit 1")
    bench.program("debootstrap", "exit 1")
    with pytest.raises(SetupError, match="debootstrap sid"):
        files.root(bench.context(root=True), bench.folder / "engines", RELEASE)
    bench.program("unshare", 'for root; do case $root in */root) mkdir -p "$root/etc" ;; esac; done')
    made = files.root(bench.context(root=True), bench.folder / "engines", RELEASE)
    assert [path.name for path in made.iterdir()] == ["etc"]


def test_starting_another_engine_needs_root(bench: Workbench) -> None:
    with pytest.raises(SetupError, match="needs root"), beside.running(bench.context(root=False), RELEASE):
        pytest.fail("it started")


def test_real_29_refuses_old_clients_with_either_firewall() -> None:
    assert {name for name, release in RELEASES.items() if release.variables} == {"29", "29-nftables"}
    assert RELEASES["29-nftables"].options == ("--firewall-backend=nftables",)
    assert all(Path(files.__file__).with_name("run-engine").stat().st_mode & 0o111 for _ in RELEASES)
