"""A certificate that has expired differs from the server's own in its time alone, and its key is another one."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from cryptography import x509

from redlab.engine import Container
from redlab.errors import RedlabError
from redlab.faults import expired_certificate, node_fault
from redundancy import node_certificates
from redundancy.naming import LABEL_PREFIX
from tests.support.fake_engine import FakeEngine, running
from tests.support.unit.inventories import inventory_of

ADDRESSES = ("db1", "10.0.0.7", "localhost")
SECRET = "the secret of the stack"
DATABASE, GATEWAY = (
    running(f"redlab-ha-{name}", labels={f"{LABEL_PREFIX}lab": "ha", f"{LABEL_PREFIX}role": role})
    for name, role in (("db1", "database"), ("gw1", "gateway"))
)
AUTHORITY = {
    DATABASE.name: node_certificates.of_databases(SECRET),
    GATEWAY.name: node_certificates.of_http(SECRET),
}
BUNDLE = {name: node_certificates.bundle(authority, "db1", ADDRESSES) for name, authority in AUTHORITY.items()}
OWN = {name: bundle[bundle.index("-----BEGIN CERT") :] for name, bundle in BUNDLE.items()}
GIVEN = {
    DATABASE.name: "/var/lib/postgresql/data/expired.pem",
    GATEWAY.name: "/var/lib/gateway/expired.pem",
}
BOTH = pytest.mark.parametrize("server", [DATABASE, GATEWAY], ids=["database", "gateway"])


class Inside(FakeEngine):
    """The engine of a server: what the server shows and says, and the arguments of every command in it."""

    def __init__(self, patch: pytest.MonkeyPatch, shown: str | None = None, said: str = "") -> None:
        super().__init__([DATABASE, GATEWAY], self._executed)
        self.shown, self.told, self.commands = shown, said, list[list[str]]()
        self.used(patch)

    def _executed(self, name: str, command: list[str]) -> str:
        self.commands.append(command)
        if command == ["id", "-u"]:
            return "999\n"
        if "BEGIN CERTIFICATE" not in command[2]:
            return self.told
        return OWN[name] if self.shown is None else self.shown


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(secret=lambda key: {"redundancy:internalSecret": "the secret of the stack"}[key])
    monkeypatch.setattr(expired_certificate, "Stack", lambda name: {"ha": found}[name])


@BOTH
def test_the_time_alone_is_wrong_with_it(monkeypatch: pytest.MonkeyPatch, server: Container) -> None:
    inside = Inside(monkeypatch)
    expired_certificate.prepared(server)()
    pem = inside.files[server.name, GIVEN[server.name]].decode()
    put, own = (x509.load_pem_x509_certificate(one.encode()) for one in (pem, OWN[server.name]))
    root = node_certificates.authority(AUTHORITY[server.name])
    put.verify_directly_issued_by(x509.load_pem_x509_certificate(root.encode()))
    names = x509.SubjectAlternativeName
    assert put.extensions.get_extension_for_class(names) == own.extensions.get_extension_for_class(names)
    assert put.not_valid_after_utc < datetime.now(UTC) < own.not_valid_after_utc
    assert pem.split("-----BEGIN CERT")[0] != BUNDLE[server.name].split("-----BEGIN CERT")[0]


@BOTH
def test_its_key_is_in_a_file_of_the_servers_own_user_and_in_no_argument(
    monkeypatch: pytest.MonkeyPatch, server: Container
) -> None:
    inside, given = Inside(monkeypatch), GIVEN[server.name]
    expired_certificate.prepared(server)()
    assert inside.done == [f"write {server.name}:{given} 600 999"]
    assert inside.commands[-1][3:] == ["sh", given]
    assert not [word for command in inside.commands for word in command if "PRIVATE KEY" in word]


@BOTH
def test_a_server_without_one_is_not_broken(monkeypatch: pytest.MonkeyPatch, server: Container) -> None:
    Inside(monkeypatch, shown="")
    setting = "http" if server is GATEWAY else "databases"
    with pytest.raises(RedlabError, match=rf"{server.name} has no .* in clear \(topology: encryption.{setting}\)"):
        expired_certificate.prepared(server)


@pytest.mark.parametrize("said", ["certificate of db1 expired at 2026-01-01 00:00:00Z", ""])
def test_the_server_says_itself_whether_it_landed(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    Inside(monkeypatch, said=said)
    found = node_fault.evidence("certificate-expiry", inventory_of("ha").node("db1"))
    assert found == (f"engine: redlab-ha-db1: {said}" if said else "")
