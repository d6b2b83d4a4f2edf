"""Time-outs between sites grow with the declared round trip."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path

import pytest
from redlab_node import patience

from redundancy import loading

DATABASE = Path(__file__).parents[3] / "lab" / "images" / "database"


@pytest.mark.parametrize(("milliseconds", "connect", "session"), [("", 0.3, 1), ("0", 0.3, 1), ("700", 1.7, 6.6)])
def test_a_time_out_grows_by_round_trips(
    monkeypatch: pytest.MonkeyPatch, milliseconds: str, connect: float, session: float
) -> None:
    monkeypatch.setenv(patience.NAME, milliseconds)
    assert patience.seconds(0.3, 2) == pytest.approx(connect)
    assert patience.seconds(1, 8) == pytest.approx(session)


@pytest.mark.parametrize(("milliseconds", "seconds"), [(None, "2"), ("100", "3"), ("700", "8"), ("2000", "18")])
@pytest.mark.parametrize("program", ["follow-primary", "subscriptions"])
def test_a_session_with_a_far_server_has_time_to_open(program: str, milliseconds: str | None, seconds: str) -> None:
    (line,) = (line for line in (DATABASE / program).read_text().splitlines() if line.startswith("export PGPASSFILE"))
    environment = {"PATH": "/usr/bin:/bin"} | ({patience.NAME: milliseconds} if milliseconds else {})
    said = subprocess.run(
        ["bash", "-euc", f'{line}; echo "$PGCONNECT_TIMEOUT"'],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == seconds


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("{roundTripMilliseconds: 20}", 0),
        ("{roundTripMilliseconds: 40, jitterMilliseconds: 5}", 0),
        ("{roundTripMilliseconds: 40, jitterMilliseconds: 6}", 100),
        ("{roundTripMilliseconds: 600, distanceKilometers: 9000}", 600),
        ("{roundTripMilliseconds: 600, jitterMilliseconds: 10, distanceKilometers: 9000}", 700),
    ],
)
def test_only_a_long_link_is_told_to_the_nodes(link: str, expected: int) -> None:
    text = f"pattern: DisasterRecovery\nsites: {{dc1: {{}}, dc2: {{}}}}\nlinks: {{dc1-dc2: {link}}}\n"
    topology = loading.load(loading.parse(text, "dr.yaml"), "dr")
    assert topology.long_round_trip_milliseconds("dc1") == topology.long_round_trip_milliseconds("dc2") == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("{}", 0),
        ("{bandwidthMegabitsPerSecond: 100}", 0),
        ("{bandwidthMegabitsPerSecond: 10}", 80),
        ("{bandwidthMegabitsPerSecond: 1}", 800),
    ],
)
def test_a_new_standby_is_waited_for_as_long_as_its_link_takes(link: str, expected: int) -> None:
    text = f"pattern: DisasterRecovery\nsites: {{dc1: {{}}, dc2: {{}}}}\nlinks: {{dc1-dc2: {link}}}\n"
    topology = loading.load(loading.parse(text, "dr.yaml"), "dr")
    assert topology.copy_seconds("dc1") == topology.copy_seconds("dc2") == expected
    assert topology.queue_milliseconds("dc1") == topology.queue_milliseconds("dc2") == 1000 * math.ceil(expected / 50)


@pytest.mark.parametrize(
    ("trip", "queue", "expected"),
    [
        ("", "", {"wal_sender_timeout": "5000ms", "wal_receiver_timeout": "5000ms"}),
        ("600", "", {"wal_sender_timeout": "7400ms", "tcp_user_timeout": "7400", "tcp_keepalives_count": "7"}),
        ("600", "16000", {"wal_sender_timeout": "23400ms", "tcp_user_timeout": "23400", "tcp_keepalives_count": "23"}),
    ],
)
def test_a_database_server_waits_for_messages_queued_behind_its_data(
    tmp_path: Path, trip: str, queue: str, expected: dict[str, str]
) -> None:
    text = (DATABASE / "database-role").read_text()
    for place, own in (("/run/database", "run"), ("/var/lib/postgresql/data", "volume")):
        text = text.replace(place, str(tmp_path / own))
    # Beside the settings it writes what the server logs in with elsewhere.
    (tmp_path / "database-passwords").write_text("#!/bin/sh\n")
    (tmp_path / "database-passwords").chmod(0o755)
    given = {patience.NAME: trip, "REDLAB_QUEUE_MILLISECONDS": queue}
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "REDLAB_SITE": "dc1", "REDLAB_NODE": "dc1-db1"}
    environment |= {"REDLAB_REPLICATION_PEER": "dc2-db1", "REDLAB_SYNCHRONOUS_REPLICATION": "false"}
    environment |= {name: value for name, value in given.items() if value}
    subprocess.run(["bash", "-c", text, "database-role", "configure"], env=environment, check=True)
    written = dict(
        line.split(" = ") for line in (tmp_path / "run/replication.conf").read_text().splitlines() if " = " in line
    )
    assert written.items() >= expected.items()
    assert ("tcp_user_timeout" in written) == ("tcp_user_timeout" in expected)
