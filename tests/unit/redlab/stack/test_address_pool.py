from collections.abc import Iterable
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from redlab.errors import RedlabError
from redlab.stack import address_pool
from redundancy.addressing import CANDIDATE_POOLS, default_pool, published_ports
from redundancy.claims import Claims, Seen

HEADING = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
DEFAULT = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
ALL_BY_VPN = (
    "tun0\t00000000\t0101080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
    "tun0\t00000080\t0101080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
)
OFFICE_BY_VPN = "tun0\t0000000A\t0101080A\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n"
BRIDGE = "br-1\t0060C80A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
EVERY_PRIVATE_ONE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def nobody(_: Iterable[int]) -> frozenset[int]:
    return frozenset()


def held(*networks: str, by: str = "Docker network other") -> list[Claims]:
    return [Claims(by, (IPv4Network(network),)) for network in networks]


def routed(tmp_path: Path, *lines: str, bridges: Iterable[str] = ()) -> list[Claims]:
    table = tmp_path / "route"
    table.write_text("".join([HEADING, *lines]))
    return address_pool.routes(table, list(bridges))


def test_a_free_default_is_chosen() -> None:
    assert address_pool.choose("ha", held("192.0.2.0/24"), nobody) == default_pool("ha")


def test_a_taken_default_is_passed_over() -> None:
    chosen = address_pool.choose("ha", held(default_pool("ha")), nobody)
    assert chosen != default_pool("ha")
    assert IPv4Network(chosen) in CANDIDATE_POOLS


@pytest.mark.parametrize("by", ["a container", "a program"])
def test_a_pool_whose_ports_are_taken_is_passed_over(by: str) -> None:
    port = published_ports(IPv4Network(default_pool("ha")))[3]
    others = [Claims("container other", ports=frozenset({port}))] if by == "a container" else []
    chosen = address_pool.choose("ha", others, lambda wanted: frozenset() if others else frozenset(wanted) & {port})
    assert chosen != default_pool("ha")
    assert port not in published_ports(IPv4Network(chosen))


def test_a_vpn_that_takes_everything_leaves_the_default_pool(tmp_path: Path) -> None:
    assert address_pool.choose("ha", routed(tmp_path, DEFAULT, ALL_BY_VPN), nobody) == default_pool("ha")


def test_a_vpn_to_an_office_leaves_a_pool_outside_of_it(tmp_path: Path) -> None:
    office = routed(tmp_path, DEFAULT, OFFICE_BY_VPN)
    assert [(one.holder, *one.networks) for one in office] == [("route of tun0", IPv4Network("10.0.0.0/8"))]
    chosen = IPv4Network(address_pool.choose("ha", office, nobody))
    assert chosen.is_private
    assert not chosen.overlaps(IPv4Network("10.0.0.0/8"))


def test_when_all_are_taken_who_is_in_the_way_is_named_with_the_way_out() -> None:
    with pytest.raises(RedlabError, match="no address pool is free") as refused:
        address_pool.choose("ha", held(*EVERY_PRIVATE_ONE, by="route of tun0"), nobody)
    said = str(refused.value)
    assert "route of tun0 (192.168.0.0/16) cover all of 10.192.0.0/12, 172.16.0.0/12 and 192.168.0.0/16" in said
    assert "`pulumi config set --stack ha redundancy:addressPool 10.201.16.0/20`" in said


def test_the_way_out_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_pool, "in_use", nobody)
    chosen = Claims("lab ha", (IPv4Network("10.201.16.0/20"),))
    address_pool.refuse(chosen, Seen((), frozenset()), routed(tmp_path, OFFICE_BY_VPN))


def test_a_chosen_pool_does_not_take_what_a_narrower_route_leads_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_pool, "in_use", nobody)
    chosen, lan = Claims("lab ha", (IPv4Network("10.200.96.0/20"),)), routed(tmp_path, BRIDGE)
    with pytest.raises(RedlabError, match=r"pool 10\.200\.96\.0/20 overlaps route of br-1 \(10\.200\.96\.0/24\)"):
        address_pool.refuse(chosen, Seen((), frozenset()), lan)
    address_pool.refuse(chosen, Seen((), frozenset()), routed(tmp_path, BRIDGE, bridges=["br-1"]))


def test_a_port_that_a_program_has_is_found_unless_the_lab_itself_publishes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(address_pool, "in_use", lambda wanted: frozenset(wanted) & {21001, 21002})
    own = Claims("lab ha", ports=frozenset({21001, 21002, 21003}))
    with pytest.raises(RedlabError, match=r"port 21002 on 127\.0\.0\.1 is taken by another program of this machine"):
        address_pool.refuse(own, Seen((), frozenset({21001})), [])


def test_routes_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    assert routed(tmp_path, DEFAULT, BRIDGE) == held("10.200.96.0/24", by="route of br-1")


def test_no_routes_where_the_kernel_shows_none(tmp_path: Path) -> None:
    assert address_pool.routes(tmp_path / "none") == []
