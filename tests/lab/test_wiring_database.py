"""The database keeps what it has acknowledged, and lets nobody in without the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redundancy import node_certificates

if TYPE_CHECKING:
    from collections.abc import Callable

    from testinfra.host import Host

pytestmark = [pytest.mark.pulumi, pytest.mark.usefixtures("ha_lab")]

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "password_encryption": "scram-sha-256"}


def sql(host: Host, query: str, database: str = "event") -> list[str]:
    said = host.check_output("psql -X -A -t -v ON_ERROR_STOP=1 -U postgres -d %s -c %s", database, query)
    return str(said).splitlines()


@pytest.mark.parametrize(("setting", "value"), DURABLE.items())
def test_settings_are_durable(inside: Callable[[str], Host], setting: str, value: str) -> None:
    assert sql(inside("db1"), f"SHOW {setting}") == [value]


def test_no_database_or_role_has_settings_of_its_own(inside: Callable[[str], Host]) -> None:
    assert sql(inside("db1"), "SELECT setconfig FROM pg_db_role_setting") == []


def test_the_four_logical_databases_belong_to_the_role(inside: Callable[[str], Host]) -> None:
    query = "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = 'redlab' ORDER BY datname"
    assert sql(inside("db1"), query) == ["event", "management", "profile", "rtsm"]
    assert sql(inside("db1"), "SELECT rolsuper FROM pg_roles WHERE rolname = 'redlab'") == ["f"]


def test_over_tcp_the_password_is_demanded(inside: Callable[[str], Host]) -> None:
    query = "SELECT DISTINCT auth_method FROM pg_hba_file_rules WHERE type <> 'local'"
    assert set(sql(inside("db1"), query)) == {"scram-sha-256", "reject"}
    assert sql(inside("db1"), "SELECT left(rolpassword, 14) FROM pg_authid WHERE rolname = 'redlab'") == [
        "SCRAM-SHA-256$"
    ]


@pytest.mark.parametrize("node", ["gw1", "dps1"])
def test_a_wrong_password_is_refused_and_the_right_one_is_not(inside: Callable[[str], Host], node: str) -> None:
    connect = (
        "python3 -c 'import psycopg, sys;"
        ' psycopg.connect(host="db1", user=sys.argv[1], dbname="event", password=sys.stdin.read())\' '
    )
    wrong = inside(node).run(f"echo wrong | {connect} redlab")
    assert wrong.rc != 0
    assert 'password authentication failed for user "redlab"' in wrong.stderr
    assert inside(node).run(f"{connect} postgres < /etc/redlab/secrets/database-password").rc != 0
    assert inside(node).run(f"{connect} redlab < /etc/redlab/secrets/database-password").rc == 0


CONNECT = """
import os, sys
import psycopg
from psycopg.conninfo import make_conninfo

other = dict(setting.split("=", 1) for setting in sys.argv[1:])
password = open("/etc/redlab/secrets/database-password").read().strip()
place = make_conninfo(os.environ["REDLAB_DATABASE_DSN"], **other)
with psycopg.connect(place, password=password, dbname="event") as made:
    print(made.execute("SELECT version, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone())
"""


@pytest.mark.parametrize("node", ["gw1", "dps1"])
def test_sessions_go_over_tls_and_in_clear_nobody_is_let_in(inside: Callable[[str], Host], node: str) -> None:
    assert inside(node).check_output("python3 -c %s", CONNECT) == "('TLSv1.3', True)"
    clear = inside(node).run("python3 -c %s sslmode=disable", CONNECT)
    assert clear.rc != 0
    assert 'database "event", no encryption' in clear.stderr


def test_a_server_of_another_authority_or_name_is_not_believed(inside: Callable[[str], Host]) -> None:
    other = node_certificates.authority("another secret")
    gateway = inside("gw1")
    gateway.check_output("printf %%s %s > /tmp/another-authority", other)
    try:
        refused = gateway.run("python3 -c %s sslrootcert=/tmp/another-authority", CONNECT)
    finally:
        gateway.check_output("rm /tmp/another-authority")
    assert refused.rc != 0
    assert "certificate verify failed" in refused.stderr
    address = gateway.check_output("getent hosts db1").split()[0]
    elsewhere = gateway.run("python3 -c %s host=db9 hostaddr=%s", CONNECT, address)
    assert elsewhere.rc != 0
    assert 'does not match host name "db9"' in elsewhere.stderr


def test_everybody_who_is_in_came_by_tls(inside: Callable[[str], Host]) -> None:
    query = (
        "SELECT count(*) > 0, bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
        " WHERE client_addr IS NOT NULL"
    )
    assert sql(inside("db1"), query) == ["t|t"]
