import pytest

from tests.support.unit.workbench import Workbench
from toolchain import provider_plugin
from toolchain.errors import SetupError


def provider(bench: Workbench) -> None:
    native = bench.layout.native_provider
    native.write_text('#!/bin/sh\necho native "$@"\n')
    native.chmod(0o755)


def run(bench: Workbench) -> str:
    program = provider_plugin.plugin_folder(bench.layout) / provider_plugin.PROGRAM
    return bench.context().machine.ask(str(program), "127.0.0.1:1").output


def test_pulumi_finds_the_checkouts_own_provider_under_the_sdks_version(bench: Workbench) -> None:
    provider(bench)
    provider_plugin.ensure(bench.context())
    assert provider_plugin.plugin_folder(bench.layout).name == "resource-docker-v5.2.0"
    assert run(bench) == "native 127.0.0.1:1"


def official_download(bench: Workbench, ending: str = "") -> None:
    """A `pulumi plugin install` that creates a plugin in its home, and then runs `ending`."""
    folder = f"$PULUMI_HOME/plugins/{provider_plugin.plugin_folder(bench.layout).name}"
    program = f"{folder}/{provider_plugin.PROGRAM}"
    make = f"mkdir -p {folder} && echo '#!/bin/sh\necho official' > {program} && chmod 755 {program}"
    bench.program("pulumi", f"{make}\n{ending}")


def test_the_official_plugin_can_be_chosen_and_replaced_again(bench: Workbench) -> None:
    provider(bench)
    official_download(bench)
    provider_plugin.ensure(bench.context())
    for _ in range(2):
        provider_plugin.ensure(bench.context(REDLAB_PROVIDER="official"))
        assert run(bench) == "official"
    assert bench.calls.count("pulumi plugin install resource docker 5.2.0") == 1
    provider_plugin.ensure(bench.context())
    assert run(bench) == "native 127.0.0.1:1"
    assert not list(bench.layout.lab.glob("tmp-*"))


@pytest.mark.parametrize("ending", ["exit 1", "rm $PULUMI_HOME/plugins/*/*"], ids=["fails", "makes nothing"])
def test_a_failed_download_leaves_the_present_plugin(bench: Workbench, ending: str) -> None:
    provider(bench)
    provider_plugin.ensure(bench.context())
    official_download(bench, ending)
    with pytest.raises(SetupError):
        provider_plugin.ensure(bench.context(REDLAB_PROVIDER="official"))
    assert run(bench) == "native 127.0.0.1:1"


def test_another_choice_is_refused(bench: Workbench) -> None:
    with pytest.raises(SetupError, match=r"'mine'.\n.*native \(default\), official"):
        provider_plugin.ensure(bench.context(REDLAB_PROVIDER="mine"))
