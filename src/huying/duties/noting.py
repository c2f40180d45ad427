"""What every step here shares: words that may be kept, no stale page, a line in the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.audit.chain import plain
from huying.audit.numbers import hide
from huying.duties.models import DutyStep
from huying.errors import BadInput, Missing, StalePage
from huying.people.acting import Actor


def words_of(said: str, *, field: str, most: int, needed: bool = True) -> str:
    """Words as they are kept: id and mobile numbers in them are masked for good.

    Raises:
        Missing: they are needed, and there are none.
        BadInput: they are too long, or hold what the database cannot keep.
    """
    said = said.strip()
    if not said and needed:
        raise Missing(_("Please say it in words."), field=field)
    if len(said) > most:
        raise BadInput(_("At most %(n)s characters, please.") % {"n": most}, field=field)
    if "\0" in said or said != said.encode(errors="ignore").decode():
        raise BadInput(_("This holds characters that cannot be kept."), field=field)
    return hide(said).words


def require_revision(found: Any, revision: int | None) -> None:
    """Raises StalePage where the page was made of an older state."""
    if revision is not None and revision != found.revision:
        raise StalePage(_("Somebody else changed this in the meantime; please look again."))


def note(row: Any, verb: str, *, by: Actor, now: datetime, **data: Any) -> None:
    """Adds a line to the log. Inside the step's transaction; ``data`` holds no words."""
    DutyStep.objects.create(
        district_code=row.district_code,
        subject=row._meta.db_table,
        subject_id=row.pk,
        verb=verb,
        at=now,
        actor_kind=str(by.kind),
        actor_id=by.actor_id,
        post_id=by.post_id,
        data=plain(data),
    )
