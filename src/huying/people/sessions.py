"""Sessions in the database, where one that could not be kept says why."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.utils import timezone

from huying.postgres.prepared import rows_of

KEPT: Final = (
    "SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > %(now)s"
)


class SessionStore(db.SessionStore):
    """Django's own, which takes every trouble of the database for a session that was ended.

    Then who asks is answered 400, as if something were wrong with what was sent: a phone does not
    send that again. Where the database is away it is 503, and comes again under the same key.
    """

    def load(self) -> dict[str, Any]:
        """What it holds; nothing where it has ended. Every page of somebody who is signed in begins
        so: asked in plain words, which takes a third of what putting the question together does."""
        rows = rows_of(KEPT, {"key": self.session_key, "now": timezone.now()})
        if not rows:
            self._session_key = None
            return {}
        held: dict[str, Any] = self.decode(rows[0][0])
        return held

    def save(self, must_create: bool = False) -> None:
        """Keeps it. Every few clicks of somebody who is signed in end so: asked in plain words too,
        and as one statement, which needs no transaction around it.

        Raises:
            UpdateError: it was ended meanwhile.
            OperationalError: the database is away.
        """
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE django_session SET session_data = %s, expire_date = %s"
                " WHERE session_key = %s",
                [row.session_data, row.expire_date, row.session_key],
            )
            if not cursor.rowcount:
                raise UpdateError
