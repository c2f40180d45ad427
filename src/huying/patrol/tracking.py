"""轨迹: positions on duty. Many at once, each once, none outside of duty, none for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.errors import BadInput, Missing, NotFound
from huying.patrol import duty
from huying.patrol.models import LOOKING, DutySpan, TrackPoint
from huying.people.acting import Actor
from huying.people.finding import held
from huying.people.models import ON_FOOT, Account
from huying.postgres.prepared import rows_of, statement

MOST: Final = 1000
KEEP_SPANS: Final = timedelta(days=400)
"""Hours on duty are kept longer than any point of a track may be."""

AHEAD: Final = timedelta(minutes=2)
STATEMENT: Final = statement("track_points")

PURPOSES: Final = {
    "assistance": _("they need help, or do not answer"),
    "complaint": _("a complaint about the patrol"),
    "assessment": _("the patrol is assessed"),
    "emergency": _("an emergency close by"),
}
"""Why one looks at a person's track; the code stands in the access log."""


class Point(NamedTuple):
    """Where a phone was."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None


def read(sent: Any) -> list[Point]:
    """The points as a phone sends them: milliseconds since 1970, degrees, metres.

    Raises:
        BadInput: it is no list of these, or there are too many.
    """
    if not isinstance(sent, list) or len(sent) > MOST:
        raise BadInput(_("A list of at most 1000 points is wanted."), field="points")
    try:
        return [_point(*each) for each in sent]
    except (TypeError, ValueError, OverflowError, OSError):
        raise BadInput(_("This is no position."), field="points") from None


def _point(ms: Any, lon: Any, lat: Any, accuracy: Any = None) -> Point:
    lon, lat = float(lon), float(lat)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError
    good_to = None if accuracy is None else min(max(float(accuracy), 0.0), 1e6)
    return Point(datetime.fromtimestamp(float(ms) / 1000, UTC), lon, lat, good_to)


def store(points: Sequence[Point], *, by: Actor, now: datetime) -> int:
    """Keeps those that lie within the actor's duty, in one statement; how many were new.

    Points sent again are the same points. What lies outside of duty, ahead of the clock, or too
    far back to be kept is not written anywhere.
    """
    if by.role not in ON_FOOT or not points:
        return 0
    kept = rows_of(
        STATEMENT,
        {
            "account": by.account_id,
            "first": now - timedelta(days=settings.HUYING.track_keep_days),
            "last": now + AHEAD,
            "points": orjson.dumps([[*point] for point in points]).decode(),
        },
    )
    return len(kept)


def workers_of(actor: Actor, today: Any) -> list[tuple[int, str, str]]:
    """Whose track the post may look at: account, name and area of those on foot in its area."""
    if actor.role not in LOOKING or not actor.area_code:
        return []
    posts = held(ON_FOOT, today).filter(area_code__startswith=actor.area_code)
    found = posts.order_by("area_code", "id").values_list("account", "account__name", "area_code")
    return list({row[0]: row for row in found}.values())


def look(
    account: int,
    first: datetime,
    last: datetime,
    *,
    by: Actor,
    now: datetime,
    purpose: str,
    words: str = "",
) -> tuple[Account, list[DutySpan], list[TrackPoint]]:
    """A worker's track between two moments. It is written down first who looks, and why.

    Only duty that was done in the looker's own area is shown.

    Raises:
        NotFound: nobody of the area goes by this number.
        Missing: no reason.
    """
    spans = DutySpan.objects.filter(account=account, area_code__startswith=by.area_code)
    seen = {row[0] for row in workers_of(by, now.date())}
    if by.role not in LOOKING or (account not in seen and not spans.exists()):
        raise NotFound
    if purpose not in PURPOSES:
        raise Missing(_("Please choose a reason."), field="purpose")
    if not words.strip():
        raise Missing(_("Please give the reason in words."), field="words")
    access.record(
        action="see_track",
        subject_type="account",
        subject_id=account,
        now=now,
        by=by,
        purpose=purpose,
        purpose_text=words.strip(),
        fields=("lon", "lat", "at"),
    )
    spans = spans.filter(began_at__lt=last).order_by("began_at")
    running = [span for span in spans if (span.ended_at or span.ends_by) > first]
    points = TrackPoint.objects.filter(
        account_id=account, at__range=(first, last), span__in=running
    )
    return Account.objects.get(pk=account), running, list(points.order_by("at"))


def tidy(*, now: datetime) -> int:
    """Ends duty that was forgotten, and forgets points that are older than the setting says."""
    duty.end_forgotten(now=now)
    keep = timedelta(days=settings.HUYING.track_keep_days)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM track_point WHERE at < %s", [now - keep])
        gone = cursor.rowcount
        # No point of such a span is left: nothing needs to be looked for.
        cursor.execute("DELETE FROM duty_span WHERE ends_by < %s", [now - KEEP_SPANS])
    return gone
