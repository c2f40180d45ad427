"""What the person suggested, and the wishes that came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.neighbours import forgetting
from huying.neighbours.models import ClaimRating, Suggestion, Wish
from huying.neighbours.models.suggestions import Source as By
from huying.neighbours.models.suggestions import SuggestionState
from huying.neighbours.models.wishes import WishState
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.registry import sealing
from huying.requests.models import Ground
from huying.requests.sources.accounts import accounts_of
from huying.requests.sources.source import (
    MOST,
    Line,
    Marks,
    Source,
    Told,
    ids,
    never,
    nothing_holds,
    shown,
)


def _theirs(marks: Marks) -> Q:
    """By the phone that was left; a member's own by the account. Who typed at a desk is nobody."""
    own = Q(account__in=accounts_of(marks), source=By.MEMBER)
    return Q(phone_index__in=marks.phone) | own


def _suggestions(marks: Marks) -> list[tuple[UUID, str]]:
    rows = Suggestion.objects.filter(_theirs(marks)).exclude(words="").order_by("collected_at")
    return ids(rows.values_list("pk", "area_code")[:MOST])


def _suggestion_line(pk: UUID) -> Line | None:
    row = Suggestion.objects.select_related("topic").filter(pk=pk).first()
    if row is None or not row.words:
        return None
    words = str(row.topic or row.get_source_display())
    open_ = row.state == SuggestionState.NEW
    return Line(words, naming.names(row.area_code), row.collected_at, open_)


def _tell_suggestion(pk: UUID, marks: Marks) -> Told:
    row = Suggestion.objects.get(pk=pk)
    told = [
        (_("Received"), shown(row.collected_at)),
        (_("What you said"), row.words),
        (_("Place"), f"{naming.names(row.area_code)} {row.spot}".strip()),
        (_("Phone"), sealing.opened(row, "phone")),
        (_("State"), str(row.get_state_display())),
        (_("Answer"), row.answer),
        (_("What was done"), row.done_words),
    ]
    told += [
        (_("Your rating"), f"{each.stars} {each.words}".strip())
        for each in ClaimRating.objects.filter(suggestion=row)
    ]
    photos = row.photos.count()
    told.append((_("Photos kept"), str(photos or "")))
    return [each for each in told if each[1]]


def _erase_suggestion(pk: UUID, marks: Marks, now: datetime) -> None:
    forgetting.forget(pk, by=SYSTEM, now=now)


def _wishes(marks: Marks) -> list[tuple[UUID, str]]:
    came = Suggestion.objects.filter(_theirs(marks)).exclude(wish=None).values("wish")
    rows = Wish.objects.filter(pk__in=came).exclude(words="").order_by("made_at")
    return ids(rows.values_list("pk", "area_code")[:MOST])


def _wish_line(pk: UUID) -> Line | None:
    row = Wish.objects.filter(pk=pk).first()
    if row is None or not row.words:
        return None
    return Line(row.title, naming.names(row.area_code), row.made_at, row.state == WishState.OPEN)


def _tell_wish(pk: UUID, marks: Marks) -> Told:
    row = Wish.objects.get(pk=pk)
    told = [
        (_("Wish"), row.title),
        (_("In words"), row.words),
        (_("State"), str(row.get_state_display())),
        (_("Everybody could read it since"), shown(row.published_at)),
    ]
    return [each for each in told if each[1]]


def _wish_held(pk: UUID) -> Ground | None:
    """The desk closes it first: somebody may be at it."""
    return Ground.CASE_OPEN if Wish.objects.filter(pk=pk, state=WishState.OPEN).exists() else None


def _erase_wish(pk: UUID, marks: Marks, now: datetime) -> None:
    forgetting.forget_wish(pk, by=SYSTEM, now=now)


SOURCES: Final = (
    Source(
        "suggestion", gettext_lazy("suggestion"), _suggestions, _suggestion_line,
        _tell_suggestion, nothing_holds, _erase_suggestion, never, ("phone", "words"),
        tables=("suggestion", "wish_rating"),
    ),
    Source(
        "wish", gettext_lazy("wish that came of a suggestion"), _wishes, _wish_line, _tell_wish,
        _wish_held, _erase_wish, never, ("words",), tables=("wish",),
    ),
)  # fmt: skip
