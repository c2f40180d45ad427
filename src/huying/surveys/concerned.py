"""Whom a survey concerns, and the words in which they are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.notices.kinds import Group, kind
from huying.notices.kinds import Kind as NoticeKind
from huying.notices.telling import Whom, job_of, tell_later
from huying.places.models import Grid
from huying.surveys.models import Survey, SurveyEntry
from huying.tasks.concerned import desk_name, said, workers_of

OPENED = kind(
    "survey_opened",
    _("Survey for your grid"),
    _("{desk} has something filled in in your grid: {title}, due {due}."),
    group=Group.TASKS,
)
REGISTER_OPENED = kind(
    "survey_register_opened",
    _("New register"),
    _("{desk} has opened a register that your grid keeps: {title}."),
    group=Group.TASKS,
)
SENT_BACK = kind(
    "survey_sent_back",
    _("Entry sent back"),
    _("{desk} has looked at an entry of yours and sent it back: {title}."),
    group=Group.TASKS,
)
DUE_SOON = kind(
    "survey_due_soon",
    _("Survey due soon"),
    _("{title}: three quarters of the time are used; it is due {due}."),
    group=Group.TASKS,
)
LATE = kind(
    "survey_late",
    _("Survey overdue"),
    _("{title} was due {due} and your grid is not through."),
    group=Group.TASKS,
)
LATE_HERE = kind(
    "survey_late_here",
    _("Grids late with a survey"),
    _("{title} was due {due}; grids of {area} that are not through: {n}."),
    group=Group.SUPERVISION,
)


def grids_of(survey: Survey) -> list[str]:
    """The codes of the live grids that it reaches."""
    areas = tuple(survey.areas.values_list("code", flat=True))
    live = Grid.objects.within(survey.area_code).live().order_by("code")
    return [code for code in live.values_list("code", flat=True) if code.startswith(areas)]


def tell(
    what: NoticeKind,
    whom: Whom,
    survey: Survey,
    *,
    key: str,
    now: datetime,
    path: str,
    **data: Any,
) -> None:
    """Lets the worker tell them, exactly when the transaction at hand is committed."""
    job = job_of(
        what,
        whom,
        key=f"survey:{survey.pk}:{key}",
        district_code=survey.district_code,
        now=now,
        path=path,
        data={"title": survey.title} | data,
    )
    tell_later.defer(**job)


def tell_opened(survey: Survey, now: datetime) -> None:
    """Those who walk the grids that it reaches."""
    whom = Whom(accounts=workers_of(grids_of(survey), now))
    data = {"desk": desk_name(survey.area_code)}
    key, path = f"opened:{now.isoformat()}", field_path(survey)
    if survey.due_at is None:
        tell(REGISTER_OPENED, whom, survey, key=key, now=now, path=path, **data)
    else:
        due = said(survey.due_at)
        tell(OPENED, whom, survey, key=key, now=now, path=path, due=due, **data)


def tell_sent_back(entry: SurveyEntry, desk: str, now: datetime) -> None:
    """Who entered it."""
    tell(
        SENT_BACK,
        Whom(accounts=(entry.told_by,)),
        entry.survey,
        key=f"back:{entry.pk}:{entry.version}",
        now=now,
        path=field_path(entry.survey),
        desk=desk_name(desk),
    )


def field_path(survey: Survey) -> str:
    return f"/field/surveys/{survey.pk}"


def desk_path(survey: Survey) -> str:
    return f"/desk/surveys/{survey.pk}"
