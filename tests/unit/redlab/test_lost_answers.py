"""What the engine loses of a command's answer is asked for again; nothing is made of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redlab import engine
from redlab.errors import RedlabError
from redlab.inventory import Node
from redlab.probes import stored_events
from redlab.probes.database import query, query_json

SERVER = Node("db1", "database", "dc1", "redlab-ha-db1", {})


def answering(monkeypatch: pytest.MonkeyPatch, *said: str) -> Iterator[str]:
    answers = iter(said)
    monkeypatch.setattr(engine, "execute", lambda *_: next(answers))
    return answers


def test_an_answer_that_got_lost_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    left = answering(monkeypatch, "", "[{", '[{"a": 1}]\n\x04', "not asked for")
    assert query_json(SERVER, "management", "SELECT") == [{"a": 1}]
    assert list(left) == ["not asked for"]


def test_an_empty_answer_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    left = answering(monkeypatch, "\x04", "not asked for")
    assert query(SERVER, "event", "SELECT") == ""
    assert list(left) == ["not asked for"]


def test_rows_and_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, '"a,b",1\nc,2\n\x04', "", "\x04")
    assert stored_events.query(SERVER, "SELECT") == [["a,b", "1"], ["c", "2"]]
    assert stored_events.query(SERVER, "SELECT") == []


def test_one_that_is_lost_every_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    left = answering(monkeypatch, "", "", "", "not asked for")
    with pytest.raises(RedlabError, match="redlab-ha-db1: what psql said got lost on its way 3 times"):
        query_json(SERVER, "management", "SELECT")
    assert list(left) == ["not asked for"]
