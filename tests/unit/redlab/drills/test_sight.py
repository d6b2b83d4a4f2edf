"""What a drill sees of a running lab when it aims; nobody who does something just now is an error, not a guess."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redlab.control import global_load_balancer
from redlab.drills import sight, targets
from redlab.drills.sight import LabSight
from redlab.errors import RedlabError
from redlab.probes import database, virtual_ip
from tests.support.unit.inventories import inventory_of
from tests.support.unit.samples import operation


def seen(stack: str, served: str = "", server: str = "dps1") -> LabSight:
    """What is seen while users are served by the gateways of these numbers, one after the other."""
    recent = [replace(operation(n, float(n)), node=f"gw{gateway}") for n, gateway in enumerate(served)]
    return LabSight(inventory_of(stack), "", recent, server)


def test_the_gateway_that_served_most_users_is_hit() -> None:
    assert targets.SERVING_GATEWAY.find(seen("ha", "1222")).name == "gw2"
    assert targets.SERVING_GATEWAY.find(seen("ha", "1121")).name == "gw1"


def test_of_two_servers_one_has_the_services_and_the_other_is_idle() -> None:
    assert targets.ACTIVE_DPS.find(seen("ha", server="dps2")).name == "dps2"
    assert targets.IDLE_DPS.find(seen("ha", server="dps2")).name == "dps1"


def test_without_services_nothing_has_them() -> None:
    with pytest.raises(RedlabError, match="no node ''"):
        targets.ACTIVE_DPS.find(seen("ha", server=""))


def test_clients_are_where_the_global_load_balancer_sends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(global_load_balancer, "active_site", lambda _: "dc2")
    assert targets.ACTIVE_SITE.find(seen("distributed-ha")).site == "dc2"
    assert targets.OUTWARD_LINK.find(seen("distributed-ha")).name == "dc1-dc2 from dc2"
    assert seen("ha").site() == "dc1", "one site needs no global load balancer"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (targets.VIRTUAL_IP_HOLDER, "no load balancer holds the virtual IPs"),
        (targets.DATABASE_PRIMARY, "no database accepts writes"),
        (targets.DATABASE_STANDBY, "there is no synchronous standby"),
    ],
)
def test_who_is_not_there_is_not_guessed(monkeypatch: pytest.MonkeyPatch, target: targets.Target, message: str) -> None:
    monkeypatch.setattr(sight, "FIND_SECONDS", 0.01)
    monkeypatch.setattr(virtual_ip, "holder", lambda *_: None)
    monkeypatch.setattr(database, "primary", lambda _: None)
    monkeypatch.setattr(database, "synchronous_standby", lambda _: None)
    monkeypatch.setattr(global_load_balancer, "active_site", lambda _: "dc1")
    with pytest.raises(RedlabError, match=message):
        target.find(seen("distributed-ha"))
