"""The certificates by which the nodes of a database cluster and of its store know each other. Pure.

Keys come from a secret, not from chance: the same secret gives the same certificates on every run of the program, so
that nothing is replaced, and nothing has to be kept. Another secret is another authority.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_BEGINS, _ENDS = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
"""They end with the lab, or with another secret. A node whose clock is wrong is let in as well."""
_AUTHORITY = "authority"


def authority(secret: str) -> str:
    """Return the certificate of the authority that a secret makes, as PEM."""
    return _made(secret, _AUTHORITY, ())


def bundle(secret: str, owner: str, addresses: Iterable[str] = ()) -> str:
    """Return private key and certificate of an owner, as PEM in this order.

    With addresses (IPv4, or names) it is for a server at these, and for a client that comes from them alone.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = _key(secret, owner).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return key + _made(secret, owner, tuple(addresses))


@cache
def _made(secret: str, owner: str, addresses: tuple[str, ...]) -> str:
    # Imported here: a program without such nodes starts faster.
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    root = owner == _AUTHORITY
    key, issuer_key = _key(secret, owner), _key(secret, _AUTHORITY)
    serial = int.from_bytes(_digest(secret, f"serial {owner} {' '.join(addresses)}")[:19])
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if addresses else [])]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _AUTHORITY)]))
        .public_key(key.public_key())
        .serial_number(serial or 1)
        .not_valid_before(_BEGINS)
        .not_valid_after(_ENDS)
        .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not root:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if addresses:
        names = [_name(address) for address in addresses]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, None).public_bytes(Encoding.PEM).decode()


def _name(address: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(IPv4Address(address))
    except ValueError:
        return x509.DNSName(address)


def _key(secret: str, owner: str) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(_digest(secret, f"key {owner}"))


def _digest(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
