from pathlib import Path

import pytest

from toolchain import official_installer

from .workbench import Workbench

GOOD = 'mkdir -p "$4/bin"; touch "$4/bin/pulumi" "$4/bin/pulumi-language-python"; [ "$2" = 3.259.0 ]'


def served(bench: Workbench, script: str) -> str:
    """Give the address of an installer, and make the folder it is to fill."""
    file = bench.folder / "installer.sh"
    file.write_text(script)
    destination(bench).parent.mkdir()
    return file.as_uri()


def destination(bench: Workbench) -> Path:
    return bench.folder / "work" / "bin"


def test_installs_the_pinned_version_into_the_folder_only(bench: Workbench) -> None:
    assert official_installer.install(bench.context(), destination(bench), served(bench, GOOD))
    assert (destination(bench) / "pulumi").is_file()


@pytest.mark.parametrize(("script", "said"), [("echo blocked; exit 1", "exit code 1"), ("exit 0", "left no pulumi")])
def test_an_installer_that_does_not_work_is_said_and_passed_over(bench: Workbench, script: str, said: str) -> None:
    assert not official_installer.install(bench.context(), destination(bench), served(bench, script))
    assert said in bench.said
    assert not destination(bench).exists()


def test_an_installer_out_of_reach_is_said_and_passed_over(bench: Workbench) -> None:
    assert not official_installer.install(bench.context(), destination(bench), "http://127.0.0.1:1/")
    assert "cannot be reached" in bench.said
