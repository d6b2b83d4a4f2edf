"""A database server whose certificate has expired: made, proven and reverted.

It is of the lab's own authority and for the server's own names: nothing but the time is wrong with it. Sessions that
there are go on, since a certificate is looked at when one begins; so they are ended, as they are in time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from redlab import engine
from redlab.engine import Container
from redlab.errors import RedlabError
from redlab.faults.journal import Entry
from redlab.probes import replication
from redlab.stack.pulumi import Stack
from redundancy import node_certificates
from redundancy.naming import LABEL_PREFIX
from redundancy.node_certificates import Validity

_SERVED = "/run/database/server.pem"
_GIVEN = f"{replication.VOLUME}/expired.pem"
"""Where the server finds its new key and certificate: on its volume, since the engine cannot write to a tmpfs."""
# What the server shows comes from the reload: nobody is sent away before that, or he comes back by the old one.
_PUT = """
set -eu
umask 077
cat "$1" > "$2.new" && rm "$1" && mv "$2.new" "$2"
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


def prepared(container: Container) -> Callable[[], None]:
    """Return the function that gives a server an expired certificate, which is made now: that takes a second.

    Raises RedlabError when the server has none.
    """
    from cryptography import x509

    name, own = container.name, engine.of(container.name)
    shown = own.execute(name, ["sh", "-c", f"[ ! -r {_SERVED} ] || openssl x509 -in {_SERVED}"])
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

    # By a file that the server's own user alone can read: the arguments of a command are shown to everybody.
    user = int(own.execute(name, ["id", "-u"]))
    own.write_file(name, _GIVEN, pem.encode(), mode=0o600, user=user)
    return lambda: put(name)


def put(name: str) -> None:
    """Have a server serve the certificate that it was given, and end the sessions that began with another one."""
    engine.of(name).execute(name, ["sh", "-c", _PUT, "sh", _GIVEN, _SERVED])


def proof(container: Container) -> str:
    """Return what the server itself says of its certificate when it has expired, '' when it has not."""
    if not container.state.running:
        return ""
    said = _inside(container, "database-tls check || true").strip()
    return f"{container.name}: {said}" if said else ""


def restore(container: Container, _: Entry) -> None:
    """Put the certificate of the lab back. A server that is started has it from its start."""
    if engine.of(container.name).container(container.name).state.status != "running":
        return
    reload = "psql -X -q -U postgres -d postgres -c 'SELECT pg_reload_conf()' > /dev/null"
    again = f"{{ database-tls serve > /dev/null && {reload}; }} || database-tls check"
    _inside(container, again)


def _inside(container: Container, script: str) -> str:
    return engine.of(container.name).execute(container.name, ["sh", "-c", script])
