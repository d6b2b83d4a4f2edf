"""The router's pure parts: its settings, its firewall rules as text, and the release of a packet."""

import json
from typing import Any

import pytest
from redlab_router import rules
from redlab_router.holding import due_at
from redlab_router.settings import Settings, SettingsError, Shape, parse

SITES = {"dc1": "10.0.1.0/24", "dc2": "10.0.2.0/24", "witness": "10.0.3.0/24"}
LINK: dict[str, Any] = {"name": "dc1-dc2", "sites": ["dc1", "dc2"], "roundTripMilliseconds": 2}


def settings(*links: dict[str, Any]) -> Settings:
    return parse({"REDLAB_SITES": json.dumps(SITES), "REDLAB_LINKS": json.dumps(links or [LINK])})


def test_a_link_has_two_directions_with_devices_of_their_own() -> None:
    found = settings().directions
    assert [(way.source, way.target, way.device, way.table) for way in found] == [
        ("dc1", "dc2", "wan0", 100),
        ("dc2", "dc1", "wan1", 101),
    ]


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({**LINK, "sites": ["dc1", "dc9"]}, "no such site: dc9"),
        ({**LINK, "lossPercent": 101}, "lossPercent: found 101; allowed: 0 to 100"),
        ({**LINK, "roundTripMilliseconds": -1}, "roundTripMilliseconds: found -1; allowed: 0 to 2000"),
        ({"name": "dc1-dc2"}, "REDLAB_SITES, REDLAB_LINKS"),
    ],
)
def test_bad_links_are_named(link: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings(link)


def test_an_unknown_value_is_named_with_the_existing_ones() -> None:
    with pytest.raises(SettingsError, match=r"colour: unknown; allowed: roundTripMilliseconds, jitterMilliseconds, "):
        Shape().changed({"colour": 1})


def test_a_link_without_delay_or_limit_is_not_held() -> None:
    assert not Shape().delayed
    assert not Shape().changed({"lossPercent": 5}).delayed
    assert Shape().changed({"bandwidthMegabitsPerSecond": 100}).delayed


def test_only_linked_sites_pass_and_cuts_come_first() -> None:
    made = settings()
    text = rules.ruleset(made, made.declared, netem=False).splitlines()
    forward = [line.strip() for line in text[text.index("  chain forward {") : text.index("  chain wan0 {")]]
    assert forward == [
        "chain forward {",
        "type filter hook forward priority 0; policy drop;",
        "ip saddr . ip daddr @cuts counter drop",
        'oifname "wan*" accept',
        "ip saddr 10.0.1.0/24 ip daddr 10.0.2.0/24 goto wan0",
        "ip saddr 10.0.2.0/24 ip daddr 10.0.1.0/24 goto wan1",
        "reject with icmp type net-unreachable",
        "}",
    ]


def first_rules(shape: Shape, *, netem: bool = False) -> list[str]:
    passing = [rule.strip() for rule in rules.passing(settings(), settings().directions[0], shape, netem=netem)]
    assert passing[-1] == "counter name wan0_other accept"
    return [rule for rule in passing if "counter" not in rule]


def test_database_traffic_is_recognised_by_its_ports() -> None:
    environment = {"REDLAB_SITES": json.dumps(SITES), "REDLAB_LINKS": json.dumps([LINK])}
    for given, ports in (({}, "5432, 8008"), ({"REDLAB_DATABASE_PORTS": "[5432, 5433]"}, "5432, 5433, 8008")):
        made = parse({**environment, **given})
        assert f"tcp dport {{ {ports} }} counter name wan0_database accept" in rules.ruleset(
            made, made.declared, netem=False
        )
    with pytest.raises(SettingsError, match="REDLAB_DATABASE_PORTS"):
        parse({**environment, "REDLAB_DATABASE_PORTS": "5432"})


def test_the_loss_rule_comes_before_the_accepting_rules() -> None:
    assert first_rules(Shape()) == []
    assert first_rules(Shape().changed({"lossPercent": 2.5})) == ["numgen random mod 100000 < 2500 drop"]
    assert first_rules(Shape().changed({"lossPercent": 100})) == ["drop"]


def test_held_packets_pass_only_out_of_their_device() -> None:
    lossy, slow = Shape().changed({"lossPercent": 1}), Shape().changed({"roundTripMilliseconds": 2})
    assert first_rules(slow) == first_rules(lossy, netem=True) == ['iifname != "wan0" drop']


def test_a_cut_ends_by_itself_and_may_be_made_again() -> None:
    made = settings()
    assert rules.cut(made, [made.directions[1]], 2.5).splitlines() == [
        "add element inet redlab cuts { 10.0.2.0/24 . 10.0.1.0/24 timeout 2500ms }",
        "delete element inet redlab cuts { 10.0.2.0/24 . 10.0.1.0/24 }",
        "add element inet redlab cuts { 10.0.2.0/24 . 10.0.1.0/24 timeout 2500ms }",
    ]


def test_no_packet_overtakes_another() -> None:
    first = due_at(10.0, 0.0, delay_seconds=0.05, jitter_seconds=0.0)
    assert 10.049 < first <= 10.05
    # The delay became shorter while the first packet was held.
    assert due_at(10.01, first, delay_seconds=0.0, jitter_seconds=0.0) == first
    assert all(10.05 <= due_at(10.0, 0.0, 0.051, 0.02) <= 10.072 for _ in range(100))
