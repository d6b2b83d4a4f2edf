"""The resources on a real engine, called over gRPC as Pulumi calls them."""

from __future__ import annotations

import threading
import time

import pytest
from docker.errors import DockerException

from redlab_provider.traits import CONTAINER, IMAGE, NETWORK, VOLUME
from redlab_provider.wire import UNKNOWN, Secret
from tests.support.provider.client import CallError, Made, Provider, urn_of
from tests.support.provider.sandbox import IMAGE as BASE
from tests.support.provider.sandbox import Sandbox, engine_client

pytestmark = pytest.mark.docker

HEALTH = {"interval": "1s", "timeout": "1s", "retries": 1}


def refused(provider: Provider, token: str, inputs: dict[str, object]) -> CallError:
    with pytest.raises(CallError) as caught:
        provider.create(token, inputs)
    return caught.value


def wait_for(condition: object, seconds: float = 20) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def test_a_preview_touches_nothing(provider: Provider, sandbox: Sandbox) -> None:
    made = provider.create(CONTAINER, sandbox.container(uploads=[{"file": "/a", "content": Secret("x")}]), preview=True)
    assert made.outputs["name"] == sandbox.name("c")
    assert made.outputs["networkDatas"] is UNKNOWN
    assert made.outputs["uploads"][0]["content"] == Secret("x")
    assert not sandbox.exists("c")
    network = provider.create(NETWORK, {"name": UNKNOWN}, preview=True)
    assert network.outputs["name"] is UNKNOWN


def test_the_tests_and_the_provider_use_the_engine_of_docker_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/nobody.sock")
    with pytest.raises(DockerException, match="No such file"):
        engine_client()
    elsewhere = Provider()
    with pytest.raises(CallError, match=r"nobody\.sock"):
        elsewhere.create(NETWORK, {"name": "redlab-provider-test-nowhere"})
    elsewhere.close()


def test_a_container_in_two_networks_with_files_and_a_volume(provider: Provider, sandbox: Sandbox) -> None:
    networks = [
        provider.create(NETWORK, {"name": sandbox.name(suffix), **more}, name=suffix)
        for suffix, more in (("n1", {}), ("n2", {"internal": True, "ipamConfigs": [{"subnet": "10.219.77.0/24"}]}))
    ]
    volume = provider.create(VOLUME, {"name": sandbox.name("v"), "labels": sandbox.owned()})
    inputs = sandbox.container(
        hostname="node",
        networksAdvanced=[
            {"name": sandbox.name("n1"), "aliases": ["one"]},
            {"name": sandbox.name("n2"), "ipv4Address": "10.219.77.9"},
        ],
        volumes=[{"volumeName": sandbox.name("v"), "containerPath": "/data"}],
        uploads=[
            {"file": "/etc/lab/secret", "content": Secret("s3cret"), "permissions": "0400"},
            {"file": "/etc/lab/owned", "content": "x", "owner": "70", "group": "71"},
        ],
        deviceCgroupRules=["c 10:200 rwm"],
        hosts=[{"host": "peer", "ip": "10.219.77.8"}],
        tmpfs={"/run": "size=1m"},
        dns=["127.0.0.1"],
        ulimits=[{"name": "nofile", "soft": 512, "hard": 512}],
        securityOpts=["no-new-privileges"],
        capabilities={"drops": ["ALL"]},
        cpus="0.5",
        mounts=[{"type": "tmpfs", "target": "/scratch", "tmpfsOptions": {"sizeBytes": 1048576}}],
    )
    container = provider.create(CONTAINER, inputs)
    assert container.outputs["uploads"][0]["content"] == Secret("s3cret")
    addresses = {item["networkName"]: item["ipAddress"] for item in container.outputs["networkDatas"]}
    assert set(addresses) == {sandbox.name("n1"), sandbox.name("n2")}
    assert addresses[sandbox.name("n2")] == "10.219.77.9"
    assert sandbox.run("c", "cat", "/etc/lab/secret") == "s3cret"
    assert sandbox.run("c", "stat", "-c", "%a %u", "/etc/lab/secret").strip() == "400 0"
    assert sandbox.run("c", "stat", "-c", "%u %g", "/etc/lab/owned").strip() == "70 71"
    assert sandbox.inspect("c")["HostConfig"]["DeviceCgroupRules"] == ["c 10:200 rwm"]
    assert "10.219.77.8\tpeer" in sandbox.run("c", "cat", "/etc/hosts")
    refreshed = provider.read(container)
    assert refreshed is not None
    assert refreshed.outputs["uploads"][0]["content"] == Secret("s3cret")
    for state in (container, refreshed):
        assert provider.diff(state, container.inputs).diffs == []
    for made in (container, *networks, volume):
        provider.delete(made)
        provider.delete(made)
        assert provider.read(made) is None


@pytest.mark.parametrize("exit_code", [0, 3])
def test_the_end_of_a_container_that_runs_once_is_awaited(provider: Provider, sandbox: Sandbox, exit_code: int) -> None:
    """Its exit code is recorded; its end is no change, even after a refresh."""
    inputs = sandbox.container(
        command=["sh", "-c", f"sleep 1; exit {exit_code}"], attach=True, mustRun=False, networkMode="none"
    )
    made = provider.create(CONTAINER, inputs)
    assert (made.outputs["exitCode"], made.outputs["attach"]) == (exit_code, True)
    refreshed = provider.read(made)
    assert refreshed is not None
    assert refreshed.outputs["exitCode"] == exit_code
    for state in (made, refreshed):
        assert provider.diff(state, made.inputs).diffs == []


def test_files_reach_a_read_only_container_through_a_volume(provider: Provider, sandbox: Sandbox) -> None:
    provider.create(VOLUME, {"name": sandbox.name("v")})
    inputs = sandbox.container(
        readOnly=True,
        volumes=[{"volumeName": sandbox.name("v"), "containerPath": "/etc/lab"}],
        uploads=[{"file": "/etc/lab/a", "content": "x"}],
    )
    provider.create(CONTAINER, inputs)
    assert sandbox.run("c", "cat", "/etc/lab/a") == "x"


@pytest.mark.parametrize("token", [NETWORK, VOLUME, CONTAINER])
def test_an_object_of_another_owner_is_refused_and_left_alone(provider: Provider, sandbox: Sandbox, token: str) -> None:
    labels = sandbox.owned()
    inputs = sandbox.container("x", labels=labels) if token == CONTAINER else {"name": sandbox.name("x")}
    {
        NETWORK: lambda: sandbox.client.create_network(sandbox.name("x")),
        VOLUME: lambda: sandbox.client.create_volume(sandbox.name("x")),
        CONTAINER: lambda: sandbox.client.create_container("debian:bookworm-slim", "true", name=sandbox.name("x")),
    }[token]()
    before = sandbox.inspect("x", token)
    error = refused(provider, token, inputs | {"labels": labels})
    assert "name is taken" in str(error)
    assert "not made by this stack" in str(error)
    assert "pulumi import" in str(error)
    assert sandbox.inspect("x", token) == before


@pytest.mark.parametrize("token", [NETWORK, VOLUME, CONTAINER])
def test_a_leftover_of_an_interrupted_update_is_taken_over(provider: Provider, sandbox: Sandbox, token: str) -> None:
    labels = sandbox.owned(role="gateway")
    inputs = sandbox.container("x", labels=labels) if token == CONTAINER else {"name": sandbox.name("x")}
    first = Provider()
    left = first.create(token, inputs | {"labels": labels})
    first.close()
    made = provider.create(token, inputs | {"labels": labels})
    assert (made.id == left.id) == (token != CONTAINER)
    assert sandbox.exists("x", token)
    error = refused(Provider(), token, inputs | {"labels": sandbox.owned(role="other")})
    assert f"belongs to the lab stack with io.redundancy-lab.owner={sandbox.prefix}" in str(error)


def test_two_resources_of_one_program_cannot_share_a_volume(provider: Provider, sandbox: Sandbox) -> None:
    inputs = {"name": sandbox.name("v"), "labels": sandbox.owned()}
    provider.create(VOLUME, inputs, name="one")
    with pytest.raises(CallError, match="already belongs to"):
        provider.create(VOLUME, inputs, name="two")
    assert sandbox.exists("v", VOLUME)


def test_a_leftover_network_with_other_properties_is_replaced(provider: Provider, sandbox: Sandbox) -> None:
    inputs = {"name": sandbox.name("n"), "labels": sandbox.owned()}
    first = Provider()
    left = first.create(NETWORK, inputs)
    first.close()
    made = provider.create(NETWORK, inputs | {"internal": True})
    assert made.id != left.id
    assert made.outputs["internal"] is True


def test_waiting_ends_when_the_container_is_healthy(provider: Provider, sandbox: Sandbox) -> None:
    inputs = sandbox.container(wait=True, healthcheck=HEALTH | {"tests": ["CMD", "true"]})
    made = provider.create(CONTAINER, inputs)
    assert sandbox.inspect("c")["State"]["Health"]["Status"] == "healthy"
    assert provider.diff(made, made.inputs).diffs == []


def test_an_unhealthy_container_is_kept_with_the_reason_and_tried_again(provider: Provider, sandbox: Sandbox) -> None:
    check = HEALTH | {"tests": ["CMD-SHELL", "echo not today; test -e /ok"]}
    inputs = sandbox.container(wait=True, healthcheck=check, uploads=[{"file": "/s", "content": Secret("s3cret")}])
    error = refused(provider, CONTAINER, inputs)
    assert f'container "{sandbox.name("c")}" is unhealthy; the last health check ended with 1: not today' in str(error)
    assert error.partial is not None
    assert error.partial.id == sandbox.inspect("c")["Id"]
    assert "s3cret" in str(error.partial.inputs)
    assert "1b47061264138c4ac30d75fd1eb44270" in str(error.partial.properties)
    sandbox.run("c", "touch", "/ok")
    checked = provider.checked(CONTAINER, inputs)
    again = provider.update(Made(urn_of(CONTAINER), error.partial.id, checked, {}), inputs)
    assert sandbox.inspect("c")["State"]["Health"]["Status"] == "healthy"
    provider.delete(again)


def test_a_container_that_ends_is_reported_with_its_last_log_lines(provider: Provider, sandbox: Sandbox) -> None:
    inputs = sandbox.container(command=["sh", "-c", "echo goodbye; exit 3"], wait=True)
    error = refused(provider, CONTAINER, inputs | {"healthcheck": HEALTH | {"tests": ["CMD", "true"]}})
    assert "exited with code 3" in str(error)
    assert "goodbye" in str(error)
    assert error.partial is not None


def test_a_container_that_may_end_is_no_error(provider: Provider, sandbox: Sandbox) -> None:
    made = provider.create(CONTAINER, sandbox.container(command=["true"], mustRun=False))
    wait_for(lambda: sandbox.inspect("c")["State"]["Status"] == "exited")
    read = provider.read(made)
    assert read is not None
    assert read.outputs["exitCode"] == 0
    assert provider.diff(read, made.inputs).diffs == []


def test_waiting_without_a_health_check_is_refused(provider: Provider, sandbox: Sandbox) -> None:
    assert "has no health check" in str(refused(provider, CONTAINER, sandbox.container(wait=True)))


def test_waiting_ends_after_the_time_out(provider: Provider, sandbox: Sandbox) -> None:
    check = {"tests": ["CMD", "true"], "interval": "1h"}
    error = refused(provider, CONTAINER, sandbox.container(wait=True, waitTimeout=1, healthcheck=check))
    assert "did not become healthy in 1 s; no health check has finished yet" in str(error)


def test_a_container_that_cannot_start_leaves_nothing(provider: Provider, sandbox: Sandbox) -> None:
    error = refused(provider, CONTAINER, sandbox.container(command=["/no/such/program"], init=False))
    assert sandbox.name("c") in str(error)
    assert "no such file or directory" in str(error)
    assert error.partial is None
    assert not sandbox.exists("c")


def test_a_missing_network_leaves_nothing(provider: Provider, sandbox: Sandbox) -> None:
    error = refused(provider, CONTAINER, sandbox.container(networksAdvanced=[{"name": sandbox.name("none")}]))
    assert f"network {sandbox.name('none')} not found" in str(error)
    assert not sandbox.exists("c")


def test_cancelling_ends_a_wait_at_once_and_records_the_container(
    provider_to_cancel: Provider, sandbox: Sandbox
) -> None:
    check = {"tests": ["CMD", "true"], "interval": "1h"}
    caught: list[CallError] = []
    inputs = sandbox.container(wait=True, waitTimeout=600, healthcheck=check)
    waiter = threading.Thread(target=lambda: caught.append(refused(provider_to_cancel, CONTAINER, inputs)))
    waiter.start()
    wait_for(lambda: sandbox.exists("c") and sandbox.inspect("c")["State"]["Running"])
    provider_to_cancel.cancel()
    waiter.join(timeout=20)
    assert not waiter.is_alive()
    assert caught[0].partial is not None
    assert caught[0].partial.id == sandbox.inspect("c")["Id"]
    assert "cancelled" in str(refused(provider_to_cancel, CONTAINER, sandbox.container("d")))
    assert not sandbox.exists("d")


def test_an_image_that_needs_no_registry_is_built_without_the_credentials_program(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = sandbox.folder / "configuration"
    configuration.mkdir()
    (configuration / "config.json").write_text('{"credsStore": "not-installed"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(configuration))
    (sandbox.folder / "Dockerfile").write_text(f"FROM {BASE}\nLABEL made.by={sandbox.prefix}\n")
    alone = Provider()
    made = alone.create(IMAGE, {"name": sandbox.name("i"), "build": {"context": str(sandbox.folder)}})
    alone.close()
    assert sandbox.client.inspect_image(made.outputs["imageId"])["Config"]["Labels"]["made.by"] == sandbox.prefix
    sandbox.client.remove_image(sandbox.name("i"))


def test_cancelling_cuts_a_build_off(provider_to_cancel: Provider, sandbox: Sandbox) -> None:
    dockerfile = f"FROM debian:bookworm-slim\nRUN : {sandbox.prefix}; sleep 600\n"
    (sandbox.folder / "Dockerfile").write_text(dockerfile, encoding="utf-8")
    build = {"context": str(sandbox.folder), "networkMode": "none"}
    caught: list[CallError] = []
    inputs = {"name": sandbox.name("i"), "build": build}
    builder = threading.Thread(target=lambda: caught.append(refused(provider_to_cancel, IMAGE, inputs)))

    def containers() -> list[object]:
        return [item for item in sandbox.client.containers(trunc=False) if sandbox.prefix in item["Command"]]

    builder.start()
    wait_for(lambda: containers() or caught)
    provider_to_cancel.cancel()
    builder.join(timeout=20)
    assert "cancelled" in str(caught[0])
    wait_for(lambda: not containers())


def test_limits_change_in_place(provider: Provider, sandbox: Sandbox) -> None:
    inputs = sandbox.container(memory=64, cpuShares=512)
    made = provider.create(CONTAINER, inputs)
    wanted = inputs | {"memory": 256, "cpuShares": 256, "restart": "unless-stopped"}
    assert sorted(provider.diff(made, provider.checked(CONTAINER, wanted)).diffs) == ["cpuShares", "memory", "restart"]
    assert provider.update(made, wanted, preview=True).outputs["memory"] == 256
    assert sandbox.inspect("c")["HostConfig"]["CpuShares"] == 512
    updated = provider.update(made, wanted)
    host = sandbox.inspect("c")["HostConfig"]
    assert (host["CpuShares"], host["Memory"], host["RestartPolicy"]["Name"]) == (256, 256 << 20, "unless-stopped")
    assert provider.diff(updated, updated.inputs).diffs == []


def test_a_stopped_container_is_started_again(provider: Provider, sandbox: Sandbox) -> None:
    made = provider.create(CONTAINER, sandbox.container(wait=True, healthcheck=HEALTH | {"tests": ["CMD", "true"]}))
    sandbox.client.kill(made.id)
    wait_for(lambda: not sandbox.inspect("c")["State"]["Running"])
    read = provider.read(made)
    assert read is not None
    assert provider.diff(read, made.inputs).diffs == ["mustRun"]
    started = provider.update(read, made.inputs)
    assert sandbox.inspect("c")["State"]["Health"]["Status"] == "healthy"
    assert provider.diff(started, started.inputs).diffs == []


def test_imports_need_no_change_afterwards(provider: Provider, sandbox: Sandbox) -> None:
    network = {"name": sandbox.name("n"), "labels": sandbox.owned(), "ipamConfigs": [{"subnet": "10.219.78.0/24"}]}
    volume = {"name": sandbox.name("v"), "labels": sandbox.owned()}
    container = sandbox.container(
        envs=["A=1"], labels=sandbox.owned(), networksAdvanced=[{"name": sandbox.name("n")}], memory=64
    )
    for token, inputs in ((NETWORK, network), (VOLUME, volume), (CONTAINER, container)):
        made = provider.create(token, inputs)
        imported = provider.import_(token, made.id if token != CONTAINER else inputs["name"])
        assert imported is not None
        assert imported.id == made.id
        assert provider.diff(imported, provider.checked(token, inputs)).diffs == []
        assert provider.diff(imported, imported.inputs).diffs == []
    assert provider.import_(CONTAINER, sandbox.name("none")) is None


def test_an_overlapping_network_is_named(provider: Provider, sandbox: Sandbox) -> None:
    provider.create(NETWORK, {"name": sandbox.name("n1"), "ipamConfigs": [{"subnet": "10.219.79.0/24"}]})
    wanted = {"name": sandbox.name("n2"), "ipamConfigs": [{"subnet": "10.219.79.128/25"}]}
    message = str(refused(provider, NETWORK, wanted))
    assert "Pool overlaps" in message
    assert f"{sandbox.name('n1')} (10.219.79.0/24)" in message


def test_a_network_is_removed_when_its_last_container_leaves(provider: Provider, sandbox: Sandbox) -> None:
    network = provider.create(NETWORK, {"name": sandbox.name("n")})
    container = provider.create(CONTAINER, sandbox.container(networksAdvanced=[{"name": sandbox.name("n")}]))
    removal = threading.Thread(target=provider.delete, args=(network,))
    removal.start()
    provider.delete(container)
    removal.join(timeout=20)
    assert not removal.is_alive()
    assert not sandbox.exists("n", NETWORK)


def test_an_image_is_built_from_its_directory(provider: Provider, sandbox: Sandbox) -> None:
    (sandbox.folder / "Dockerfile").write_text(
        "FROM debian:bookworm-slim AS first\nARG WORD\nLABEL word=$WORD\nCOPY . /in\nFROM first AS last\n",
        encoding="utf-8",
    )
    (sandbox.folder / ".dockerignore").write_text("ignored\n", encoding="utf-8")
    (sandbox.folder / "ignored").write_text("x", encoding="utf-8")
    (sandbox.folder / "kept").write_text("x", encoding="utf-8")
    build = {"context": str(sandbox.folder), "target": "first", "buildArgs": {"WORD": "hi"}, "labels": {"a": "b"}}
    made = provider.create(IMAGE, {"name": sandbox.name("i"), "build": build})
    assert made.id == made.outputs["imageId"] + sandbox.name("i")
    labels = sandbox.client.inspect_image(sandbox.name("i"))["Config"]["Labels"]
    assert (labels["a"], labels["word"]) == ("b", "hi")
    container = provider.create(CONTAINER, sandbox.container(image=made.outputs["imageId"]))
    assert sandbox.run("c", "ls", "/in").split() == ["Dockerfile", "kept"]
    assert provider.diff(made, made.inputs).diffs == []
    provider.delete(container)
    provider.delete(made)
    assert provider.read(made) is None


def test_a_failed_build_shows_the_end_of_its_output(provider: Provider, sandbox: Sandbox) -> None:
    (sandbox.folder / "Dockerfile").write_text("FROM debian:bookworm-slim\nCOPY nothing /\n", encoding="utf-8")
    error = refused(provider, IMAGE, {"name": sandbox.name("i"), "build": {"context": str(sandbox.folder)}})
    assert f'image "{sandbox.name("i")}" cannot be built' in str(error)
    assert "nothing" in str(error)
    assert "Step 2/2" in str(error)


def test_replacing_an_image_moves_its_name_to_the_new_one(provider: Provider, sandbox: Sandbox) -> None:
    dockerfile = sandbox.folder / "Dockerfile"
    made = []
    for word in ("one", "two"):
        dockerfile.write_text(f"FROM debian:bookworm-slim\nLABEL word={word}\n", encoding="utf-8")
        inputs = {"name": sandbox.name("i"), "build": {"context": str(sandbox.folder)}, "triggers": {"word": word}}
        made.append(provider.create(IMAGE, inputs))
    provider.delete(made[0])
    assert sandbox.client.inspect_image(sandbox.name("i"))["Id"] == made[1].outputs["imageId"]


def test_an_unreachable_engine_is_named(sandbox: Sandbox) -> None:
    elsewhere = Provider({"host": f"unix://{sandbox.folder}/nobody.sock"})
    with pytest.raises(CallError, match=r"nobody\.sock"):
        elsewhere.create(NETWORK, {"name": sandbox.name("n")})
    elsewhere.close()
    assert not sandbox.exists("n", NETWORK)
