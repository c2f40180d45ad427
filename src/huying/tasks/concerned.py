"""Whom a task concerns, and the words in which they are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huying.notices.kinds import Group, Kind, kind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.finding import held
from huying.people.models import Post, Role
from huying.places import naming
from huying.tasks.models import Task

ISSUED = kind(
    "task_issued",
    _("Task from above"),
    _("{desk} gives your grid a task: {item}, due {due}."),
    group=Group.TASKS,
)
DUE_SOON = kind(
    "task_due_soon",
    _("Task due soon"),
    _("{item}: three quarters of the time are used; it is due {due}."),
    group=Group.TASKS,
)
URGED = kind(
    "task_urged",
    _("Task pressed for"),
    _("{desk} presses: {item} is not done in your grid; it is due {due}."),
    group=Group.TASKS,
)
AGAIN = kind(
    "task_again",
    _("Task to be done again"),
    _("{desk} asks for it again: {item}, due {due}."),
    group=Group.TASKS,
)
RECALLED = kind(
    "task_recalled",
    _("Task recalled"),
    _("{desk} has recalled a task: {item}. Nothing more is to be done."),
    group=Group.TASKS,
)
LATE = kind(
    "task_late",
    _("Task overdue"),
    _("{item} was due {due} and is not done in your grid."),
    group=Group.TASKS,
)
LATE_HERE = kind(
    "task_late_here",
    _("Grids late with a task"),
    _("{item} was due {due}; grids of {area} that have not done it: {n}."),
    group=Group.SUPERVISION,
)
LONG_LATE = kind(
    "task_long_late",
    _("Grids long overdue with a task"),
    _("{item} was due {due}; twice the time is used, and grids of {area} have not done it: {n}."),
    group=Group.SUPERVISION,
)
GIVEN_BACK = kind(
    "task_given_back",
    _("Task given back"),
    _("{area} has given a task back: {item}."),
    group=Group.DESK,
)


def _posts(grids: Iterable[str], now: datetime) -> QuerySet[Post]:
    today = timezone.localdate(now)
    return held([Role.GRID_WORKER], today).filter(area_code__in=list(grids))


def workers_of(grids: Iterable[str], now: datetime) -> tuple[int, ...]:
    """The accounts of those who walk these grids now."""
    posts = _posts(grids, now).order_by("account")
    return tuple(posts.values_list("account", flat=True).distinct())


def worker_names(grids: Iterable[str], now: datetime) -> dict[str, str]:
    """Who walks each of these grids, by name; the first where several do."""
    posts = _posts(grids, now).order_by("duty", "id")
    found: dict[str, str] = {}
    for code, name in posts.values_list("area_code", "account__name"):
        found.setdefault(code, name)
    return found


def desk_name(code: str) -> str:
    """An office as notices say it, in one language, since they are kept."""
    with override(settings.LANGUAGE_CODE):
        return now_("the desk of %(place)s") % {"place": naming.own_name(code)}


def said(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def tell(
    what: Kind, whom: Whom, task: Task, *, key: str, now: datetime, path: str, **data: Any
) -> None:
    """Lets the worker tell them, exactly when the transaction at hand is committed."""
    job = job_of(
        what,
        whom,
        key=f"task:{task.pk}:{key}",
        district_code=task.district_code,
        now=now,
        path=path,
        data={"item": task.item_version.name} | data,
    )
    tell_later.defer(**job)


def desk_path(task: Task) -> str:
    return f"/desk/tasks/{task.pk}"


FIELD_PATH = "/field/assigned"
