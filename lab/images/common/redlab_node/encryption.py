"""HTTP over TLS, where the lab gave this node the files for it: as a server, and as a client of other nodes.

Inside the container, at 127.0.0.1, a server goes on to speak HTTP in clear: that reaches no network.
"""

import ssl
from datetime import UTC, datetime
from pathlib import Path

from redlab_node.environment import SECRETS, InvalidEnvironmentError

CERTIFICATE, AUTHORITY = SECRETS / "http-certificate", SECRETS / "http-authority"
"""PEM: private key and certificate of this server; the authority that signs those of all servers."""
_REPLACED = Path("/tmp/http-certificate.pem")  # noqa: S108 - a file system of the container's own, in memory
"""Takes the place of the former from the next reload on, while the container runs."""
_SAID = Path("/tmp/http-certificate-until")  # noqa: S108 - as above
"""What the command `http-certificate` reads: until when it is valid, in seconds since 1970 and in ISO 8601."""


class Server:
    """A server's certificate, which can be read again while the server runs."""

    def __init__(self, certificate: Path = CERTIFICATE, replaced: Path = _REPLACED, said: Path = _SAID) -> None:
        """Read it; raises InvalidEnvironmentError where it is none."""
        self._certificate, self._replaced, self._said = certificate, replaced, said
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        # For sessions that are resumed: no node does that, since it would not look at the certificate again.
        self.context.num_tickets = 0
        self.load()

    def load(self) -> None:
        """Show what is in the files now, from the next connection on; raises InvalidEnvironmentError."""
        file = self._replaced if self._replaced.exists() else self._certificate
        try:
            self.context.load_cert_chain(file)
            # The library's own decoder has no public name for a certificate that no peer has shown.
            said = ssl._ssl._test_decode_cert(str(file))  # type: ignore[attr-defined]
        except OSError as error:
            raise InvalidEnvironmentError(f"{file} is no private key with its certificate: {error}") from None
        ends = ssl.cert_time_to_seconds(said["notAfter"])
        self._said.write_text(f"{ends} {datetime.fromtimestamp(ends, UTC).isoformat()}\n", encoding="ascii")


def server() -> Server | None:
    """Return the certificate of this server; None where HTTP goes in clear."""
    return Server() if CERTIFICATE.exists() else None


def client(authority: Path = AUTHORITY) -> ssl.SSLContext | None:
    """Return how this node knows the servers that it asks by https; None where HTTP goes in clear."""
    if not authority.exists():
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(authority)
    except OSError as error:
        raise InvalidEnvironmentError(f"{authority} is no certificate: {error}") from None
    return context
