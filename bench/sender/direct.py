"""Direct batched inserts, run inside a data processing server: with its database and its number of connections.

Arguments: connections, events a batch, seconds. Prints one JSON object.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

import psycopg

CONNECTIONS, BATCH, SECONDS = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
TABLE = "CREATE TABLE bench_direct (LIKE events INCLUDING ALL)"
INSERT = """
    INSERT INTO bench_direct (collector, seq, gateway, accepted_at, processed_at, dps, epoch, data)
    SELECT %s, rows.seq, 'direct', now(), clock_timestamp(), 'direct', 1, rows.data
    FROM unnest(%s::bigint[], %s::jsonb[]) AS rows (seq, data)
"""


def connect() -> psycopg.Connection:
    """Connect with the server's credentials."""
    password = Path("/etc/redlab/secrets/database-password").read_text().strip()
    return psycopg.connect(os.environ["REDLAB_DATABASE_DSN"], password=password, dbname="event", autocommit=True)


def insert(number: int, written: list[int]) -> None:
    """Commit one batch after another until the time is over."""
    seq = 0
    with connect() as connection:
        while time.monotonic() < end:
            numbers = list(range(seq, seq + BATCH))
            rows = [f'{{"metric":"load","value":{n % 100}}}' for n in numbers]
            connection.execute(INSERT, (f"direct-{number}", numbers, rows))
            seq += BATCH
    written[number] = seq


with connect() as first:
    first.execute("DROP TABLE IF EXISTS bench_direct")
    first.execute(TABLE)
start = time.monotonic()
end = start + SECONDS
written = [0] * CONNECTIONS
threads = [threading.Thread(target=insert, args=(number, written)) for number in range(CONNECTIONS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
seconds = time.monotonic() - start
with connect() as last:
    last.execute("DROP TABLE bench_direct")
print(json.dumps({"events": sum(written), "seconds": round(seconds, 3)}))
