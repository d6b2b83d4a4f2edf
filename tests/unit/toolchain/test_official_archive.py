"""An archive of Pulumi is unpacked if its checksum is the pinned one, or without a pin the published one."""

from __future__ import annotations

import hashlib
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.support.unit.workbench import Workbench
from toolchain import official_archive, pins
from toolchain.errors import SetupError
from toolchain.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PROGRAMS = ("pulumi", "pulumi-language-python")
WRONG = "0" * 64


def name(bench: Workbench) -> str:
    found = official_archive.archive_name(pins.pulumi_version(bench.layout))
    assert found is not None
    return found


def published(bench: Workbench, checksum: str = "", programs: Sequence[str] = PROGRAMS) -> str:
    """Publish an archive and a list of checksums, by default the right one; return the address."""
    folder = bench.folder / "published"
    (folder / "pulumi").mkdir(parents=True)
    for program in programs:
        (folder / "pulumi" / program).write_text("#!/bin/sh\n")
    archive = folder / name(bench)
    with tarfile.open(archive, "w:gz") as made:
        made.add(folder / "pulumi", "pulumi")
    listed = f"{checksum or sha256(archive)}  {archive.name}\n{WRONG}  pulumi-of-another-system.tar.gz\n"
    (folder / f"pulumi-{pins.pulumi_version(bench.layout)[1:]}-checksums.txt").write_text(listed)
    destination(bench).parent.mkdir()
    return folder.as_uri()


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def pin(bench: Workbench, checksum: str) -> None:
    file = bench.layout.module("pulumi") / official_archive.PINS
    file.write_text(f"# pinned\n{checksum}  {name(bench)}\n")


def destination(bench: Workbench) -> Path:
    return bench.folder / "work" / "bin"


def test_an_archive_with_the_pinned_checksum_is_installed(bench: Workbench) -> None:
    source = published(bench, checksum=WRONG)  # the list beside it counts for nothing then
    pin(bench, sha256(bench.folder / "published" / name(bench)))
    assert official_archive.install(bench.context(), destination(bench), source)
    assert sorted(file.name for file in destination(bench).iterdir()) == sorted(PROGRAMS)


def test_another_checksum_than_the_pinned_one_is_refused_and_nothing_installed(bench: Workbench) -> None:
    source = published(bench)  # whoever changes the archive can change the list beside it
    pin(bench, WRONG)
    kept = f"lab/toolchain/pulumi/checksums.txt has {WRONG}"
    with pytest.raises(SetupError, match=f"{name(bench)} has the SHA-256 .*; {kept}"):
        official_archive.install(bench.context(), destination(bench), source)
    assert not destination(bench).exists()
    assert not any(destination(bench).parent.rglob("pulumi"))


def test_without_a_pin_the_published_list_counts_with_a_notice(bench: Workbench) -> None:
    assert official_archive.install(bench.context(), destination(bench), published(bench))
    assert f"no line for {name(bench)}" in bench.said


def test_another_checksum_than_the_published_one_is_refused(bench: Workbench) -> None:
    with pytest.raises(SetupError, match="not unpacked"):
        official_archive.install(bench.context(), destination(bench), published(bench, checksum=WRONG))
    assert not destination(bench).exists()


def test_an_archive_without_a_checksum_is_skipped_with_a_notice(bench: Workbench) -> None:
    source = published(bench)
    (bench.folder / "published" / f"pulumi-{pins.pulumi_version(bench.layout)[1:]}-checksums.txt").write_text("<html>")
    assert not official_archive.install(bench.context(), destination(bench), source)
    assert "has no checksum for" in bench.said
    assert not destination(bench).exists()


def test_an_archive_without_a_python_host_is_skipped_with_a_notice(bench: Workbench) -> None:
    assert not official_archive.install(bench.context(), destination(bench), published(bench, programs=["pulumi"]))
    assert "no pulumi with a Python language host" in bench.said
    assert not destination(bench).exists()


def test_an_unreachable_archive_is_skipped_with_a_notice(bench: Workbench) -> None:
    destination(bench).parent.mkdir()
    assert not official_archive.install(bench.context(), destination(bench), "http://127.0.0.1:1")
    assert "cannot be downloaded" in bench.said


def test_the_pinned_checksums_are_of_the_pinned_version() -> None:
    layout = Layout.of_this_checkout()
    version = pins.pulumi_version(layout)
    assert [file for file in official_archive.pinned(layout) if not file.startswith(f"pulumi-{version}-")] == []


def test_a_line_that_is_no_checksum_is_named() -> None:
    with pytest.raises(ValueError, match="0123  pulumi"):
        official_archive.checksums("0123  pulumi-v3.0.0-linux-x64.tar.gz")
