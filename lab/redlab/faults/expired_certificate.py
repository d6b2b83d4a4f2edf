"""A server whose certificate has expired: made, proven and reverted.

It is of the lab's own authority and for the server's own names: nothing but the time is wrong with it. Sessions that
there are go on, since a certificate is looked at when one begins; so they are ended, as they are in time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from redundancy.roles import Role


@dataclass(frozen=True)
class _Server:
    """How servers of a kind are handled, by commands of a shell in their container.

    ``shown``: the file with the certificate that they show.   ``given``: where they find another key and certificate:
    on a volume, since the engine cannot write to a tmpfs.   ``secret``: that of their authority, from the lab's.
    ``put``: moves ``$1`` (a file) to where it is shown, and ends the sessions that there are.   ``restore``: puts the
    lab's own back.   ``check``: says that it has expired.   ``setting``: of the topology, by which they have one.
    """

    shown: str
    given: str
    secret: Callable[[str], str]
    put: str
    restore: str
    check: str
    setting: str


# What the server shows comes from the reload: nobody is sent away before that, or he comes back by the old one.
_PUT = """
set -eu
umask 077
served=/run/database/server.pem
cat "$1" > "$served.new" && rm "$1" && mv "$served.new" "$served"
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
_RELOAD = "psql -X -q -U postgres -d postgres -c 'SELECT pg_reload_conf()' > /dev/null"
_DATABASE = _Server(
    "/run/database/server.pem",
    f"{replication.VOLUME}/expired.pem",
    node_certificates.of_databases,
    _PUT,
    f"{{ database-tls serve > /dev/null && {_RELOAD}; }} || database-tls check",
    "database-tls check",
    "encryption.databases",
)
_REPLACED = "/tmp/http-certificate.pem"  # noqa: S108 - in the container, where it is a file system of its own
# The main program is the child of the container's init. It ends the connections that there are by itself.
_HANG_UP = """
for each in /proc/[0-9]*/stat; do
  read -r pid _ _ parent _ 2> /dev/null < "$each" && [ "$parent" = 1 ] && kill -HUP "$pid"
done || :
"""
_AWAIT = """
tries=0
while {}; do
  tries=$((tries + 1)) && [ "$tries" -lt 100 ] || exit 1
  sleep 0.05
done
"""
_GATEWAY = _Server(
    "/etc/redlab/secrets/http-certificate",
    "/var/lib/gateway/expired.pem",
    node_certificates.of_http,
    f"""
set -eu
umask 077
cat "$1" > {_REPLACED}.new && rm "$1" && mv {_REPLACED}.new {_REPLACED}
{_HANG_UP}
{_AWAIT.format("http-certificate check > /dev/null")}
""",
    f"set -eu; rm -f {_REPLACED}{_HANG_UP}{_AWAIT.format('! http-certificate check > /dev/null')}",
    "http-certificate check",
    "encryption.http",
)


def _server(container: Container) -> _Server:
    return _GATEWAY if container.labels.get(f"{LABEL_PREFIX}role") == Role.GATEWAY else _DATABASE


def prepared(container: Container) -> Callable[[], None]:
    """Return the function that gives a server an expired certificate, which is made now: that takes a second.

    Raises RedlabError when the server has none.
    """
    from cryptography import x509

    name, own, server = container.name, engine.of(container.name), _server(container)
    # The certificate alone: the key does not leave the container.
    certificate = f"[ ! -r {server.shown} ] || sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' {server.shown}"
    shown = own.execute(name, ["sh", "-c", certificate])
    if not shown:
        raise RedlabError(f"{name} has no certificate: it is asked in clear (topology: {server.setting})")
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
        server.secret(secret),
        f"expired {addresses[0]}",
        addresses,
        Validity(now - timedelta(days=2), now - timedelta(minutes=1)),
    )
    # By a file that the server's own user alone can read: the arguments of a command are shown to everybody.
    user = int(own.execute(name, ["id", "-u"]))
    own.write_file(name, server.given, pem.encode(), mode=0o600, user=user)

    def put() -> None:
        own.execute(name, ["sh", "-c", server.put, "sh", server.given])

    return put


def proof(container: Container) -> str:
    """Return the server's own statement that its certificate has expired, '' when it has not expired."""
    if not container.state.running:
        return ""
    said = _inside(container, f"{_server(container).check} || true").strip()
    return f"{container.name}: {said}" if said else ""


def restore(container: Container, _: Entry) -> None:
    """Put the certificate of the lab back. A server that is started has it from its start."""
    if engine.of(container.name).container(container.name).state.status == "running":
        _inside(container, _server(container).restore)


def _inside(container: Container, script: str) -> str:
    return engine.of(container.name).execute(container.name, ["sh", "-c", script])
