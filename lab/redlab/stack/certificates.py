"""The certificate of a lab's user interface: made for its addresses by an authority that signs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 825
"""The longest that clients of all kinds accept of a server's certificate (Apple's limit for those of private roots)."""
RENEW_DAYS = 30
"""How long before its end a certificate is made anew."""
_LEAD = timedelta(minutes=5)


def make(lab: str, addresses: Iterable[str]) -> str:
    """Return private key, certificate and its authority's certificate, as PEM in this order.

    The certificate is good for ``localhost`` and the addresses. The authority's key is not kept.
    """
    begins = datetime.now(UTC) - _LEAD
    ends = begins + timedelta(days=VALID_DAYS)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority, subject = _name(f"redundancy-lab {lab}: authority"), _name(f"redundancy-lab {lab}: users")

    def builder(owner: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(owner)
            .issuer_name(authority)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
        )

    root = (
        builder(authority, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    names = [x509.DNSName("localhost"), *(x509.IPAddress(IPv4Address(one)) for one in sorted(set(addresses)))]
    leaf = (
        builder(subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join([private, *(one.public_bytes(Encoding.PEM) for one in (leaf, root))]).decode()


def covers(bundle: str, addresses: Iterable[str]) -> bool:
    """Return whether the certificate of a bundle is good for all addresses, and for some time still."""
    try:
        leaf, *_ = x509.load_pem_x509_certificates(bundle.encode())
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    known = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    return set(addresses) <= known and leaf.not_valid_after_utc - datetime.now(UTC) > timedelta(days=RENEW_DAYS)


def authority(bundle: str) -> str:
    """Return the certificate of the authority, the last of a bundle: what a client has to trust. No secret."""
    return x509.load_pem_x509_certificates(bundle.encode())[-1].public_bytes(Encoding.PEM).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
