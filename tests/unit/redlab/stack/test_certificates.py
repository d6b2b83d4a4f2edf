"""The certificate of the user interface: a TLS client that trusts its authority accepts it, for its addresses alone."""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from pathlib import Path
from socket import create_connection, create_server

import pytest

from redlab.stack import certificates

ADDRESSES = ["127.0.0.1", "10.200.96.11"]


@pytest.fixture(scope="module")
def bundle() -> str:
    return certificates.make("ha", ADDRESSES)


def handshake(bundle: str, trusted: str, name: str, folder: Path) -> None:
    """Have a client that trusts ``trusted`` open a connection to a server with the bundle, as to ``name``."""
    file = folder / "bundle.pem"
    file.write_text(bundle)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(file)
    with create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError), server_side.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            context = ssl.create_default_context(cadata=trusted)
            with create_connection(listener.getsockname(), 5) as plain:
                context.wrap_socket(plain, server_hostname=name).close()
        finally:
            thread.join(5)


@pytest.mark.parametrize("name", ["127.0.0.1", "10.200.96.11", "localhost"])
def test_who_trusts_the_authority_accepts_it(bundle: str, name: str, tmp_path: Path) -> None:
    handshake(bundle, certificates.authority(bundle), name, tmp_path)


def test_it_is_good_for_no_other_address(bundle: str, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        handshake(bundle, certificates.authority(bundle), "10.200.96.12", tmp_path)


def test_who_trusts_another_authority_does_not(bundle: str, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"unable to get local issuer|self-signed|signature failure"):
        handshake(bundle, certificates.authority(certificates.make("ha", ADDRESSES)), "127.0.0.1", tmp_path)


def test_the_authoritys_certificate_holds_no_key(bundle: str) -> None:
    assert bundle.count("PRIVATE KEY") == 2  # the beginning and the end of one
    assert "PRIVATE KEY" not in certificates.authority(bundle)


def test_it_is_made_anew_when_it_does_not_cover_the_addresses_any_more(
    bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert certificates.covers(bundle, ADDRESSES)
    assert not certificates.covers(bundle, [*ADDRESSES, "10.200.96.12"])
    assert not certificates.covers("", ADDRESSES)
    monkeypatch.setattr(certificates, "RENEW_DAYS", certificates.VALID_DAYS)
    assert not certificates.covers(bundle, ADDRESSES)
