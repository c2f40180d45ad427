"""Whom visits concern, and the words in which they are told. No notice names a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.care.models import CarePerson
from huying.notices.kinds import Group, Kind, kind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.acting import in_force
from huying.people.models import Post, Role
from huying.places import naming

DUE = kind(
    "care_due",
    pgettext_lazy("care", "Visits due today"),
    _("People on the care list who are due a visit by you today: {n}."),
    group=Group.TASKS,
)
MISSED = kind(
    "care_missed",
    pgettext_lazy("care", "Visits not made"),
    _("{area}: people on the care list whom nobody visited when it was due: {n}."),
    group=Group.TASKS,
)
MISSED_HERE = kind(
    "care_missed_here",
    pgettext_lazy("care", "Visits overdue"),
    _("{area}: people on the care list whose visit is overdue: {n}."),
    group=Group.SUPERVISION,
)
RAISED = kind(
    "care_raised",
    pgettext_lazy("care", "Not met twice in a row"),
    _("{area}: somebody on the care list was not met twice in a row; please see to it today."),
    group=Group.SUPERVISION,
)
HANDED = kind(
    "care_handed",
    pgettext_lazy("care", "A person to visit"),
    _("In {area} somebody on the care list is now yours to visit."),
    group=Group.TASKS,
)

GONE = kind(
    "care_gone",
    pgettext_lazy("care", "On the care list, and ended in the register"),
    _("{area}: the register says that somebody on the care list is no longer here; please decide."),
    group=Group.DESK,
)

FIELD_PATH, MINE_PATH, LATE_PATH = "/field/care", "/desk/care/mine", "/desk/care/?show=late"


class Responsible:
    """Who visits whom now: the grid's workers, or the one it was given to; and the member."""

    def __init__(self, cares: Sequence[CarePerson], now: datetime) -> None:
        areas = {care.area_code for care in cares} | {care.area_code[:12] for care in cares}
        given = {pk for care in cares for pk in (care.worker_id, care.member_id) if pk is not None}
        posts = Post.objects.filter(
            in_force(timezone.localdate(now)),
            Q(area_code__in=areas) | Q(account__in=given),
            role__in=[Role.GRID_WORKER, Role.GRID_HEAD, Role.MEMBER],
            account__is_active=True,
        )
        self._workers: dict[str, dict[int, str]] = defaultdict(dict)
        self._walk: dict[int, str] = {}
        self._members: dict[int, str] = {}
        self._heads: dict[str, set[int]] = defaultdict(set)
        rows = posts.order_by("duty", "id").values_list(
            "role", "area_code", "account", "account__name"
        )
        for role, area, account, name in rows:
            if role == Role.MEMBER:
                self._members[account] = name
                continue
            self._walk[account] = name
            if role == Role.GRID_HEAD:
                self._heads[area].add(account)
            else:
                self._workers[area][account] = name

    def workers(self, care: CarePerson) -> Mapping[int, str]:
        """By account; none where nobody walks the grid."""
        if care.worker_id in self._walk:
            return {care.worker_id: self._walk[care.worker_id]}
        return self._workers.get(care.area_code, {})

    def member(self, care: CarePerson) -> Mapping[int, str]:
        if care.member_id in self._members:
            return {care.member_id: self._members[care.member_id]}
        return {}

    def heads(self, care: CarePerson) -> set[int]:
        """The grid heads of the grid and of the community around it."""
        return self._heads.get(care.area_code, set()) | self._heads.get(care.area_code[:12], set())


def tell_due(cares: Sequence[CarePerson], who: Responsible, now: datetime) -> None:
    """One notice for each who is responsible; a grid without anybody is its community's desk's."""
    workers, members, desks = _Many(), _Many(), _Many()
    for care in cares:
        for account in who.workers(care):
            workers.add(account, care)
        for account in who.member(care):
            members.add(account, care)
        if not who.workers(care):
            desks.add(care.area_code[:12], care)
    for account, some in workers.items():
        _tell(DUE, Whom(accounts=(account,)), some, "due", now, FIELD_PATH, n=len(some))
    for account, some in members.items():
        _tell(DUE, Whom(accounts=(account,)), some, "due", now, MINE_PATH, n=len(some))
    for area, some in desks.items():
        _tell_area(MISSED_HERE, Whom(desks=(area,)), area, some, "due", now, "/desk/care/?show=due")


def tell_heads(cares: Sequence[CarePerson], who: Responsible, now: datetime) -> None:
    """A visit was not made on its day: who owes it, and the grid heads."""
    by_grid = _Many()
    for care in cares:
        by_grid.add(care.area_code, care)
    for area, some in by_grid.items():
        accounts = {account for care in some for account in (*who.workers(care), *who.heads(care))}
        whom = Whom(accounts=tuple(sorted(accounts)))
        if accounts:
            _tell_area(MISSED, whom, area, some, "head", now, FIELD_PATH)


def tell_desks(cares: Sequence[CarePerson], length: int, now: datetime) -> None:
    """The desks of the communities (12 digits) or towns (9)."""
    by_area = _Many()
    for care in cares:
        by_area.add(care.area_code[:length], care)
    for area, some in by_area.items():
        name = f"desk{length}"
        _tell_area(MISSED_HERE, Whom(desks=(area,)), area, some, name, now, LATE_PATH)


def tell_raised(care: CarePerson, visit: UUID, now: datetime) -> None:
    """Not met twice in a row: the grid heads and the community's desk, at once."""
    whom = Whom(
        accounts=tuple(sorted(Responsible([care], now).heads(care))), desks=(care.area_code[:12],)
    )
    path = f"/desk/care/{care.pk}"
    _defer(RAISED, whom, f"raised:{visit}", care, now, path, area=naming.own_name(care.area_code))


def tell_gone(care: CarePerson, now: datetime) -> None:
    """The register's record has ended: whether the visits end is the community's desk's to say."""
    whom, area = Whom(desks=(care.area_code[:12],)), naming.own_name(care.area_code[:12])
    _defer(GONE, whom, f"gone:{care.pk}", care, now, "/desk/care/?show=gone", area=area)


def tell_handed(care: CarePerson, now: datetime, only: Iterable[int] | None = None) -> None:
    """Whoever is new to it; the paths differ, as a member has no field app."""
    for account, path in ((care.worker_id, FIELD_PATH), (care.member_id, MINE_PATH)):
        if account is None or (only is not None and account not in only):
            continue
        key = f"handed:{care.pk}:{care.last_seq}:{account}"
        area = naming.own_name(care.area_code[:12])
        _defer(HANDED, Whom(accounts=(account,)), key, care, now, path, area=area)


class _Many(defaultdict[Any, list[CarePerson]]):
    """People on the list, by whom or where they concern."""

    def __init__(self) -> None:
        super().__init__(list)

    def add(self, key: Any, care: CarePerson) -> None:
        self[key].append(care)


def _tell_area(
    what: Kind,
    whom: Whom,
    area: str,
    some: Sequence[CarePerson],
    name: str,
    now: datetime,
    path: str,
) -> None:
    _tell(what, whom, some, f"{name}:{area}", now, path, area=naming.own_name(area), n=len(some))


def _tell(
    what: Kind,
    whom: Whom,
    some: Sequence[CarePerson],
    name: str,
    now: datetime,
    path: str,
    **data: Any,
) -> None:
    # Those who climb together are told of together, once: named by the first of them and its day.
    first = min(some, key=lambda care: care.pk)
    _defer(what, whom, f"{name}:{first.pk}:{first.due_on}", first, now, path, **data)


def _defer(
    what: Kind, whom: Whom, key: str, care: CarePerson, now: datetime, path: str, **data: Any
) -> None:
    job = job_of(
        what,
        whom,
        key=f"care:{key}",
        district_code=care.district_code,
        now=now,
        path=path,
        data=data,
    )
    tell_later.defer(**job)
