"""What is said of the certificates of servers: by name where one has expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redlab import engine
from redlab.errors import RedlabError
from redlab.probes import certificates
from tests.support.unit.inventories import inventory_of, inventory_of_text

if TYPE_CHECKING:
    import pytest

    from redlab.model.inventory import Node

ENDS = {"dc1-db1": "2024-05-01 12:00:00Z", "dc2-db1": "2099-05-01 12:00:00Z"}


def test_who_has_one_and_whose_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(node: Node, command: list[str]) -> str:
        assert command == ["database-tls", "until"]
        if node.name not in ENDS:
            raise RedlabError("stopped")
        return f"{ENDS[node.name]}\n"

    monkeypatch.setattr(engine, "execute", execute)
    inventory = inventory_of("business-continuity")
    found = certificates.served(inventory)
    assert {one.node: one.expired for one in found} == {"dc1-db1": True, "dc2-db1": False}
    assert certificates.expired(inventory) == {"dc1-db1": "certificate of dc1-db1 expired at 2024-05-01T12:00:00+00:00"}
    assert certificates.said(found) == [
        "certificate of dc1-db1 expired at 2024-05-01T12:00:00+00:00",
        "sessions with databases: by TLS, names checked; certificates valid until 2099-05-01",
    ]


def test_where_there_is_none_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "execute", lambda *_: "\n")
    assert certificates.served(inventory_of("ha")) == []
    assert certificates.said([]) == []


def test_http_servers_say_so_where_http_goes_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = inventory_of_text("pattern: HighAvailability\nsites: {dc1: {}}\nencryption: {http: true}\n")

    def execute(node: Node, command: list[str]) -> str:
        assert command == ["database-tls" if node.role == "database" else "http-certificate", "until"]
        return f"{'2024' if node.name == 'gw2' else '2099'}-05-01T12:00:00+00:00\n"

    monkeypatch.setattr(engine, "execute", execute)
    found = certificates.served(inventory)
    assert sorted(one.node for one in found) == ["db1", "dps1", "dps2", "gw1", "gw2", "lb1", "lb2"]
    assert certificates.said(found) == [
        "certificate of gw2 expired at 2024-05-01T12:00:00+00:00",
        "sessions with databases: by TLS, names checked; certificates valid until 2099-05-01",
        "HTTP: by TLS, names checked; certificates valid until 2099-05-01",
    ]
