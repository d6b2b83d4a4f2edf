from dataclasses import replace
from ipaddress import IPv4Interface

from redundancy.nodes.configuration import (
    Endpoint,
    LoadBalancer,
    Timers,
    haproxy_configuration,
    keepalived_configuration,
)

LB1 = LoadBalancer(
    "lb1",
    IPv4Interface("10.0.0.21/24"),
    "10.0.1.21",
    "10.0.0.100",
    "10.0.0.101",
    (Endpoint("gw1", "10.0.1.11"), Endpoint("gw2", "10.0.1.12")),
    (Endpoint("lb2", "10.0.0.22"),),
)


def block(text: str, head: str) -> list[str]:
    """Return the stripped lines of the section that starts with the line `head`."""
    lines = text.splitlines()
    start = lines.index(head) + 1
    end = next((n for n in range(start, len(lines)) if lines[n] and not lines[n].startswith(" ")), len(lines))
    return [line.strip() for line in lines[start:end] if line and not line.strip().startswith("#")]


def test_each_virtual_ip_is_bound_for_its_own_port_only() -> None:
    text = haproxy_configuration(LB1)
    binds = [line.strip() for line in text.splitlines() if line.strip().startswith("bind ")]
    assert binds == [
        "bind 10.0.0.100:8080",
        "bind 10.0.0.21:8080",
        "bind 10.0.0.101:8081",
        "bind 10.0.0.21:8081",
        "bind 10.0.1.21:8404",
    ]


def test_collectors_backend_is_sticky_and_replays_everything() -> None:
    assert block(haproxy_configuration(LB1), "backend collectors") == [
        "timeout server 600ms",
        "stick-table type ip size 100k expire 30m peers load_balancers",
        "stick on src",
        "server gw1 10.0.1.11:8080",
        "server gw2 10.0.1.12:8080",
    ]


def test_users_backend_is_sticky_replays_only_get_and_cuts_the_sessions_of_a_dead_gateway() -> None:
    assert block(haproxy_configuration(LB1), "backend users") == [
        "timeout server 1600ms",
        "http-request disable-l7-retry unless METH_GET",
        "stick-table type ip size 100k expire 30m peers load_balancers",
        "stick on src",
        "server gw1 10.0.1.11:8081 on-marked-down shutdown-sessions",
        "server gw2 10.0.1.12:8081 on-marked-down shutdown-sessions",
    ]


def test_both_load_balancers_list_the_same_peers() -> None:
    lb2 = replace(LB1, name="lb2", access=IPv4Interface("10.0.0.22/24"), peers=(Endpoint("lb1", "10.0.0.21"),))
    expected = ["peer lb1 10.0.0.21:10000", "peer lb2 10.0.0.22:10000"]
    assert block(haproxy_configuration(LB1), "peers load_balancers") == expected
    assert block(haproxy_configuration(lb2), "peers load_balancers") == expected


def test_timers_reach_the_checks() -> None:
    text = haproxy_configuration(replace(LB1, timers=Timers(check_interval_milliseconds=700, check_fall=4)))
    assert "default-server check port 8082 inter 700ms fall 4 rise 2" in text


def test_keepalived_instance() -> None:
    assert block(keepalived_configuration(replace(LB1, priority=109)), "vrrp_instance access {") == [
        "state BACKUP",
        "nopreempt",
        "interface @ACCESS_INTERFACE@",
        "virtual_router_id 51",
        "priority 109",
        "advert_int 0.2",
        "unicast_src_ip 10.0.0.21",
        "unicast_peer {",
        "10.0.0.22",
        "}",
        "virtual_ipaddress {",
        "10.0.0.100/24 dev @ACCESS_INTERFACE@",
        "10.0.0.101/24 dev @ACCESS_INTERFACE@",
        "}",
        "track_file {",
        "haproxy_answers",
        "}",
    ]


def test_a_single_load_balancer_has_no_peers() -> None:
    assert "unicast_peer" not in keepalived_configuration(replace(LB1, peers=()))
