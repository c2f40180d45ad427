"""The event log's monthly partitions, made ahead of their time."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

AHEAD = 3
"""Months that must be ready after the present one."""


def make_partitions(*, now: datetime) -> int:
    """Makes the missing partitions; how many. The database's own clock says which month it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_event_partitions(%s)", [AHEAD])
        (made,) = cursor.fetchone()
    return int(made)
