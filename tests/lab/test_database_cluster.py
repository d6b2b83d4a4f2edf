"""The database cluster's image: who may change it, what a planned switchover keeps, how it says that it is well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.support.lab.cluster_of_two import ELSEWHERE, MEMBERS, READY_SECONDS, ClusterOfTwo

from redlab.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker

ASK = """
import base64, sys, urllib.error, urllib.request
method, path, password = sys.argv[1:]
request = urllib.request.Request("http://127.0.0.1:8008" + path, method=method, data=b'{"ttl": 60}')
if password:
    request.add_header("Authorization", "Basic " + base64.b64encode(b"redlab:" + password.encode()).decode())
try:
    print(urllib.request.urlopen(request, timeout=5).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


@pytest.fixture(scope="module")
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ClusterOfTwo:
    made = ClusterOfTwo(tmp_path_factory.mktemp("secrets"))
    request.addfinalizer(made.close)
    made.start()
    return made


@pytest.fixture
def cluster(started: ClusterOfTwo) -> Iterator[ClusterOfTwo]:
    """Both members are well, and commits wait for the standby."""
    assert until(started.redundant, 60), started.logs()
    yield started
    for node in started.nodes.values():
        node.reload()
        if node.status == "paused":
            node.unpause()


@pytest.mark.parametrize(("path", "method"), [("/config", "PATCH"), ("/switchover", "POST"), ("/restart", "POST")])
@pytest.mark.parametrize("known", ["", "database"])
def test_who_does_not_know_the_password_changes_nothing(
    cluster: ClusterOfTwo, path: str, method: str, known: str
) -> None:
    password = cluster.passwords.get(known, "")
    assert cluster.run("db1", "python3", "-c", ASK, method, path, password) == (0, "401\n")
    assert cluster.settings()["ttl"] == "20"


@pytest.mark.parametrize(
    ("user", "purpose"), [("redlab", "database"), ("replicator", "replication"), ("rewind", "rewind")]
)
def test_a_database_user_needs_its_own_password(cluster: ClusterOfTwo, user: str, purpose: str) -> None:
    command = ["psql", "-XAt", "-h", cluster.address("db1"), "-U", user, "-d", "event", "-c", "SELECT 1"]
    for own, password in cluster.passwords.items():
        code, said = cluster.run("db2", *command, PGPASSWORD=password)
        assert (code == 0) == (own == purpose), (own, said)
        assert code == 0 or "password authentication failed" in said


RANGE = """
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile="/etc/redlab/secrets/store-authority")
if sys.argv[2:]:
    context.load_cert_chain(sys.argv[2])
try:
    urllib.request.urlopen(sys.argv[1] + "/v3/kv/range", b'{"key": "YQ=="}', timeout=5, context=context)
    print("let in")
except OSError as error:
    print("kept out")
"""


@pytest.mark.parametrize(
    ("url", "certificate", "outcome"),
    [
        ("https://{}:2379", ["/etc/redlab/secrets/store-certificate"], "let in"),
        ("https://{}:2379", [], "kept out"),
        ("http://{}:2379", [], "kept out"),
        ("http://{}:2378", [], "kept out"),
        ("https://{}:2380", ["/etc/redlab/secrets/store-certificate"], "kept out"),  # that is for members of the store
    ],
)
def test_the_store_lets_in_whoever_has_a_certificate(
    cluster: ClusterOfTwo, url: str, certificate: list[str], outcome: str
) -> None:
    command = ["python3", "-c", RANGE, url.format(cluster.address("etcd1")), *certificate]
    assert cluster.run("db1", *command) == (0, f"{outcome}\n")


FOLLOWS = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_replication USING (pid)"


def test_members_follow_each_other_by_tls_and_nobody_comes_in_clear(cluster: ClusterOfTwo) -> None:
    primary = cluster.primary()
    assert primary
    assert cluster.sql(primary, FOLLOWS) == (0, "t")
    for user, purpose in (("redlab", "database"), ("replicator", "replication")):
        place = f"host={cluster.address(primary)} user={user} dbname=event sslmode=disable"
        code, said = cluster.run("db2", "psql", "-XAt", place, "-c", "SELECT 1", PGPASSWORD=cluster.passwords[purpose])
        assert code == 2
        assert "no encryption" in said


def test_certificates_of_another_authority_hold_from_the_next_start_on_and_nothing_is_lost(
    cluster: ClusterOfTwo,
) -> None:
    primary = cluster.primary()
    assert primary
    assert cluster.sql(primary, "CREATE TABLE certified AS SELECT 17 AS number")[0] == 0
    cluster.certify("another one")
    for name in MEMBERS:
        cluster.start_member(name)
    assert until(cluster.redundant, READY_SECONDS), cluster.logs()
    after = cluster.primary()
    assert after
    assert cluster.sql(after, FOLLOWS) == (0, "t")
    assert [cluster.sql(name, "SELECT number FROM certified") for name in MEMBERS] == [(0, "17"), (0, "17")]


def test_the_passwords_are_where_nobody_looks(cluster: ClusterOfTwo) -> None:
    _, stored = cluster.run("etcd1", "etcdctl", "get", "--prefix", "/")
    assert "/service/test/config" in stored
    places = [stored, cluster.logs()]
    for name in MEMBERS:
        _, processes = cluster.run(name, "sh", "-c", "cat /proc/[0-9]*/cmdline")
        assert "postgres" in processes
        places += [processes, json.dumps(cluster.nodes[name].attrs)]
    for password in cluster.passwords.values():
        # Also as JSON and as an SQL text would have it.
        for written in (password, json.dumps(password)[1:-1], password.replace("'", "''")):
            assert not any(written in place for place in places)


def test_another_password_holds_from_the_next_start_of_the_primary_on(cluster: ClusterOfTwo) -> None:
    cluster.set_passwords({purpose: f"{password}2" for purpose, password in cluster.passwords.items()})
    for name in MEMBERS:
        cluster.start_member(name)
    assert until(cluster.redundant, READY_SECONDS), cluster.logs()
    primary = cluster.primary()
    assert primary
    command = ["psql", "-XAt", "-h", cluster.address(primary), "-U", "redlab", "-d", "event", "-c", "SELECT 1"]
    assert cluster.run("db2", *command, PGPASSWORD=cluster.passwords["database"]) == (0, "1\n")
    assert cluster.run("db2", *command, PGPASSWORD=cluster.passwords["database"][:-1])[0] == 2


def test_the_cluster_began_with_the_member_of_the_declared_site_although_another_one_had_started(
    cluster: ClusterOfTwo,
) -> None:
    assert cluster.first == "db1"
    assert "it begins here" not in cluster.logs()


def test_a_declared_site_that_is_dead_from_the_first_keeps_no_cluster_from_beginning(cluster: ClusterOfTwo) -> None:
    cluster.start_member("db3", REDLAB_CLUSTER="alone", REDLAB_FIRST_MEMBER_SECONDS="1", **ELSEWHERE)
    try:
        assert until(lambda: cluster.sql("db3", "SELECT pg_is_in_recovery()") == (0, "f"), 60), cluster.logs()
        assert "it begins here" in cluster.logs()
        # A member that has data waits for nobody, whoever is there.
        cluster.nodes["db3"].restart(timeout=5)
        assert until(lambda: cluster.healthy("db3"), 30), cluster.logs()
        assert cluster.logs().count("it begins here") == 1
    finally:
        cluster.nodes.pop("db3").remove(force=True)


def test_a_planned_switchover_keeps_every_row_and_rebuilds_nothing(cluster: ClusterOfTwo) -> None:
    former = cluster.primary()
    assert former
    candidate = next(name for name in MEMBERS if name != former)
    place = ["stat", "--format", "%i", "/var/lib/postgresql/data/cluster"]
    before = cluster.run(former, *place)
    assert cluster.sql(former, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")[0] == 0
    order = json.dumps({"leader": former, "candidate": candidate})
    code, said = cluster.run(former, "patroni-request", "POST", "/switchover", order)
    assert code == 0, said
    assert until(lambda: cluster.primary() == candidate, 30)
    assert until(cluster.redundant, 60), cluster.logs()
    assert cluster.sql(candidate, "SELECT count(*), sum(number) FROM kept") == (0, "1000|500500")
    assert cluster.run(former, *place) == before
    refused = cluster.sql(former, "INSERT INTO kept VALUES (0)")
    assert refused[0] != 0
    assert "read-only" in refused[1]


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("PATCH", "/config", "no json", "400"),
        ("POST", "/switchover", '{"leader": "nobody", "candidate": "db2"}', "412"),
        ("POST", "/switchover", "{}", "400"),
    ],
)
def test_a_refused_request_says_so(cluster: ClusterOfTwo, method: str, path: str, body: str, says: str) -> None:
    primary = cluster.primary()
    code, said = cluster.run("db1", "patroni-request", method, path, body)
    assert (code, said[:3]) == (1, says), said
    assert cluster.primary() == primary


def test_what_a_restarted_member_declares_holds_in_the_cluster_that_is_there(cluster: ClusterOfTwo) -> None:
    standby = next(name for name in MEMBERS if name != cluster.primary())
    cluster.start_member(standby, REDLAB_LEASE_SECONDS="25")
    assert until(lambda: cluster.settings()["ttl"] == "25", 30), cluster.logs()
    cluster.start_member(standby)
    assert until(lambda: cluster.settings()["ttl"] == "20", 30), cluster.logs()


def test_a_primary_goes_on_while_the_store_is_away_and_its_standby_is_there(cluster: ClusterOfTwo) -> None:
    """A store that is away for longer than `retry_timeout` (3 s here) would else cost it its place."""
    primary = cluster.primary()
    assert primary
    started = cluster.sql(primary, "SELECT pg_postmaster_start_time()")
    assert cluster.sql(primary, "CREATE TABLE written (at timestamptz DEFAULT now())")[0] == 0
    cluster.nodes["etcd1"].pause()
    assert not until(lambda: cluster.sql(primary, "INSERT INTO written VALUES (DEFAULT)")[0], 20, 0.25)
    cluster.nodes["etcd1"].unpause()
    assert until(cluster.redundant, 60), cluster.logs()
    assert cluster.primary() == primary
    assert cluster.sql(primary, "SELECT pg_postmaster_start_time()") == started


def test_a_primary_that_reaches_neither_the_store_nor_its_standby_is_not_healthy(cluster: ClusterOfTwo) -> None:
    primary = cluster.primary()
    assert primary
    assert cluster.healthy(primary)
    away = [cluster.nodes[name] for name in cluster.nodes if name != primary]
    for node in away:
        node.pause()
    assert until(lambda: not cluster.healthy(primary), 60)
    assert until(lambda: cluster.sql(primary, "SELECT pg_is_in_recovery()") != (0, "f"), 30)
    for node in away:
        node.unpause()
    assert until(cluster.redundant, 60), cluster.logs()
