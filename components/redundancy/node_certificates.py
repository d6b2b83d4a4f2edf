"""The certificates by which nodes know each other: a database server and who logs in, members of a store. Pure.

Keys come from a secret, not from chance: the same secret gives the same certificates on every run of the program, so
that nothing is replaced, and nothing has to be kept. Another secret is another authority.

Keys are of the curve P-256: PostgreSQL binds a login to the server's certificate (SCRAM-SHA-256-PLUS) by the digest
that it is signed with, and refuses one of Ed25519, which has none.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from redundancy import credentials

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a certificate is valid."""

    begins: datetime
    ends: datetime


ALWAYS = Validity(datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC))
"""An authority, and what ends with the lab or with another secret. A node whose clock is wrong is let in as well."""
VALID_DAYS = 825
"""How long a server's certificate is valid: the longest that clients of all kinds accept (Apple's limit)."""
RENEWED_DAYS = 365
"""After so many days the next `up` makes the next one."""
_LEAD_DAYS = 30
"""How long before its first use a certificate begins: for clocks that are behind."""
_AUTHORITY = "authority"


def validity(today: date) -> Validity:
    """Return how long a certificate is valid that is made on this day: the same on all days of a period."""
    first = ALWAYS.begins.date()
    period = (today - first).days // RENEWED_DAYS
    begins = datetime.combine(first + timedelta(days=period * RENEWED_DAYS), time(), UTC) - timedelta(days=_LEAD_DAYS)
    return Validity(begins, begins + timedelta(days=VALID_DAYS))


def of_databases(secret: str) -> str:
    """Return the secret of the database servers' own authority: what it signs opens no configuration store."""
    return credentials.derived(secret, "database-authority")


def of_http(secret: str) -> str:
    """Return the secret of the authority of HTTP servers: what it signs opens neither a database nor a store."""
    return credentials.derived(secret, "http-authority")


def authority(secret: str) -> str:
    """Return the certificate of the authority that a secret makes, as PEM."""
    return _made(secret, _AUTHORITY, (), ALWAYS)


def bundle(secret: str, owner: str, addresses: Iterable[str] = (), valid: Validity = ALWAYS) -> str:
    """Return private key and certificate of an owner, as PEM in this order.

    With addresses (IPv4, or names) it is for a server at these, and for a client that comes from them alone.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = _key(secret, owner).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return key + _made(secret, owner, tuple(addresses), valid)


@cache
def _made(secret: str, owner: str, addresses: tuple[str, ...], valid: Validity) -> str:
    # Imported here: a program without such nodes starts faster.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    root = owner == _AUTHORITY
    key, issuer_key = _key(secret, owner), _key(secret, _AUTHORITY)
    serial = int.from_bytes(_digest(secret, f"serial {owner} {' '.join(addresses)} {valid.begins} {valid.ends}")[:19])
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if addresses else [])]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _AUTHORITY)]))
        .public_key(key.public_key())
        .serial_number(serial or 1)
        .not_valid_before(valid.begins)
        .not_valid_after(valid.ends)
        .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not root:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if addresses:
        names = [_name(address) for address in addresses]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    # Signed without chance (RFC 6979), or each run of the program would make another one.
    return builder.sign(issuer_key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.PEM).decode()


def _name(address: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(IPv4Address(address))
    except ValueError:
        return x509.DNSName(address)


def _key(secret: str, owner: str) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = ec.SECP256R1()
    # Not 0, and below the curve's order.
    return ec.derive_private_key(1 + int.from_bytes(_digest(secret, f"key {owner}")) % (curve.group_order - 1), curve)


def _digest(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
