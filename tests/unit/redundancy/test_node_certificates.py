"""Certificates of nodes: the same on every run, another authority for another secret, each for its purpose alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
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


DAY = timedelta(days=1)


@pytest.mark.parametrize("today", [date(2026, 11, 30), date(2026, 12, 26), date(2027, 12, 26), date(2031, 2, 28)])
def test_a_certificate_of_a_server_is_renewed_long_before_its_end(today: date) -> None:
    valid = node_certificates.validity(today)
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    assert valid.ends - valid.begins == 825 * DAY
    # Whatever day it is made on, clocks may be behind by a month, and it lasts for 430 days at least.
    assert valid.begins + 30 * DAY <= noon
    assert valid.ends - noon > 429 * DAY
    pem = node_certificates.bundle("one", "db1", SERVER, valid)
    assert of(pem).not_valid_after_utc == valid.ends


def test_it_is_the_same_on_every_day_of_a_period_and_another_one_after_it() -> None:
    days = [date(2026, 1, 1) + number * DAY for number in range(800)]
    periods = [node_certificates.validity(day) for day in days]
    assert len(set(periods)) == 3
    changes = [day for day, before, now in zip(days[1:], periods, periods[1:], strict=False) if before != now]
    assert (changes[1] - changes[0]).days == node_certificates.RENEWED_DAYS
    pems = [node_certificates.bundle("one", "db1", SERVER, valid) for valid in dict.fromkeys(periods)]
    assert len(set(pems)) == 3
    key, *others = [load_pem_private_key(pem.encode(), None) for pem in pems]
    assert all(other.private_numbers() == key.private_numbers() for other in others)  # type: ignore[union-attr]


def test_postgresql_can_bind_a_login_to_it() -> None:
    for pem in (node_certificates.authority("one"), node_certificates.bundle("one", "db1", SERVER)):
        assert isinstance(of(pem).public_key(), ec.EllipticCurvePublicKey)
        assert of(pem).signature_hash_algorithm is not None  # an Ed25519 signature has none
