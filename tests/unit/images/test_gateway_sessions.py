"""Logins to System Health: every gateway verifies sessions, none can be forged, and wrong passwords are limited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redlab_gateway.sessions import (
    SESSION_SECONDS,
    Sessions,
    digest,
)
from redlab_node.attempts import FAILURES, FAILURES_OF_ALL, WINDOW_SECONDS, Attempts


def test_a_session_is_known_to_every_gateway_until_it_is_over() -> None:
    session = Sessions("token").give(1000)
    other_gateway = Sessions("token")
    assert other_gateway.valid(session, 1000)
    assert other_gateway.valid(session, 1000 + SESSION_SECONDS - 1)
    assert not other_gateway.valid(session, 1000 + SESSION_SECONDS)


def test_an_expired_session_was_issued_and_is_no_guess() -> None:
    session = Sessions("token").give(1000)
    assert Sessions("token").given(session)
    assert not Sessions("other").given(session)
    assert not Sessions("token").given("")


def test_the_digest_of_a_session_is_no_session() -> None:
    session = Sessions("token").give(1000)
    assert digest(session) == digest(session) != digest(f"{session}0")
    assert not Sessions("token").given(digest(session))
    assert len(digest("\udcff")) == 64


def test_a_session_of_another_token_is_none() -> None:
    assert not Sessions("token").valid(Sessions("other").give(1000), 1000)


def test_no_two_sessions_are_the_same() -> None:
    sessions = Sessions("token")
    assert sessions.give(1000) != sessions.give(1000)


def test_a_session_whose_end_was_changed_is_forged() -> None:
    sessions = Sessions("token")
    end, rest = sessions.give(1000).split(".", 1)
    assert not sessions.valid(f"{int(end) + 1}.{rest}", 1000)


@given(st.text())
def test_text_that_was_never_issued_is_no_session(text: str) -> None:
    assert not Sessions("token").valid(text, 0)


@given(st.text())
def test_only_the_password_is_known(text: str) -> None:
    assert Sessions("token").knows(text) == (text == "token")


def test_a_client_that_failed_too_often_waits_and_others_do_not() -> None:
    attempts = Attempts()
    for number in range(FAILURES):
        assert attempts.wait_seconds("10.0.0.1", number) == 0
        attempts.failed("10.0.0.1", number)
    assert attempts.wait_seconds("10.0.0.1", FAILURES) == pytest.approx(WINDOW_SECONDS - FAILURES)
    assert attempts.wait_seconds("10.0.0.2", FAILURES) == 0
    assert attempts.wait_seconds("10.0.0.1", WINDOW_SECONDS) == 0


def test_many_clients_together_wait_too() -> None:
    attempts = Attempts()
    for number in range(FAILURES_OF_ALL):
        attempts.failed(f"10.0.0.{number}", 0)
    assert attempts.wait_seconds("10.0.1.1", 1) == WINDOW_SECONDS - 1
