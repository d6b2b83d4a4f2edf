"""A certificate that has expired differs from the server's own in its time alone, and its key is another one."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509

from redlab import engine
from redlab.errors import RedlabError
from redlab.faults import expired_certificate, node_fault
from redundancy import node_certificates
from redundancy.naming import LABEL_PREFIX

ADDRESSES = ("db1", "10.0.0.7", "localhost")
AUTHORITY = node_certificates.of_databases("the secret of the stack")
OWN = node_certificates.bundle(AUTHORITY, "db1", ADDRESSES)
SERVER: Any = SimpleNamespace(name="redlab-ha-db1", labels={f"{LABEL_PREFIX}lab": "ha"})


class Inside:
    """A server: what it shows, and what was done in it."""

    def __init__(self, shown: str = OWN, said: str = "") -> None:
        self.shown, self.said, self.given = shown, said, [""]

    def execute(self, name: str, command: list[str]) -> str:
        assert name == SERVER.name
        if "openssl x509 -in" in command[2]:
            return self.shown
        if command[2:3] == [expired_certificate._PUT]:
            self.given = command[4:]
            return ""
        return self.said


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(secret=lambda key: {"redundancy:internalSecret": "the secret of the stack"}[key])
    monkeypatch.setattr(expired_certificate, "Stack", lambda name: {"ha": found}[name])


def test_the_time_alone_is_wrong_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Inside()
    monkeypatch.setattr(engine, "execute_in", inside.execute)
    expired_certificate.breaker(SERVER)(SERVER)
    pem = inside.given[0]
    put, own = (x509.load_pem_x509_certificate(one.encode()) for one in (pem, OWN))
    put.verify_directly_issued_by(x509.load_pem_x509_certificate(node_certificates.authority(AUTHORITY).encode()))
    names = x509.SubjectAlternativeName
    assert put.extensions.get_extension_for_class(names) == own.extensions.get_extension_for_class(names)
    assert put.not_valid_after_utc < datetime.now(UTC) < own.not_valid_after_utc
    assert pem.split("-----BEGIN CERT")[0] != OWN.split("-----BEGIN CERT")[0]


def test_a_server_without_one_is_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "execute_in", Inside(shown="").execute)
    with pytest.raises(RedlabError, match="redlab-ha-db1 has no certificate: sessions with it go in clear"):
        expired_certificate.breaker(SERVER)


@pytest.mark.parametrize("said", ["certificate of db1 expired at 2026-01-01 00:00:00Z", ""])
def test_the_server_says_itself_whether_it_landed(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(engine, "execute_in", Inside(said=said).execute)
    server: Any = SimpleNamespace(**vars(SERVER), reload=lambda: None, attrs={"State": {"Running": True}})
    found = node_fault.evidence("certificate-expiry", server)
    assert found == (f"engine: redlab-ha-db1: {said}" if said else "")
