"""Who has what a lab needs: by the engine's own lists, and within one program."""

from __future__ import annotations

import socket
from ipaddress import IPv4Network
from typing import Any

import pulumi
import pytest

from redundancy import claims, loading, ports
from redundancy.addressing import CANDIDATE_POOLS, PORT_BLOCKS, AddressPlan, published_ports
from redundancy.claims import Claims
from redundancy.inventory import inventory
from redundancy.naming import Names
from redundancy.sites import taken

OTHER_LAB = {"io.redundancy-lab.lab": "dr", "io.redundancy-lab.owner": "me"}
OWN = {"io.redundancy-lab.lab": "ha", "io.redundancy-lab.owner": "me"}
# As engine 20.10 answers GET /networks and GET /containers/json, shortened.
NETWORKS: list[dict[str, Any]] = [
    {"Name": "host", "Labels": {}, "IPAM": {"Config": None}},
    {"Name": "bridge", "Labels": {}, "IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}]}},
    {"Name": "six", "Labels": None, "IPAM": {"Config": [{"Subnet": "fd00::/64"}, {"Gateway": "10.1.0.1"}]}},
    {"Name": "redlab-dr-access", "Labels": OTHER_LAB, "IPAM": {"Config": [{"Subnet": "10.200.96.0/24"}]}},
    {"Name": "redlab-ha-access", "Labels": OWN, "IPAM": {"Config": [{"Subnet": "10.201.16.0/24"}]}},
]
CONTAINERS: list[dict[str, Any]] = [
    {"Names": ["/web"], "Labels": {}, "Ports": [{"PrivatePort": 80, "PublicPort": 21001}]},
    {"Names": ["/redlab-dr-lb1"], "Labels": OTHER_LAB, "Ports": [{"PrivatePort": 8080}]},
    {
        "Names": ["/redlab-ha-lb1"],
        "Labels": OWN,
        "Ports": [{"PrivatePort": 80, "PublicPort": 22000}],
    },
]


def lab(name: str, pool: str, pattern: str = "HighAvailability", sites: str = "{dc1: {}}") -> Claims:
    source = loading.parse(f"pattern: {pattern}\nsites: {sites}\naddressPool: {pool}\n", "x.yaml")
    topology = loading.load(source, name)
    plan = AddressPlan(topology)
    return claims.of_lab(inventory(topology, Names(name, pattern, "me"), plan), plan.pool)


def refusals(own: Claims) -> list[str]:
    seen = claims.of_engine(NETWORKS, CONTAINERS, "ha", "me")
    return [message.partition(";")[0] for message in claims.conflicts(own, seen.others)]


def test_a_labs_own_things_are_in_nobodys_way() -> None:
    seen = claims.of_engine(NETWORKS, CONTAINERS, "ha", "me")
    assert seen.own_ports == {22000}
    assert refusals(lab("ha", "10.201.16.0/20")) == []


def test_the_same_lab_of_another_owner_is_somebody_else() -> None:
    seen = claims.of_engine(NETWORKS, CONTAINERS, "ha", "another")
    said = list(claims.conflicts(lab("ha", "10.201.16.0/20"), seen.others))
    assert "overlaps Docker network redlab-ha-access of lab ha (10.201.16.0/24)" in said[0]


@pytest.mark.parametrize(
    ("pool", "said"),
    [
        ("172.17.16.0/20", "lab ha: address pool 172.17.16.0/20 overlaps Docker network bridge (172.17.0.0/16)"),
        (
            "10.200.96.0/20",
            "lab ha: address pool 10.200.96.0/20 overlaps Docker network redlab-dr-access of lab dr (10.200.96.0/24)",
        ),
        (
            str(CANDIDATE_POOLS[0]),
            "lab ha: port 21001 on 127.0.0.1 is taken by container web",
        ),
    ],
)
def test_who_has_it_already_is_named(pool: str, said: str) -> None:
    assert said in [message.partition("; the ports")[0] for message in refusals(lab("ha", pool))]


def test_the_way_out_is_named() -> None:
    (said,) = claims.conflicts(lab("a", "10.192.0.0/20"), [lab("b", "10.192.0.0/20")])
    assert said.endswith(
        "overlaps lab b (10.192.0.0/20); choose another address pool: `pulumi config set redundancy:addressPool`, "
        "`addressPool` of the topology file, or `address_pool` of the component"
    )


def test_two_labs_may_be_called_so_that_their_containers_are_called_alike() -> None:
    one = lab("dr", "10.192.0.0/20", "DisasterRecovery", "{dc1: {}, dc2: {}}")
    (said,) = claims.conflicts(lab("dr-dc1", "10.193.0.0/20"), [one])
    assert said == (
        "lab dr-dc1: container redlab-dr-dc1-db1 is there already, of lab dr; choose another name for the lab"
    )


def test_no_two_candidate_pools_share_a_port() -> None:
    every = [port for pool in CANDIDATE_POOLS for port in published_ports(pool)]
    assert len(set(every)) == len(every)
    assert 21000 <= min(every) <= max(every) < 32768


@pytest.mark.parametrize("pool", ["10.0.0.0/20", "172.16.0.0/20", "192.168.240.0/20", "10.191.240.0/20"])
def test_no_pool_shares_a_port_with_one_that_is_given_by_default(pool: str) -> None:
    given = {port for each in CANDIDATE_POOLS[:256] for port in published_ports(each)}
    found = published_ports(IPv4Network(pool))
    assert not given & set(found)
    assert max(found) < 21000 + PORT_BLOCKS * 16 <= 32768


def test_a_port_that_somebody_listens_on_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert ports.in_use([port]) == {port}
    assert ports.in_use([port]) == frozenset()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    labs: dict[str, Claims] = {}
    monkeypatch.setattr(taken, "_labs_of_this_run", lambda: labs)
    monkeypatch.setattr(taken, "connect", lambda: None)


def described(name: str) -> dict[str, Any]:
    topology = loading.load(loading.parse("pattern: HighAvailability\nsites: {dc1: {}}\n", "x"), name, "10.192.0.0/20")
    return inventory(topology, Names(name, "HighAvailability", ""), AddressPlan(topology))


@pytest.mark.usefixtures("program")
def test_two_components_of_one_program_do_not_share_a_pool() -> None:
    pool = IPv4Network("10.192.0.0/20")
    taken.refuse(described("one"), pool, "", None)
    taken.refuse(described("one"), pool, "", None)
    with pytest.raises(pulumi.RunError, match=r"lab other: address pool 10\.192\.0\.0/20 overlaps lab one"):
        taken.refuse(described("other"), pool, "", None)


@pytest.mark.usefixtures("program")
def test_a_component_finds_what_the_engine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    class Engine:
        base_url = "http+docker://localhost"

        def networks(self) -> list[dict[str, Any]]:
            return [*NETWORKS, {"Name": "there", "IPAM": {"Config": [{"Subnet": "10.192.1.0/24"}]}}]

        def containers(self, *, all: bool, filters: object = None) -> list[dict[str, Any]]:  # noqa: A002
            return [{"Id": "1"}] if filters else CONTAINERS

        def volumes(self, filters: object) -> dict[str, Any]:
            return {"Volumes": None}

        def inspect_container(self, _: str) -> dict[str, Any]:
            labels = {f"io.redundancy-lab.{key}": value for key, value in kept_by.items()}
            return {"Config": {"Labels": labels, "Env": ["PATH=/bin"]}}

    kept_by = {"node": "db1", "role": "database", "pattern": "HighAvailability"}
    monkeypatch.setattr(taken, "connect", Engine)
    with pytest.raises(pulumi.RunError, match=r"overlaps Docker network there \(10\.192\.1\.0/24\)"):
        taken.refuse(described("x"), IPv4Network("10.192.0.0/20"), "", None)
    kept_by["pattern"] = "DisasterRecovery"
    with pytest.raises(pulumi.RunError, match="lab x is there as DisasterRecovery, and is to be HighAvailability"):
        taken.refuse(described("x"), IPv4Network("10.192.0.0/20"), "", None)
    elsewhere = pulumi.ResourceOptions(providers=[])
    monkeypatch.setattr(pulumi.Config, "get", lambda self, key: "ssh://elsewhere" if key == "host" else None)
    taken.refuse(described("x"), IPv4Network("10.192.0.0/20"), "", elsewhere)
