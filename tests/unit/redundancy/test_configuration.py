from dataclasses import replace
from ipaddress import IPv4Interface

from redundancy.nodes.configuration import (
    Endpoint,
    Interface,
    LoadBalancer,
    SiteEntry,
    Timers,
    Tls,
    WideArea,
    global_haproxy_configuration,
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


def test_users_backend_is_sticky_replays_only_get_and_cuts_the_sessions_of_a_gateway_that_collectors_find_dead() -> (
    None
):
    assert block(haproxy_configuration(LB1), "backend users") == [
        "timeout server 1600ms",
        "http-request disable-l7-retry unless METH_GET",
        "stick-table type ip size 100k expire 30m peers load_balancers",
        "stick on src",
        "server gw1 10.0.1.11:8081 no-check track collectors/gw1 on-marked-down shutdown-sessions",
        "server gw2 10.0.1.12:8081 no-check track collectors/gw2 on-marked-down shutdown-sessions",
    ]


def test_where_no_gateway_is_ready_operators_are_served_all_the_same() -> None:
    text = haproxy_configuration(LB1)
    said = "use_backend users-in-any-case if { nbsrv(users) lt 1 } { path_beg /system-health /management/ }"
    assert said in block(text, "frontend users")
    assert "server gw2 10.0.1.12:8081 no-check" in block(text, "backend users-in-any-case")
    assert "in-any-case" not in "\n".join(block(text, "frontend collectors"))


def test_users_may_be_kept_by_a_cookie_that_names_the_gateway() -> None:
    lines = block(haproxy_configuration(replace(LB1, user_persistence="cookie")), "backend users")
    assert "cookie REDLAB_GATEWAY insert indirect nocache httponly" in lines
    assert not any(line.startswith("stick") for line in lines)
    assert lines[-1].endswith("track collectors/gw2 on-marked-down shutdown-sessions cookie gw2")
    # Collectors are kept by their address in any case.
    assert "stick on src" in block(haproxy_configuration(replace(LB1, user_persistence="cookie")), "backend collectors")


def test_users_may_come_by_tls_at_the_same_addresses() -> None:
    text = haproxy_configuration(replace(LB1, user_certificate="/secret.pem"))
    secured = "ssl crt /secret.pem ssl-min-ver TLSv1.2 alpn h2,http/1.1"
    assert block(text, "frontend users")[:4] == [
        "bind 10.0.0.101:8081",
        "bind 10.0.0.21:8081",
        f"bind 10.0.0.101:8443 {secured}",
        f"bind 10.0.0.21:8443 {secured}",
    ]
    assert "ssl" not in "".join(block(text, "frontend collectors"))
    assert "ssl" not in haproxy_configuration(LB1)


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


def test_a_site_says_whether_it_can_serve_anybody() -> None:
    for service in ("collectors", "users"):
        lines = block(haproxy_configuration(LB1), f"frontend {service}")
        assert "monitor-uri /site-health" in lines
        assert f"monitor fail if {{ nbsrv({service}) lt 1 }}" in lines


def test_only_the_global_load_balancer_may_name_the_client() -> None:
    alone = haproxy_configuration(LB1)
    behind = haproxy_configuration(replace(LB1, global_load_balancer_address="10.0.0.5"))
    rule = "http-request set-src hdr_ip(x-forwarded-for) if { src 10.0.0.5 }"
    assert "set-src" not in alone
    for service in ("collectors", "users"):
        lines = block(behind, f"frontend {service}")
        # What the client itself says is dropped, after the one that is believed has been read.
        assert lines.index(rule) < lines.index("http-request del-header X-Forwarded-For")


SITES = (SiteEntry("dc1", "10.0.0.10", "10.0.0.11"), SiteEntry("dc2", "10.0.0.12", "10.0.0.13"))


def test_by_hand_a_site_has_no_substitute() -> None:
    text = global_haproxy_configuration("glb1", SITES)
    assert block(text, "backend collectors-dc1") == ["timeout server 900ms", "server dc1 10.0.0.10:8080"]
    assert block(text, "backend users-dc2") == [
        "timeout server 1900ms",
        "http-request disable-l7-retry unless METH_GET",
        "server dc2 10.0.0.13:8081",
    ]


def test_by_itself_the_other_site_is_the_backup() -> None:
    assert block(global_haproxy_configuration("glb1", SITES), "backend collectors-dc2-preferred") == [
        "timeout server 900ms",
        "server dc1 10.0.0.10:8080 no-check track collectors-dc1/dc1 backup",
        "server dc2 10.0.0.12:8080 no-check track collectors-dc2/dc2",
    ]


def test_the_map_chooses_the_site_and_nothing_else_does() -> None:
    text = global_haproxy_configuration("glb1", SITES)
    assert [line.strip() for line in text.splitlines() if "use_backend" in line or "default_backend" in line] == [
        f"use_backend {service}-%[str(site),map(/run/haproxy/route.map)]" for service in ("collectors", "users")
    ]


def test_the_sites_are_checked_at_the_service_itself() -> None:
    text = global_haproxy_configuration("glb1", SITES, Timers(check_interval_milliseconds=500, check_fall=3))
    assert "default-server check inter 500ms fall 3 rise 2" in text
    assert "http-check send meth GET uri /site-health ver HTTP/1.1 hdr Host glb1" in text


INTERFACE = Interface("serviceManager", 8110, ("10.0.0.5", "10.0.3.5"), Endpoint("central-sm1", "10.0.3.81"), "/readyz")
WIDE_AREA = WideArea((INTERFACE,), ("10.0.0.5",), (("10.0.0.128/25", "dc2"), ("10.0.0.55/32", "dc1")), "dc1")


def test_a_wide_area_load_balancer_has_users_alone_and_every_interface_at_its_addresses() -> None:
    text = global_haproxy_configuration("glb1", SITES, wide_area=WIDE_AREA)
    assert "collectors" not in text.replace("collectors and users to one site", "")
    assert block(text, "frontend users")[0] == "bind 10.0.0.5:8081"
    assert block(text, "frontend serviceManager")[:2] == ["bind 10.0.0.5:8110", "bind 10.0.3.5:8110"]
    assert block(text, "backend serviceManager")[-1] == "server central-sm1 10.0.3.81:8110"


def test_nearest_is_the_site_of_the_most_specific_network_and_the_other_one_while_that_is_down() -> None:
    text = global_haproxy_configuration("glb1", SITES, wide_area=WIDE_AREA)
    lines = block(text, "frontend users")
    chosen = [
        line.removeprefix("http-request set-var(txn.nearest) ") for line in lines if "set-var(txn.nearest)" in line
    ]
    assert chosen == ["str(dc1)", "str(dc2) if { src 10.0.0.128/25 }", "str(dc1) if { src 10.0.0.55/32 }"]
    route = "str(site),map(/run/haproxy/route.map)"
    assert lines[-2:] == [
        f"use_backend users-%[var(txn.nearest)]-preferred if {{ {route} -m str nearest }}",
        f"use_backend users-%[{route}]",
    ]
    assert block(text, "backend users-dc2-preferred")[2:] == [
        "server dc1 10.0.0.11:8081 no-check track users-dc1/dc1 backup on-marked-down shutdown-sessions",
        "server dc2 10.0.0.13:8081 no-check track users-dc2/dc2 on-marked-down shutdown-sessions",
    ]


def test_spread_is_by_the_address_of_the_client() -> None:
    text = global_haproxy_configuration("glb1", SITES, wide_area=WIDE_AREA)
    assert block(text, "backend users-spread") == [
        "balance source",
        "hash-type consistent",
        "timeout server 1900ms",
        "http-request disable-l7-retry unless METH_GET",
        "server dc1 10.0.0.11:8081 no-check track users-dc1/dc1 on-marked-down shutdown-sessions",
        "server dc2 10.0.0.13:8081 no-check track users-dc2/dc2 on-marked-down shutdown-sessions",
    ]


def test_without_twin_instances_every_client_goes_to_the_active_site() -> None:
    text = global_haproxy_configuration("glb1", SITES)
    assert "nearest" not in text
    assert "spread" not in text.replace("spread-checks", "")
    assert block(text, "frontend users")[0] == "bind :8081"


TLS = Tls("/own.pem", "/authority.pem")
_BIND = "ssl crt /own.pem ssl-min-ver TLSv1.2"


def _server(name: str) -> str:
    return f"ssl verify required ca-file /authority.pem verifyhost {name} no-ssl-reuse"


def test_with_tls_every_port_takes_nothing_else_and_every_server_has_to_prove_its_name() -> None:
    local = haproxy_configuration(replace(LB1, tls=TLS))
    wide = global_haproxy_configuration("glb1", SITES, wide_area=WIDE_AREA, tls=TLS)
    before = global_haproxy_configuration("glb1", SITES, tls=TLS)
    for text in (local, wide, before):
        lines = [line.strip() for line in text.splitlines()]
        binds = [line for line in lines if line.startswith("bind ")]
        servers = [line for line in lines if line.startswith("server ")]
        assert binds
        assert servers
        assert all(line.endswith(_BIND) for line in binds)
        assert all(_server(line.split()[1]) in line for line in servers)
    # HAProxy asks a port of its own for health, where it would else speak in clear.
    assert "default-server check port 8082 check-ssl inter" in local
    assert "default-server check check-ssl inter" in before


def test_with_tls_nothing_else_is_different_but_the_kept_connections_and_the_bound() -> None:
    def without(text: str, *names: str) -> str:
        for name in names:
            text = text.replace(f" {_server(name)}", "")
        kept = "    # A connection to a server costs a handshake: one that is idle serves the next client, too.\n"
        return text.replace(f" {_BIND}", "").replace(" check-ssl", "").replace(f"{kept}    http-reuse aggressive\n", "")

    bound = ("maxconn 365", "maxconn 512"), ("sc0_conn_cur gt 273", "sc0_conn_cur gt 384")
    for clear, tls in (
        (haproxy_configuration(LB1), haproxy_configuration(replace(LB1, tls=TLS))),
        (
            global_haproxy_configuration("glb1", SITES, wide_area=WIDE_AREA),
            global_haproxy_configuration("glb1", SITES, wide_area=WIDE_AREA, tls=TLS),
        ),
    ):
        found = without(tls, "gw1", "gw2", "dc1", "dc2", "central-sm1")
        for encrypted, usual in bound:
            assert encrypted in found
            found = found.replace(encrypted, usual)
        assert found == clear
