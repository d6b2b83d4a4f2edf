"""HTTP over TLS of a node: who is let in, that another certificate holds at once, and that an expired one is named."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from redlab_collector import target
from redlab_node import encryption, environment

from redlab.stack import checkout
from redundancy.node_certificates import Validity, authority, bundle

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC).replace(microsecond=0)
VALID, EXPIRED = (Validity(NOW - timedelta(days=9), NOW + timedelta(days=days)) for days in (9, -1))
NAMES = ("gw1", "127.0.0.1")


class Shown:
    """A server's certificate, in files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.replaced, self.said = folder / "replaced", folder / "said"
        self._authority = folder / "authority"
        self._authority.write_text(authority("secret"))
        (folder / "certificate").write_text(bundle("secret", "gw1", NAMES, VALID))
        self.server = encryption.Server(folder / "certificate", self.replaced, self.said)

    def to(self, name: str = "gw1", trusted: Path | None = None) -> str:
        """Return how a client fares that looks for a name: 'let in', or why not."""
        ours, theirs = socket.socketpair()
        serving = threading.Thread(target=self._serve, args=(ours,), daemon=True)
        serving.start()
        context = encryption.client(trusted or self._authority)
        assert context is not None
        try:
            with theirs, context.wrap_socket(theirs, server_hostname=name):
                return "let in"
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        finally:
            serving.join(5)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, self.server.context.wrap_socket(connection, server_side=True) as made:
                made.recv(1)
        except OSError:
            pass

    def command(self, name: str) -> tuple[int, str]:
        """Run the command of the image."""
        done = subprocess.run(
            ["bash", str(checkout.ROOT / "lab" / "images" / "common" / "http-certificate"), name],
            env={**os.environ, "REDLAB_HTTP_CERTIFICATE_UNTIL": str(self.said), "REDLAB_NODE": "gw1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout.strip()


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    return Shown(tmp_path)


def test_whoever_trusts_the_authority_is_let_in_by_name_and_address(shown: Shown) -> None:
    assert [shown.to(name) for name in NAMES] == ["let in", "let in"]


def test_another_name_and_another_authority_are_not(shown: Shown, tmp_path: Path) -> None:
    assert shown.to("gw2").startswith("Hostname mismatch")
    (tmp_path / "other").write_text(authority("another secret"))
    assert "self-signed certificate" in shown.to(trusted=tmp_path / "other") or "unable to get" in shown.to(
        trusted=tmp_path / "other"
    )


def test_a_certificate_that_takes_the_place_holds_from_the_next_connection_on(shown: Shown) -> None:
    assert shown.command("check") == (0, "")
    assert shown.command("until") == (0, VALID.ends.isoformat())
    shown.replaced.write_text(bundle("secret", "gw1", NAMES, EXPIRED))
    assert shown.to() == "let in"
    shown.server.load()
    assert shown.to() == "certificate has expired"
    assert shown.command("check") == (1, f"certificate of gw1 for HTTPS expired at {EXPIRED.ends.isoformat()}")
    shown.replaced.unlink()
    shown.server.load()
    assert shown.to() == "let in"
    assert shown.command("check") == (0, "")


def test_what_is_no_certificate_is_named(shown: Shown) -> None:
    shown.replaced.write_text("nothing")
    with pytest.raises(environment.InvalidEnvironmentError, match="replaced is no private key with its certificate"):
        shown.server.load()
    assert shown.to() == "let in"


def test_without_files_http_goes_in_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "CERTIFICATE", tmp_path / "certificate")
    assert encryption.server() is None
    assert encryption.client(tmp_path / "authority") is None


def test_peers_are_asked_by_either_scheme() -> None:
    said = {"PEERS": "gw1=http://gw1:8082,gw2=https://gw2:8082/"}
    assert environment.peers("PEERS", said) == {"gw1": "http://gw1:8082", "gw2": "https://gw2:8082"}
    with pytest.raises(environment.InvalidEnvironmentError, match="nor by https"):
        environment.peers("PEERS", {"PEERS": "gw1=ftp://gw1:8082"})


def test_a_collector_knows_an_https_server_by_the_authority_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "AUTHORITY", str(tmp_path / "authority"))
    with pytest.raises(OSError, match="No such file"):
        target.Target.of("https://127.0.0.1:8080")
    (tmp_path / "authority").write_text(authority("secret"))
    asked = target.Target.of("https://127.0.0.1:8080")
    assert asked.tls is not None
    assert (asked.tls.verify_mode, asked.tls.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert target.Target.of("http://127.0.0.1:8080").tls is None
