"""Answers about the person in registers and surveys that somebody designed."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.forms.saying import said
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.registry.models import Person
from huying.requests.sources.source import (
    MOST,
    Line,
    Marks,
    Source,
    Told,
    ids,
    nothing_holds,
    shown,
)
from huying.surveys import forgetting
from huying.surveys.answers import definition_of, latest, opened
from huying.surveys.models import SurveyEntry, SurveyMark


def _entries(marks: Marks) -> list[tuple[UUID, str]]:
    """By a number in the answers; by the name where it is answered of the house they live in."""
    fits = Q(value_index__in=marks.numbers)
    homes = Person.objects.filter(pk__in=marks.people).values("dwelling__address__building")
    if marks.people and marks.name:
        fits |= Q(value_index__in=marks.name, answers__entry__address__building__in=homes)
        fits |= Q(value_index__in=marks.name, answers__entry__address__in=homes)
    rows = SurveyMark.objects.filter(fits).order_by("answers__entry")
    return ids(rows.values_list("answers__entry", "answers__entry__area_code").distinct()[:MOST])


def _line(pk: UUID) -> Line | None:
    row = SurveyEntry.objects.select_related("survey").filter(pk=pk).first()
    if row is None:
        return None
    return Line(row.survey.title, naming.names(row.area_code), row.told_at, row.is_living)


def _tell(pk: UUID, marks: Marks) -> Told:
    """The latest answers; of what is sealed only the person's own is opened."""
    row = SurveyEntry.objects.select_related("survey").get(pk=pk)
    answers = latest(row)
    own = {name: text for name, text in opened(answers).items() if marks.are_theirs(str(text))}
    told = [
        (_("Survey"), row.survey.title),
        (_("Place"), f"{naming.names(row.area_code)} {row.place}".strip()),
        (_("Entered"), shown(row.told_at)),
    ]
    told += [(each.label, each.words) for each in said(definition_of(answers), answers.shown | own)]
    return [each for each in told if each[1]]


def _erase(pk: UUID, marks: Marks, now: datetime) -> None:
    forgetting.forget(pk, marks.are_theirs, by=SYSTEM, now=now)


def _corrected(pk: UUID, since: datetime) -> bool:
    return SurveyEntry.objects.filter(pk=pk, steps__verb="correct", steps__at__gte=since).exists()


SOURCES: Final = (
    Source(
        "survey_entry", gettext_lazy("answers to a survey"), _entries, _line, _tell,
        nothing_holds, _erase, _corrected, ("answers",),
        tables=("survey_entry", "survey_answers", "survey_mark"),
    ),
)  # fmt: skip
