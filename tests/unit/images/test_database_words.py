"""The explanation of an unavailable database: the password, the certificate, or missing TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.unit.without_psycopg import OperationalError, load

if TYPE_CHECKING:
    from types import ModuleType

NO_PASSWORD = "the database does not accept this node's password"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load(monkeypatch, "redlab_node.database")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('FATAL:  password authentication failed for user "redlab"', NO_PASSWORD),
        ("SSL error: certificate verify failed", "the database's certificate is not accepted: it has expired, or"),
        ('server certificate for "db1" does not match host name "db9"', "the database's certificate is not accepted"),
        (
            "server does not support SSL, but SSL was required",
            "the database does not speak TLS, which this lab demands",
        ),
        ("connection refused", "the database does not answer"),
    ],
)
def test_errors_of_libpq_are_explained_to_users(database: ModuleType, said: str, told: str) -> None:
    assert database.failure(OperationalError(said)).startswith(told)
