"""What the same person asked before."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.places import naming
from huying.requests.models import Ground, PersonRequest, State
from huying.requests.sources.source import MOST, Line, Marks, Source, Told, ids, never, shown


def _requests(marks: Marks) -> list[tuple[UUID, str]]:
    """Answered ones: the one that is being taken is not among them."""
    fits = Q(id_number_index__in=marks.id_number) | Q(phone_index__in=marks.phone)
    rows = PersonRequest.objects.filter(fits, state=State.ANSWERED).order_by("taken_at")
    return ids(rows.values_list("pk", "area_code")[:MOST])


def _line(pk: UUID) -> Line | None:
    row = PersonRequest.objects.filter(pk=pk).first()
    if row is None:
        return None
    words = f"{row.number} {row.get_kind_display()}"
    return Line(words, naming.names(row.area_code), row.taken_at, False)


def _tell(pk: UUID, marks: Marks) -> Told:
    row = PersonRequest.objects.get(pk=pk)
    told = [
        (_("Number"), row.number),
        (_("Wish"), str(row.get_kind_display())),
        (_("Taken"), shown(row.taken_at)),
        (_("What you said"), row.words),
        (_("State"), str(row.get_state_display())),
    ]
    return [each for each in told if each[1]]


def _held(pk: UUID) -> Ground | None:
    """That there was an answer must be shown for a time; then its own rule empties it."""
    return Ground.LEGAL_DUTY


def _erase(pk: UUID, marks: Marks, now: datetime) -> None:
    raise AssertionError("a request is emptied by its rule alone: see `_held`")


SOURCES: Final = (
    Source(
        "request", gettext_lazy("earlier request"), _requests, _line, _tell,
        _held, _erase, never, ("words",), tables=("person_request",),
    ),
)  # fmt: skip
