"""Sessions in the database: read with whose they are, and one that could not be kept says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from huying.people.acting import HOLDING, post_columns, posts_from
from huying.people.models import Account, Post, account_columns
from huying.postgres.objects import made_of
from huying.postgres.prepared import rows_of, statement

KEPT: Final = statement("session_kept")
CLICKED: Final = statement("session_clicked")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose browser it was at the last click, as the session was read: for this request alone.

    What the session itself says, and whether it may be believed, is still to be looked at.
    """

    account: Account
    posts: list[Post]


@dataclass(frozen=True, slots=True)
class Click:
    """A click in a browser, to be noted when its session is kept."""

    account: int
    address: str | None
    device: str
    at: datetime

    def values(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "address": self.address,
            "device": self.device,
            "at": self.at,
        }


class SessionStore(db.SessionStore):
    """Django's own, which takes every trouble of the database for a session that was ended.

    Then who asks is answered 400, as if something were wrong with what was sent: a phone does not
    send that again. Where the database is away it is 503, and comes again under the same key.
    """

    holder: Holder | None = None
    click: Click | None = None

    def load(self) -> dict[str, Any]:
        """What it holds; nothing where it has ended.

        Every request of somebody who is signed in begins so: one question in plain words, in which
        the account and its posts of today are asked for too (`holder`).
        """
        now = timezone.now()
        values = {"key": self.session_key, "now": now, "today": timezone.localdate(now)}
        rows = rows_of(_statement(), values)
        if not rows:
            self._session_key = None
            return {}
        self.holder = _holder(rows)
        held: dict[str, Any] = self.decode(rows[0][0])
        return held

    def signed_in(self) -> Holder | None:
        """Who is signed in, by all that Django itself looks at; None where that has to say."""
        holder = self.holder
        if (
            holder is not None
            and holder.account.is_active
            and self.get(SESSION_KEY) == str(holder.account.pk)
            and self.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
            and constant_time_compare(
                self.get(HASH_SESSION_KEY, ""), holder.account.get_session_auth_hash()
            )
        ):
            return holder
        return None

    def save(self, must_create: bool = False) -> None:
        """Keeps it, and the click that is to be noted with it: in plain words too, and as one
        statement, which needs no transaction around it.

        Raises:
            UpdateError: it was ended meanwhile.
            OperationalError: the database is away.
        """
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        values = {"key": row.session_key, "data": row.session_data, "expires": row.expire_date}
        click, self.click = self.click, None
        kept = rows_of(CLICKED, values | click.values()) if click else rows_of(KEPT, values)
        if not kept:
            raise UpdateError


@cache
def _statement() -> str:
    account = ", ".join(f"account.{field.column}" for field in Account._meta.concrete_fields)
    return (
        f"SELECT session.session_data, {account}, {post_columns()}"  # noqa: S608 - names of ours
        " FROM django_session session"
        " LEFT JOIN browser ON browser.session_key = session.session_key"
        " LEFT JOIN account ON account.id = browser.account_id"
        f" LEFT JOIN post ON post.account_id = account.id AND {HOLDING}"
        " LEFT JOIN unit ON unit.id = post.unit_id"
        " WHERE session.session_key = %(key)s AND session.expire_date > %(now)s ORDER BY post.id"
    )


def _holder(rows: list[tuple[Any, ...]]) -> Holder | None:
    columns = account_columns()
    first, behind = rows[0], 1 + len(columns)
    if first[1] is None:
        return None  # no click was noted yet
    account = made_of(Account, columns)(first[1:behind])
    posts = [row[behind:] for row in rows if row[behind] is not None]
    return Holder(account, posts_from(posts, account))
