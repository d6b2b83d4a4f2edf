from ipaddress import IPv4Network
from pathlib import Path

import pytest

from redlab import pool
from redlab.errors import RedlabError
from redundancy.addressing import CANDIDATE_POOLS, default_pool


def test_a_free_default_is_chosen() -> None:
    assert pool.choose("ha", [("eth0", IPv4Network("192.0.2.0/24"))]) == default_pool("ha")


def test_a_taken_default_is_passed_over() -> None:
    chosen = pool.choose("ha", [("Docker network other", IPv4Network(default_pool("ha")))])
    assert chosen != default_pool("ha")
    assert IPv4Network(chosen) in CANDIDATE_POOLS


def test_when_all_are_taken_the_network_in_the_way_is_named() -> None:
    with pytest.raises(RedlabError, match=r"route of tun0 \(10\.0\.0\.0/8\)"):
        pool.choose("ha", [("route of tun0", IPv4Network("10.0.0.0/8"))])


def test_an_overlap_names_the_network_in_the_way() -> None:
    used = [("Docker network other", IPv4Network("10.200.97.0/24"))]
    with pytest.raises(RedlabError, match=r"10\.200\.96\.0/20 overlaps Docker network other"):
        pool.check_free("10.200.96.0/20", [], used)


def test_the_labs_own_networks_are_not_in_the_way() -> None:
    used = [("Docker network redlab-ha-dc1", IPv4Network("10.200.97.0/24"))]
    pool.check_free("10.200.96.0/20", ["Docker network redlab-ha-dc1"], used)


def test_routes_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "br-1\t0060C80A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    )
    assert pool.routes(table) == [("route of br-1", IPv4Network("10.200.96.0/24"))]


def test_no_routes_where_the_kernel_shows_none(tmp_path: Path) -> None:
    assert pool.routes(tmp_path / "none") == []
