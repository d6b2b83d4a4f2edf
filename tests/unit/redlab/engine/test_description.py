"""What the engine's JSON says, in the words of the model: by ContainerInspect as an engine 20.10 gives it."""

from __future__ import annotations

from typing import Any

import pytest

from redlab.engine import description
from redlab.engine.model import Endpoint, Health, Kind, PublishedPort, State, Volume


def connection(number: int, network: str) -> dict[str, Any]:
    return {
        "IPAMConfig": {"IPv4Address": f"10.0.{number}.41"},
        "Links": None,
        "Aliases": ["0123456789ab", "lb1"],
        "NetworkID": f"id-of-{network}",
        "IPAddress": f"10.0.{number}.41",
        "MacAddress": "02:42:0a:00:00:29",
        "DriverOpts": None,
    }


CHECKS = [
    {"ExitCode": 0, "Output": ""},
    {"ExitCode": 1, "Output": "no listener on 8082\n"},
]
SAID: dict[str, Any] = {
    "Id": "0123456789ab",
    "Name": "/redlab-ha-lb1",
    "Created": "2026-11-30T13:45:00.123456789Z",
    "Image": "sha256:4567",
    "RestartCount": 2,
    "State": {
        "Status": "running",
        "Running": True,
        "Paused": False,
        "Restarting": False,
        "Pid": 4711,
        "ExitCode": 0,
        "StartedAt": "2026-11-30T13:45:01Z",
        "FinishedAt": "0001-01-01T00:00:00Z",
        "Health": {"Status": "unhealthy", "Log": CHECKS},
    },
    "Config": {
        "Image": "redlab/load-balancer:1",
        "Labels": {"io.redundancy-lab.node": "lb1"},
        "Healthcheck": {"Test": ["CMD", "healthcheck"]},
        "Entrypoint": ["/usr/local/bin/load-balancer"],
        "Cmd": None,
        "Env": ["REDLAB_SITE=dc1"],
        "WorkingDir": "",
    },
    "HostConfig": {"NetworkMode": "id-of-site", "Memory": 67108864, "CpuShares": 1024, "PidsLimit": 512},
    # The engine lists networks by name; the container was created in the site's.
    "NetworkSettings": {
        "Networks": {"access": connection(0, "access"), "site": connection(1, "site")},
        "Ports": {"8081/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18081"}], "8404/tcp": None},
    },
    "Mounts": [{"Type": "volume", "Name": "data", "Destination": "/data"}, {"Type": "tmpfs", "Destination": "/run"}],
}


def test_a_container_is_read_once_and_whole() -> None:
    found = description.container(SAID)
    assert (found.id, found.name, found.image, found.image_name) == (
        "0123456789ab",
        "redlab-ha-lb1",
        "sha256:4567",
        "redlab/load-balancer:1",
    )
    assert found.state == State(
        "running",
        running=True,
        pid=4711,
        started_at="2026-11-30T13:45:01Z",
        finished_at="0001-01-01T00:00:00Z",
        health=Health("unhealthy", 1, "no listener on 8082\n"),
    )
    assert found.ports == (PublishedPort("127.0.0.1", 18081),)
    assert found.volumes == (Volume("data", "/data"),)
    assert (found.health_check, found.program) == (("CMD", "healthcheck"), ("/usr/local/bin/load-balancer",))
    assert (found.memory_bytes, found.cpu_shares, found.most_processes, found.restarts) == (67108864, 1024, 512, 2)
    assert found.addresses == {"access": "10.0.0.41", "site": "10.0.1.41"}
    assert found.made_at == pytest.approx(1796046300.123456, abs=1e-5)


def test_the_network_of_the_published_ports_is_the_first_connection() -> None:
    aliases = ("0123456789ab", "lb1")
    wanted = (Endpoint("site", "10.0.1.41", aliases=aliases), Endpoint("access", "10.0.0.41", aliases=aliases))
    assert description.container(SAID).endpoints == wanted


@pytest.mark.parametrize(
    ("state", "condition", "ready"),
    [
        ({}, "unhealthy", False),
        ({"Health": {"Status": "healthy"}}, "healthy", True),
        ({"Health": {"Status": "starting", "Log": None}}, "starting", False),
        ({"Health": None}, "running", True),
        ({"Paused": True, "Status": "paused", "Health": {"Status": "healthy"}}, "paused", False),
        ({"Running": False, "Status": "exited", "Health": {"Status": "healthy"}}, "stopped", False),
    ],
)
def test_health_is_judged_in_one_place(state: dict[str, Any], condition: str, ready: bool) -> None:
    found = description.container({**SAID, "State": {**SAID["State"], **state}})
    assert (found.condition, found.ready) == (condition, ready)


def test_what_an_engine_leaves_out_is_empty() -> None:
    bare = {"Id": "1", "Name": "/x", "State": {"Status": "created", "Running": False}}
    found = description.container(bare)
    assert (found.condition, found.endpoints, found.ports, found.program) == ("stopped", (), (), ())


def test_networks_and_volumes_are_things() -> None:
    network = description.network({"Id": "7", "Name": "n", "Labels": None, "Created": "2026-11-30T15:00:00.5+01:00"})
    volume = description.volume({"Name": "v", "Labels": {"a": "b"}, "CreatedAt": "2026-11-30T14:00:00Z"})
    assert (network.kind, network.id, network.labels) == (Kind.NETWORK, "7", {})
    assert (volume.kind, volume.id, volume.labels) == (Kind.VOLUME, "v", {"a": "b"})
    assert network.made_at - volume.made_at == 0.5
