"""A node's cut: what is written down of its connections, and that they are made again exactly as they were."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Self, cast

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.faults import endpoints, healing, journal, node_fault
from redlab.stack import checkout
from redlab.stack.records import record
from tests.support.unit.inventories import inventory_of

NETWORKS = {"access": "10.0.0", "dc1": "10.0.1"}


def connection(network: str, number: int) -> dict[str, Any]:
    return {
        "IPAMConfig": {"IPv4Address": f"{NETWORKS[network]}.{number}"},
        "Links": None,
        "Aliases": ["0123456789ab", "lb1"],
        "NetworkID": f"id-of-{network}",
        "MacAddress": f"02:42:0a:00:00:{number}",
        "DriverOpts": None,
    }


class Container:
    """A container as the engine keeps it, and the client's networks that it can be connected to."""

    def __init__(self, role: str = "gateway") -> None:
        self.name = self.id = "redlab-ha-lb1"
        self.labels = {"io.redundancy-lab.role": role}
        self.status = "running"
        self.done: list[str] = []
        self.refused = ""
        # The engine lists networks by name; the container was created in the access network.
        self.attrs: dict[str, Any] = {
            "State": {"Running": True, "Paused": False, "Status": "running"},
            "HostConfig": {"NetworkMode": "id-of-dc1"},
            "NetworkSettings": {"Networks": {name: connection(name, 41) for name in NETWORKS}},
        }

    def reload(self) -> None:
        """Nothing is kept elsewhere."""

    def stop(self, timeout: int) -> None:
        self.done.append(f"stop within {timeout} s")
        self.status = "exited"

    def start(self) -> None:
        self.done.append("start")
        self.status = "running"


class Client:
    """The engine's client: containers and networks are the one container and those of its connections."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.containers = self.networks = self
        self.network = ""

    def get(self, name: str) -> Any:
        if name == self.container.name:
            return self.container
        found = Client(self.container)
        found.network = name
        return found

    def disconnect(self, container: Container) -> Self:
        self.container.done.append(f"disconnect {self.network}")
        del container.attrs["NetworkSettings"]["Networks"][self.network]
        return self

    def connect(self, container: Container, **said: Any) -> None:
        import docker

        if self.network == container.refused:
            raise docker.errors.APIError("refused", explanation="Address already in use")
        self.container.done.append(f"connect {self.network}")
        # Engines since 28 choose a random MAC address at each connect, and 28.5 ignores the one that is asked for.
        made = {**connection(self.network, 0), "MacAddress": "6e:1f:00:00:00:01", "Aliases": said["aliases"]}
        made["IPAMConfig"] = {"IPv4Address": said["ipv4_address"]}
        container.attrs["NetworkSettings"]["Networks"][self.network] = made


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Container:
    made = Container()
    monkeypatch.setattr(checkout, "RUN", tmp_path)
    monkeypatch.setattr(engine, "client", lambda: Client(made))
    monkeypatch.setattr(engine, "container", lambda node: made)
    monkeypatch.setattr("subprocess.Popen", lambda *arguments, **options: None)
    return made


def cut(container: Container) -> journal.Entry:
    (fault,) = node_fault.inject("ha", "cut", [cast("Any", container_node())], 60)
    assert fault.evidence == "engine: redlab-ha-lb1 running, connected to no network"
    return fault.entry


def container_node() -> Any:
    return inventory_of("ha").node("lb1")


def test_a_cut_and_its_heal_leave_no_trace_but_another_mac_address(container: Container) -> None:
    def networks() -> dict[str, Any]:
        found = container.attrs["NetworkSettings"]["Networks"]
        return {name: {**said, "MacAddress": "any"} for name, said in found.items()}

    before = networks()
    cut(container)
    assert networks() == {}
    (entry,) = journal.entries("ha")
    healing.heal(entry)
    assert networks() == before
    assert container.done[2:] == ["connect dc1", "connect access"], "to the network of the published ports first"
    assert journal.entries("ha") == []


def test_a_journal_of_an_older_version_is_read() -> None:
    written = {**dataclasses.asdict(endpoints.Endpoint("dc1", "10.0.1.41")), "mac_address": "02:42:0a:00:01:29"}
    assert record(written, endpoints.Endpoint, "fault.json") == endpoints.Endpoint("dc1", "10.0.1.41")


def test_what_is_taken_away_is_written_down_before(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(node_fault.KINDS, "cut", dataclasses.replace(node_fault.KINDS["cut"], make=killed))
    with pytest.raises(KeyboardInterrupt):
        cut(container)
    (entry,) = journal.entries("ha")
    assert [(one.network, one.ipv4_address) for one in entry.endpoints] == [
        ("dc1", "10.0.1.41"),
        ("access", "10.0.0.41"),
    ]
    assert entry.endpoints[0].aliases == ("0123456789ab", "lb1")


def test_a_cut_that_did_not_land_has_no_evidence(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(node_fault.KINDS, "cut", dataclasses.replace(node_fault.KINDS["cut"], make=lambda _: None))
    (fault,) = node_fault.inject("ha", "cut", [container_node()], 60)
    assert fault.evidence == ""


def test_a_load_balancer_is_started_with_its_new_interfaces(container: Container) -> None:
    container.labels["io.redundancy-lab.role"] = "loadBalancer"
    healing.heal(cut(container))
    assert container.done[2:] == ["stop within 5 s", "connect dc1", "connect access", "start"]


def test_one_that_ended_without_a_network_is_started_when_it_has_one(container: Container) -> None:
    entry = cut(container)
    container.status = "restarting"
    healing.heal(entry)
    assert container.done[-1] == "start"


def test_a_heal_that_is_refused_stays_in_the_journal(container: Container) -> None:
    entry = cut(container)
    container.refused = "access"
    with pytest.raises(RedlabError, match="cannot be connected to access again: Address already in use"):
        healing.heal(entry)
    assert journal.entries("ha") == [entry]
    container.refused = ""
    healing.heal(entry)
    assert container.done[-2:] == ["connect dc1", "connect access"], "what was done already is left alone"


def test_without_a_journal_the_inventory_says_where_a_node_belongs(container: Container) -> None:
    lab = inventory_of("ha")
    wanted = endpoints.declared(lab, lab.node("lb1"))
    assert [one.network for one in wanted] == ["redlab-ha-access", "redlab-ha-site-dc1"]
    assert wanted[0].ipv4_address == lab.node("lb1").addresses["access"]
    here = tuple(endpoints.Endpoint(name, f"{NETWORKS[name]}.41") for name in NETWORKS)
    assert not endpoints.restore(cast("Any", container), here)
    del container.attrs["NetworkSettings"]["Networks"]["dc1"]
    assert endpoints.restore(cast("Any", container), here)
    assert container.done == ["connect dc1"]


def test_a_connection_with_another_address_is_made_anew(container: Container) -> None:
    wanted = (endpoints.Endpoint("dc1", "10.0.1.99"),)
    assert endpoints.restore(cast("Any", container), wanted)
    assert container.done == ["disconnect dc1", "connect dc1"]
