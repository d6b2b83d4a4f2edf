"""Rows of a query, read from what psql writes of them."""

from __future__ import annotations

import pytest

from redlab import engine
from redlab.model.inventory import Node
from redlab.probes import stored_events

SERVER = Node("db1", "database", "dc1", "redlab-ha-db1", {})


@pytest.mark.parametrize(("said", "rows"), [('"a,b",1\nc,2\n', [["a,b", "1"], ["c", "2"]]), ("", [])])
def test_rows_and_no_rows(monkeypatch: pytest.MonkeyPatch, said: str, rows: list[list[str]]) -> None:
    monkeypatch.setattr(engine, "execute", lambda *_: said)
    assert stored_events.query(SERVER, "SELECT") == rows
