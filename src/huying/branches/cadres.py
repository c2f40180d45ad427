"""驻点联系: a cadre is assigned to a grid, goes there, and writes down what they heard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.branches.models import CadreAssignment, CadreVisit
from huying.branches.sight import may_found
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.acting import Actor, in_force
from huying.people.models import LEADERS, Post, Role
from huying.places import naming
from huying.places.models import Grid

CADRES: Final = LEADERS | {Role.DISPATCHER, Role.HANDLER, Role.CHECKER}
"""Posts whose holders may be assigned to a grid."""
LONGEST: Final = 2000

ASSIGNED = kind(
    "cadre_assigned",
    _("You keep in touch with a grid"),
    _("You are assigned to {grid}: {times} visits a month, with a line of what you heard."),
    group=Group.TASKS,
)


def may_assign(actor: Actor, code: str) -> bool:
    """The desks of and above a place."""
    return may_found(actor, code)


def candidates(code: str, today: date) -> list[Post]:
    """Who may be assigned to a grid: holders of posts in its community, town or district."""
    areas = [code[:n] for n in (12, 9, 6)]
    posts = Post.objects.filter(in_force(today), role__in=sorted(CADRES), area_code__in=areas)
    found = posts.filter(account__is_active=True).select_related("account", "unit")
    return list(found.order_by("-area_code", "account__name", "id"))


def assign(grid: str, account: int, times: int, *, by: Actor, now: datetime) -> CadreAssignment:
    """A cadre keeps in touch with a grid from today on, and is told so.

    Raises:
        NotAllowed: no desk of the place.
        BadInput: no such grid, nobody with a post there, or assigned already.
    """
    if not may_assign(by, grid):
        raise NotAllowed
    found = Grid.objects.live().filter(pk=grid).first()
    if found is None:
        raise BadInput(_("There is no such grid here."), field="grid")
    today = timezone.localdate(now)
    if account not in {post.account_id for post in candidates(grid, today)}:
        raise BadInput(_("This person holds no post there."), field="account")
    if not 1 <= times <= 31:
        raise BadInput(_("Between 1 and 31."), field="times")
    try:
        with transaction.atomic():
            made = CadreAssignment.objects.create(
                district_code=grid[:6],
                grid=found,
                account_id=account,
                times=times,
                since=today,
                made_by=by.account_id,
            )
            tell_later.defer(
                **job_of(
                    ASSIGNED,
                    Whom(accounts=(account,)),
                    key=f"cadre:{made.pk}",
                    district_code=grid[:6],
                    now=now,
                    path=f"/desk/branches/cadres/{made.pk}",
                    data={"grid": naming.names(grid), "times": times},
                )
            )
    except IntegrityError:
        raise BadInput(
            _("This person is assigned to this grid already."), field="account"
        ) from None
    return made


def relieve(pk: UUID, *, by: Actor, now: datetime) -> CadreAssignment:
    """The cadre is assigned no longer; the log stays. Raises NotFound, NotAllowed."""
    with transaction.atomic():
        found = _held(pk, by)
        if not may_assign(by, found.grid_id):
            raise NotAllowed
        found.until = max(timezone.localdate(now), found.since)
        found.save(update_fields=["until"])
        return found


def log(
    pk: UUID,
    *,
    by: Actor,
    now: datetime,
    day: date | None = None,
    households: int = 0,
    heard: str = "",
    settled: str = "",
) -> CadreVisit:
    """Writes down a visit: by the cadre, on the day or afterwards; one a day.

    Raises:
        NotFound: no living assignment of the actor's.
        Missing: no day, or no word of what was heard.
        BadInput: a day to come, or before the assignment; a second visit of that day.
    """
    with transaction.atomic():
        found = _held(pk, by)
        if found.account_id != by.account_id:
            raise NotAllowed(_("The visits of a cadre are written down by the cadre."))
        if day is None:
            raise Missing(_("Please choose the day."), field="day")
        if not found.since <= day <= timezone.localdate(now):
            raise BadInput(_("The day must lie between the assignment and today."), field="day")
        if not 0 <= households <= 500:
            raise BadInput(_("Between 0 and 500."), field="households")
        if not heard.strip():
            raise Missing(_("Please say it in words."), field="heard")
        for field, said in (("heard", heard), ("settled", settled)):
            if len(said) > LONGEST or "\0" in said:
                raise BadInput(_("The text is too long."), field=field)
        try:
            with transaction.atomic():
                return CadreVisit.objects.create(
                    district_code=found.district_code,
                    assignment=found,
                    day=day,
                    households=households,
                    heard=heard.strip(),
                    settled=settled.strip(),
                    written_at=now,
                    written_by=by.account_id,
                )
        except IntegrityError:
            raise BadInput(
                _("The visit of this day is written down already."), field="day"
            ) from None


def _held(pk: UUID, by: Actor) -> CadreAssignment:
    rows = CadreAssignment.objects.visible_to(by).living().select_for_update(of=("self",))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def this_month(rows: Iterable[CadreAssignment], today: date) -> dict[UUID, int]:
    """How many visits each has made in the month so far."""
    first = today.replace(day=1)
    made = Count("visits", filter=Q(visits__day__range=(first, today)))
    found = CadreAssignment.objects.filter(pk__in=[each.pk for each in rows]).annotate(n=made)
    return dict(found.values_list("pk", "n"))
