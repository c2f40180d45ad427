"""The looks at sealed data as `audit.unusual` judges them: access records with posts."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from huying.audit.models import AccessLog
from huying.audit.revealing import ACTION
from huying.audit.unusual import Look, Thresholds
from huying.people.acting import Actor
from huying.people.models import Post

BESIDE = (
    *("see_track", "find_by_phone", "find_by_id_number"),
    *("export_contact", "find_for_request", "narrow_request", "match_id_numbers"),
)
"""Not reveals, and yet looks at what tells of one person."""

MOST = 100_000


def _rows(since: datetime, until: datetime) -> QuerySet[AccessLog]:
    counts = Q(action__startswith=ACTION) | Q(action__in=BESIDE)
    return AccessLog.objects.filter(counts, at__gte=since, at__lt=until, account_id__isnull=False)


def counted(since: datetime, until: datetime) -> int:
    """How many looks there were, whoever's."""
    return _rows(since, until).count()


def looks(since: datetime, until: datetime, *, by: Actor) -> list[Look]:
    """What accounts with posts in the auditor's area have looked at; the latest if too many."""
    found = list(
        _rows(since, until).order_by("-at").values_list(
            "id", "at", "account_id", "post_id", "subject_type", "subject_id", "area_code",
            "occasion", "person", "action", "purpose", "purpose_digest",
        )[:MOST]
    )  # fmt: skip
    posts = dict(Post.objects.in_bulk({row[3] for row in found if row[3] is not None}))
    areas = {pk: post.area_code for pk, post in posts.items()}
    told = []
    for row in found:
        pk, at, account, post, kind, subject, place, occasion, person, action, purpose, words = row
        if account is None or not _watched(areas.get(post), place, by):
            continue
        told.append(
            Look(
                id=pk,
                at=at,
                account=account,
                area=areas.get(post, ""),
                subject=f"{kind}:{subject}",
                place=place,
                occasion=occasion,
                person=bytes(person).hex() or f"{kind}:{subject}",
                reveals=action.startswith(ACTION),
                purpose=purpose,
                words=bytes(words).hex(),
            )
        )
    return told


def _watched(area: str | None, place: str, by: Actor) -> bool:
    """Whether a look is the auditor's to see: by the post that looked.

    Where that post is gone, by the place of the record: to take a post away must hide nothing.
    """
    if area is not None:
        return area.startswith(by.area_code)
    return not place or place.startswith(by.area_code) or by.area_code.startswith(place)


def thresholds() -> Thresholds:
    """From where on reading is unusual here."""
    chosen = settings.HUYING
    begin, end = chosen.reading_night_hours
    return Thresholds(
        per_hour=chosen.reading_per_hour,
        night_from=begin,
        night_until=end,
        per_night=chosen.reading_per_night,
        readers=chosen.reading_readers,
        same_person=chosen.reading_same_person,
        same_purpose=chosen.reading_same_purpose,
        same_words=chosen.reading_same_words,
    )
