"""Certificates of nodes: the same on every run, another authority for another secret, each for its purpose alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from redundancy import node_certificates

SERVER = ("10.0.0.7", "127.0.0.1")


def of(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificates(pem.encode())[0]


def test_the_same_secret_gives_the_same_and_another_one_nothing_that_is_the_same() -> None:
    def all_of(secret: str) -> tuple[str, str, str]:
        node_certificates._made.cache_clear()  # as in another run of the program
        return node_certificates.authority(secret), *(node_certificates.bundle(secret, owner) for owner in "ab")

    made = [all_of(secret) for secret in ("one", "one", "two")]
    assert made[0] == made[1]
    assert not set(made[0]) & set(made[2])
    assert len(set(made[0])) == 3


def test_a_node_has_its_own_key_and_the_authority_alone_has_signed() -> None:
    pem = node_certificates.bundle("one", "a", SERVER)
    certificate, root = of(pem), of(node_certificates.authority("one"))
    assert load_pem_private_key(pem.encode(), None).public_key() == certificate.public_key()
    certificate.verify_directly_issued_by(root)
    with pytest.raises(InvalidSignature):
        certificate.verify_directly_issued_by(of(node_certificates.authority("two")))
    assert certificate.not_valid_before_utc < datetime.now(UTC) < certificate.not_valid_after_utc


@pytest.mark.parametrize(("addresses", "serves"), [(SERVER, True), ((), False)])
def test_who_has_no_address_is_a_client_alone(addresses: tuple[str, ...], serves: bool) -> None:
    extensions = of(node_certificates.bundle("one", "a", addresses)).extensions
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert (ExtendedKeyUsageOID.SERVER_AUTH in usage) == serves
    assert ExtendedKeyUsageOID.CLIENT_AUTH in usage
    names = [one for one in extensions if isinstance(one.value, x509.SubjectAlternativeName)]
    assert bool(names) == serves
    constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not constraints.ca
