"""TLS of a database server: the place of its key, the accepted connections, the report of an expired certificate."""

from __future__ import annotations

import os
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from redlab.stack import checkout
from redundancy.node_certificates import Validity, authority, bundle

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = checkout.ROOT / "lab" / "images" / "database"
NOW = datetime.now(UTC).replace(microsecond=0)
VALID, EXPIRED = (Validity(NOW - timedelta(days=9), NOW + timedelta(days=days)) for days in (9, -1))


class Server:
    """The scripts of a server, with its secrets."""

    def __init__(self, folder: Path, valid: Validity | None) -> None:
        self.served = folder / "run" / "server.pem"
        self._environment = {
            "PATH": f"{DATABASE}:{os.environ['PATH']}",
            "REDLAB_NODE": "db1",
            "REDLAB_SECRETS": str(folder),
            "REDLAB_SERVED_CERTIFICATE": str(self.served),
        }
        if valid:
            (folder / "database-authority").write_text(authority("secret"))
            (folder / "database-certificate").write_text(bundle("secret", "db1", ("db1", "10.0.0.7"), valid))

    def run(self, *arguments: str, said: str = "") -> tuple[int, str]:
        done = subprocess.run(
            ["bash", str(DATABASE / "database-tls"), *arguments],
            env=self._environment, input=said, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout.strip()


def test_the_key_is_readable_for_the_server_alone(tmp_path: Path) -> None:
    server = Server(tmp_path, VALID)
    assert server.run("serve") == (0, str(server.served))
    assert stat.S_IMODE(server.served.stat().st_mode) == 0o600
    assert server.served.read_text() == (tmp_path / "database-certificate").read_text()


def test_an_expired_certificate_is_named_with_its_end(tmp_path: Path) -> None:
    server = Server(tmp_path, EXPIRED)
    server.run("serve")
    ends = f"{NOW - timedelta(days=1):%Y-%m-%d %H:%M:%S}Z"
    assert server.run("check") == (1, f"certificate of db1 expired at {ends}")
    assert server.run("until") == (0, ends)


def test_a_valid_certificate_is_not_reported(tmp_path: Path) -> None:
    server = Server(tmp_path, VALID)
    server.run("serve")
    assert server.run("check") == (0, "")


RULES = """local  all          postgres             peer
host   all          all       0.0.0.0/0  scram-sha-256
host all,replication replicator 10.0.0.8/32 scram-sha-256
host all,replication replicator all reject
"""


def test_accepted_connections_need_tls_and_refused_ones_stay_refused(tmp_path: Path) -> None:
    code, rules = Server(tmp_path, VALID).run("rules", said=RULES)
    assert code == 0
    kinds = [(line.split()[0], line.split()[-1]) for line in rules.splitlines()]
    assert kinds == [("local", "peer"), *[("hostssl", "scram-sha-256")] * 2, ("host", "reject")]


def test_a_follower_verifies_the_servers_certificate(tmp_path: Path) -> None:
    said = f"sslmode=verify-full sslrootcert={tmp_path}/database-authority"
    assert Server(tmp_path, VALID).run("trust") == (0, said)


@pytest.mark.parametrize(
    ("command", "said"), [("serve", ""), ("trust", ""), ("until", ""), ("check", ""), ("rules", RULES.strip())]
)
def test_without_a_certificate_nothing_changes(tmp_path: Path, command: str, said: str) -> None:
    assert Server(tmp_path, None).run(command, said=RULES) == (0, said)
