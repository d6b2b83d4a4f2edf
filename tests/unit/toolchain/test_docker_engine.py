import pytest

from tests.support.unit.workbench import Workbench
from toolchain import docker_engine, started_engine
from toolchain.errors import SetupError

DEFAULT = docker_engine.DEFAULT_ENDPOINT


def docker(bench: Workbench, *, address: str = DEFAULT, errors: str = "Cannot connect", running: bool = False) -> None:
    """A docker client whose engine answers once the file `up` is there."""
    up = bench.folder / "up"
    if running:
        up.touch()
    version = f'if [ -e {up} ]; then echo 20.10.24; else echo "{errors}" >&2; exit 1; fi'
    bench.program("docker", f'case "$1" in context) echo {address} ;; version) {version} ;; esac')


def dockerd(bench: Workbench) -> None:
    bench.program("dockerd", f"touch {bench.folder / 'up'}; exec sleep 600")
    bench.program("iptables", "")


def test_an_engine_that_answers_is_used_as_it_is(bench: Workbench) -> None:
    docker(bench, running=True)
    ready = docker_engine.ensure(bench.context(root=True))
    assert "20.10.24" in ready.detail
    assert ready.variables == {}
    assert {call.split()[0] for call in bench.calls} == {"docker"}


def test_the_endpoint_of_a_context_is_handed_to_the_plugin_that_knows_no_contexts(bench: Workbench) -> None:
    docker(bench, address="unix:///home/somebody/engine.sock", running=True)
    official = docker_engine.ensure(bench.context(REDLAB_PROVIDER="official"))
    assert official.variables == {"DOCKER_HOST": "unix:///home/somebody/engine.sock"}


def test_the_context_of_the_set_up_is_not_kept_where_the_current_one_counts(bench: Workbench) -> None:
    docker(bench, address="unix:///home/somebody/engine.sock", running=True)
    assert docker_engine.ensure(bench.context()).variables == {}


def test_a_silent_engine_that_the_user_chose_is_not_replaced(bench: Workbench) -> None:
    docker(bench, address="tcp://192.0.2.1:2375")
    dockerd(bench)
    with pytest.raises(SetupError, match=r"tcp://192\.0\.2\.1:2375 does not answer.*\n.*DOCKER_HOST"):
        docker_engine.ensure(bench.context(root=True))
    assert not [call for call in bench.calls if call.startswith("dockerd")]


def test_an_engine_that_this_user_may_not_use(bench: Workbench) -> None:
    docker(bench, errors="permission denied while trying to connect to the Docker daemon socket")
    with pytest.raises(SetupError, match="usermod -aG docker"):
        docker_engine.ensure(bench.context())


def test_without_root_an_installed_engine_has_to_be_started_by_its_owner(bench: Workbench) -> None:
    docker(bench)
    dockerd(bench)
    with pytest.raises(SetupError, match=r"installed but does not answer.\n.*systemctl start docker"):
        docker_engine.ensure(bench.context())


def test_without_root_and_engine_the_message_tells_how_to_install_an_engine(bench: Workbench) -> None:
    with pytest.raises(SetupError, match=r"needs root.\n.*docs\.docker\.com"):
        docker_engine.ensure(bench.context())


def test_root_without_apt_has_to_install_one_by_hand(bench: Workbench) -> None:
    with pytest.raises(SetupError, match="no apt-get"):
        docker_engine.ensure(bench.context(root=True))


def test_root_installs_debians_engine_and_starts_it(bench: Workbench) -> None:
    made = bench.folder / "packages"
    made.mkdir()
    docker(bench)
    dockerd(bench)
    for name in ("docker", "dockerd", "iptables"):
        (bench.bin / name).rename(made / name)
    bench.program("apt-get", f'case "$*" in *install*) cp {made}/* {bench.bin} ;; esac')
    context = bench.context(root=True)
    try:
        assert "20.10.24" in docker_engine.ensure(context).detail
        assert [call for call in bench.calls if "docker.io iptables" in call]
    finally:
        assert started_engine.stop(context.layout)


def test_with_systemd_the_service_is_started_and_no_separate_daemon(bench: Workbench) -> None:
    docker(bench)
    dockerd(bench)
    bench.program("systemctl", f"touch {bench.folder / 'up'}")
    context = bench.context(root=True, systemd=True)
    docker_engine.ensure(context)
    assert "systemctl start docker" in bench.calls
    assert not started_engine.stop(context.layout)
