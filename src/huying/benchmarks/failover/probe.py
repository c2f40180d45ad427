"""Writes to one node without end, from the node itself: a process of its own.

It asks nobody who leads: whatever the node acknowledges is noted, also while it is cut off from
everybody else. Reads one JSON object from standard input (a connection string) and prints one line
for each acknowledged write: when it was begun, when it was acknowledged (the machine's monotonic
clock, one for all nodes here), and on which timeline of the database.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress

import psycopg
from psycopg.errors import Diagnostic

PAUSE_S = 0.25
WRITE = """
INSERT INTO probe (node) VALUES (inet_server_addr())
RETURNING ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int
"""


def main() -> None:
    """Runs until it is ended."""
    url = json.load(sys.stdin)["url"]
    while True:
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            unconfirmed: list[Diagnostic] = []
            connection.add_notice_handler(unconfirmed.append)
            while True:
                began = time.monotonic()
                try:
                    row = connection.execute(WRITE).fetchone()
                except psycopg.errors.ReadOnlySqlTransaction:
                    time.sleep(PAUSE_S)
                    continue
                if not unconfirmed:
                    line = [began, time.monotonic(), row[0] if row else 0]
                    sys.stdout.write(f"{json.dumps(line)}\n")
                    sys.stdout.flush()
                unconfirmed.clear()
                time.sleep(PAUSE_S)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
