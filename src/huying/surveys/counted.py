"""采集完成率 as a figure: what surveys wanted entered by their deadline, and what was entered.

A survey counts on the day of its deadline, by its targets where it has any, else by grids that are
through; what was entered late is entered. Registers have no deadline and so no figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from uuid import UUID

from django.db.models import F, Q

from huying.assessment.beside import counter
from huying.assessment.counting import Asked
from huying.assessment.duties import About
from huying.assessment.tallies import Line, Tally, civil_day
from huying.clock.calendar import CIVIL_TZ
from huying.people.finding import Walkers
from huying.surveys.concerned import grids_of
from huying.surveys.models import Kind, Survey, SurveyGrid, SurveyTarget


@counter
def lines_of_surveys(asked: Asked) -> Iterator[tuple[UUID, Line]]:
    """One line for each target or grid that was to be through, and one for each that is."""
    begins = datetime.combine(asked.first, time.min, CIVIL_TZ)
    ends = min(datetime.combine(asked.last, time.max, CIVIL_TZ), asked.at)
    surveys = (
        Survey.objects.filter(kind=Kind.SURVEY, due_at__range=(begins, ends))
        .filter(opened_at__lte=asked.at, district_code=asked.area[:6])
        # Closed before its deadline: nobody wanted the rest of it.
        .exclude(Q(closed_at__isnull=False) & Q(closed_at__lt=F("due_at")))
        .order_by("pk")
    )
    walkers = Walkers(asked.area)
    for survey in surveys:
        assert survey.due_at is not None
        day = civil_day(survey.due_at)
        for area, done in _of(survey, asked):
            about = About(
                area=area, holder="", item="", channel="", kind="", account=walkers.on(area, day)
            )
            yield survey.pk, Line(Tally.SURVEY_WANTED, day, 0, about)
            if done:
                yield survey.pk, Line(Tally.SURVEY_DONE, day, 0, about)


def _of(survey: Survey, asked: Asked) -> Iterator[tuple[str, bool]]:
    """Where something was wanted, and whether it was there at the moment asked for."""
    targets = SurveyTarget.objects.filter(survey=survey)
    if targets.exists():
        here = targets.filter(area_code__startswith=asked.area)
        for area, done_at, obstacle in here.values_list("area_code", "done_at", "obstacle"):
            yield area, bool(obstacle) or (done_at is not None and done_at <= asked.at)
        return
    through = set(
        SurveyGrid.objects.filter(survey=survey, finished_at__lte=asked.at).values_list(
            "grid_code", flat=True
        )
    )
    for area in grids_of(survey):
        if area.startswith(asked.area):
            yield area, area in through
