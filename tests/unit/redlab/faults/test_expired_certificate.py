"""A certificate that has expired differs from the server's own in its time alone, and its key is another one."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from cryptography import x509

from redlab.errors import RedlabError
from redlab.faults import expired_certificate, node_fault
from redundancy import node_certificates
from redundancy.naming import LABEL_PREFIX
from tests.support.fake_engine import FakeEngine, running
from tests.support.unit.inventories import inventory_of

ADDRESSES = ("db1", "10.0.0.7", "localhost")
AUTHORITY = node_certificates.of_databases("the secret of the stack")
OWN = node_certificates.bundle(AUTHORITY, "db1", ADDRESSES)
SERVER = running("redlab-ha-db1", labels={f"{LABEL_PREFIX}lab": "ha"})
GIVEN = "/var/lib/postgresql/data/expired.pem"


class Inside(FakeEngine):
    """The engine of a server: what the server shows and says, and the arguments of every command in it."""

    def __init__(self, patch: pytest.MonkeyPatch, shown: str = OWN, said: str = "") -> None:
        super().__init__([SERVER], self._executed)
        self.shown, self.told, self.commands = shown, said, list[list[str]]()
        self.used(patch)

    def _executed(self, name: str, command: list[str]) -> str:
        assert name == SERVER.name
        self.commands.append(command)
        if command == ["id", "-u"]:
            return "999\n"
        return self.shown if "openssl x509 -in" in command[2] else self.told


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(secret=lambda key: {"redundancy:internalSecret": "the secret of the stack"}[key])
    monkeypatch.setattr(expired_certificate, "Stack", lambda name: {"ha": found}[name])


def test_the_time_alone_is_wrong_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Inside(monkeypatch)
    expired_certificate.prepared(SERVER)()
    pem = inside.files[SERVER.name, GIVEN].decode()
    put, own = (x509.load_pem_x509_certificate(one.encode()) for one in (pem, OWN))
    put.verify_directly_issued_by(x509.load_pem_x509_certificate(node_certificates.authority(AUTHORITY).encode()))
    names = x509.SubjectAlternativeName
    assert put.extensions.get_extension_for_class(names) == own.extensions.get_extension_for_class(names)
    assert put.not_valid_after_utc < datetime.now(UTC) < own.not_valid_after_utc
    assert pem.split("-----BEGIN CERT")[0] != OWN.split("-----BEGIN CERT")[0]


def test_its_key_is_in_a_file_of_the_servers_own_user_and_in_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Inside(monkeypatch)
    expired_certificate.prepared(SERVER)()
    assert inside.done == [f"write {SERVER.name}:{GIVEN} 600 999"]
    assert inside.commands[-1][3:] == ["sh", GIVEN, "/run/database/server.pem"]
    assert not [word for command in inside.commands for word in command if "PRIVATE KEY" in word]


def test_a_server_without_one_is_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    Inside(monkeypatch, shown="")
    with pytest.raises(RedlabError, match="redlab-ha-db1 has no certificate: sessions with it go in clear"):
        expired_certificate.prepared(SERVER)


@pytest.mark.parametrize("said", ["certificate of db1 expired at 2026-01-01 00:00:00Z", ""])
def test_the_server_says_itself_whether_it_landed(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    Inside(monkeypatch, said=said)
    found = node_fault.evidence("certificate-expiry", inventory_of("ha").node("db1"))
    assert found == (f"engine: redlab-ha-db1: {said}" if said else "")
