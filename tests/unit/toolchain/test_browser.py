import pytest

from tests.support.unit.workbench import Workbench
from toolchain import browser, cli, setup
from toolchain.errors import SetupError
from toolchain.layout import Layout


@pytest.mark.parametrize("name", browser.PROGRAMS)
def test_an_installed_browser_is_used(bench: Workbench, name: str) -> None:
    program = bench.program(name, "")
    bench.program("apt-get", "exit 1")
    assert browser.ensure(bench.context(root=True)).detail == str(program)
    assert bench.calls == []


def test_root_gets_chromium_from_debian_once(bench: Workbench) -> None:
    (bench.folder / "chromium").write_text("#!/bin/sh\n")
    install = f"cp {bench.folder}/chromium {bench.bin}; chmod 755 {bench.bin}/chromium"
    bench.program("apt-get", f'case "$*" in *install*) {install} ;; esac')
    for _ in range(2):
        assert browser.ensure(bench.context(root=True)).detail == str(bench.bin / "chromium")
    assert len([call for call in bench.calls if call.endswith(" chromium")]) == 1


def test_without_root_the_message_tells_how_to_install_a_browser(bench: Workbench) -> None:
    bench.program("apt-get", "")
    with pytest.raises(SetupError, match=r"needs root.\n.*sudo apt-get install chromium"):
        browser.ensure(bench.context())
    assert bench.calls == []


def test_root_without_apt_has_to_install_one_by_hand(bench: Workbench) -> None:
    with pytest.raises(SetupError, match="no apt-get"):
        browser.ensure(bench.context(root=True))


def test_a_package_without_a_program_is_no_browser(bench: Workbench) -> None:
    bench.program("apt-get", "")
    with pytest.raises(SetupError, match="no chromium or google-chrome"):
        browser.ensure(bench.context(root=True))


def test_no_lab_needs_a_browser(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert browser.NOUN not in {noun for chain in setup.CHAINS for noun, _ in chain}
    asked: list[str] = []
    # This checkout's lock would make the test wait for a set-up in progress.
    monkeypatch.setattr(Layout, "of_this_checkout", lambda: bench.layout)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(setup, "browser_of_tests", lambda context: asked.append("browser") or [])
    assert (cli.main(["browser"]), asked) == (0, ["browser"])
