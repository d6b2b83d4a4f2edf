"""Which member of the configuration store leads, by what each says of itself."""

from __future__ import annotations

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.model.inventory import Node
from redlab.probes.database import store_leader
from tests.support.unit.inventories import inventory_of


@pytest.mark.parametrize(("leading", "found"), [("dc2-etcd1", "dc2-etcd1"), ("", None)])
def test_members_that_are_stopped_or_know_no_leader_are_passed_over(
    monkeypatch: pytest.MonkeyPatch, leading: str, found: str | None
) -> None:
    def asked(store: Node, _: list[str]) -> list[object]:
        if store.name == "witness-etcd1":
            raise RedlabError("is not running")
        # etcd leaves out what is zero: who is cut off names no leader.
        known = {"leader": 2} if store.name == leading else {}
        return [{"Status": {"header": {"member_id": 2}, **known}}]

    monkeypatch.setattr(engine, "read_json", asked)
    leader = store_leader(inventory_of("distributed-ha"))
    assert (leader.name if leader else None) == found
