"""A database server whose certificate has expired: made, proven and reverted.

It is of the lab's own authority and for the server's own names: nothing but the time is wrong with it. Sessions that
there are go on, since a certificate is looked at when one begins; so they are ended, as they are in time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from redlab import engine
from redlab.errors import RedlabError
from redlab.faults.journal import Entry
from redlab.stack.pulumi import Stack
from redundancy import node_certificates
from redundancy.naming import LABEL_PREFIX
from redundancy.node_certificates import Validity

if TYPE_CHECKING:
    from docker.models.containers import Container

_SERVED = "/run/database/server.pem"
# What the server shows comes from the reload: nobody is sent away before that, or he comes back by the old one.
_PUT = """
set -eu
umask 077
served=$2
printf %s "$1" > "$served.new" && mv "$served.new" "$served"
psql -X -q -A -t -U postgres -d postgres -c 'SELECT pg_reload_conf()' > /dev/null
shown() { openssl s_client -starttls postgres -connect "127.0.0.1:${PGPORT:-5432}" < /dev/null 2> /dev/null; }
tries=0
while shown | openssl x509 -noout -checkend 0 > /dev/null; do
  tries=$((tries + 1)) && [ "$tries" -lt 50 ] || exit 1
  sleep 0.05
done
psql -X -q -A -t -U postgres -d postgres -c 'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE client_addr IS NOT NULL' > /dev/null
"""


def breaker(container: Container) -> Callable[[Container], None]:
    """Return what puts an expired certificate into a server; it is made now, which takes a second.

    Raises RedlabError when the server has none.
    """
    from cryptography import x509

    name = container.name or ""
    shown = engine.execute_in(name, ["sh", "-c", f"[ ! -r {_SERVED} ] || openssl x509 -in {_SERVED}"])
    if not shown:
        raise RedlabError(f"{name} has no certificate: sessions with it go in clear (topology: encryption.databases)")
    names = x509.load_pem_x509_certificate(shown.encode()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    addresses = [str(one.value) for one in names.value]
    secret = Stack(container.labels[f"{LABEL_PREFIX}lab"]).secret("redundancy:internalSecret")
    if secret is None:
        raise RedlabError(f"{name}: its stack has no redundancy:internalSecret")
    now = datetime.now(UTC)
    # A key of its own: the server's real one never leaves the set-up.
    pem = node_certificates.bundle(
        node_certificates.of_databases(secret),
        f"expired {addresses[0]}",
        addresses,
        Validity(now - timedelta(days=2), now - timedelta(minutes=1)),
    )

    def put(container: Container) -> None:
        engine.execute_in(container.name or "", ["sh", "-c", _PUT, "sh", pem, _SERVED])

    return put


def proof(container: Container, state: Mapping[str, Any]) -> str:
    """Return what the server itself says of its certificate when it has expired, '' when it has not."""
    if not state["Running"]:
        return ""
    said = engine.execute_in(container.name or "", ["sh", "-c", "database-tls check || true"]).strip()
    return f"{container.name}: {said}" if said else ""


def restore(container: Container, _: Entry) -> None:
    """Put the certificate of the lab back. A server that is started has it from its start."""
    container.reload()
    if container.status != "running":
        return
    reload = "psql -X -q -U postgres -d postgres -c 'SELECT pg_reload_conf()' > /dev/null"
    again = f"{{ database-tls serve > /dev/null && {reload}; }} || database-tls check"
    engine.execute_in(container.name or "", ["sh", "-c", again])
