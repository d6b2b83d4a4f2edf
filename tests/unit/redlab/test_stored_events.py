"""A query without rows is told from an answer that got lost."""

from __future__ import annotations

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Node
from redlab.probes.stored_events import query

SERVER = Node("db1", "database", "dc1", "redlab-ha-db1", {})


def answering(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(engine, "execute", lambda *_: said)


def test_rows_come_without_their_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 'collector,seq\n"a,b",1\nc,2\n')
    assert query(SERVER, "SELECT") == [["a,b", "1"], ["c", "2"]]
    answering(monkeypatch, "?column?\n")
    assert query(SERVER, "SELECT") == []


def test_a_lost_answer_is_not_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "")
    with pytest.raises(RedlabError, match="db1: the answer to a query got lost on its way"):
        query(SERVER, "SELECT")
