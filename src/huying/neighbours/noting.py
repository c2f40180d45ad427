"""What every step here shares: words that may be kept, a row that is held, a line in the log."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.audit.chain import plain
from huying.audit.numbers import hide
from huying.cases.verbs import keepable
from huying.errors import BadInput, Missing, StalePage
from huying.neighbours.models import NeighbourStep
from huying.people.acting import Actor

LONGEST = 2000


def words_of(said: str, *, field: str, most: int = LONGEST, needed: bool = True) -> str:
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
    if not keepable(said):
        raise BadInput(_("This holds characters that cannot be kept."), field=field)
    return hide(said).words


def require_version(found: Any, version: int | None) -> None:
    """Raises StalePage where the page was made of an older state."""
    if version is not None and version != found.version:
        raise StalePage(_("Somebody else changed this in the meantime; please look again."))


def note(row: Any, verb: str, *, by: Actor, now: datetime, **data: Any) -> None:
    """Adds a line to the log. Inside the step's transaction."""
    NeighbourStep.objects.create(
        district_code=row.district_code,
        area_code=_area_of(row),
        subject=row._meta.db_table,
        subject_id=row.pk,
        verb=verb,
        at=now,
        actor_kind=str(by.kind),
        actor_id=by.actor_id,
        post_id=by.post_id,
        data=plain(data),
    )


def _area_of(row: Any) -> str:
    for name in ("wish", "circle", "activity"):
        if not hasattr(row, "area_code") and hasattr(row, name):
            return str(getattr(row, name).area_code)
    return str(row.area_code)


def steps_of(*ids: uuid.UUID) -> list[NeighbourStep]:
    """The log of these rows, the newest first."""
    return list(NeighbourStep.objects.filter(subject_id__in=ids).order_by("-at", "-id"))
