"""What signing in leaves behind, and how long it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, OuterRef

from huying.people.models import Browser

KEEP_SIGN_INS: Final = timedelta(days=366)
"""A year, also of what failed. The Cybersecurity Law of 2016, article 21, asks for six months."""
KEEP_FAILURES: Final = timedelta(days=1)
"""The counts of the lock-out, which look fifteen minutes back; what failed stays in its own log."""


def tidy(*, now: datetime) -> int:
    """Forget ended sessions, their browsers, old failures, sign-ins and counts; how many went."""
    session = Session.objects.filter(session_key=OuterRef("session_key"))
    gone = (
        Session.objects.filter(expire_date__lt=now),
        Browser.objects.filter(~Exists(session)),
        AccessAttempt.objects.filter(attempt_time__lt=now - KEEP_FAILURES),
        AccessLog.objects.filter(attempt_time__lt=now - KEEP_SIGN_INS),
        AccessFailureLog.objects.filter(attempt_time__lt=now - KEEP_SIGN_INS),
    )
    with connection.cursor() as cursor:
        # Counts against guessing have addresses in their names.
        cursor.execute("DELETE FROM cache_entry WHERE expires < %s", [now])
        counts = cursor.rowcount
    return counts + sum(rows.delete()[0] for rows in gone)
