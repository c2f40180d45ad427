"""Telling people: whom it concerns is named by post, and looked up when it is told."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Required, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from huying.notices import outbox
from huying.notices.kinds import KINDS, Kind
from huying.notices.models import Notice
from huying.notices.planning import SHANGHAI
from huying.people.acting import in_force
from huying.people.models import LEADERS, Post, Role

CHECKED_WITHIN = (9, 12, 15)
"""Digits of a town, a community and a grid: the district's checkers are not told of everything."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Those whom a notice is for; several kinds of them add up.

    Attributes:
        accounts: by name.
        units: everybody on a post of these units, but for members and volunteers.
        members: the members and volunteers of these units.
        desks: the dispatchers of exactly these areas.
        leaders: the leaders of exactly these areas.
        checkers: those who check at these places, for a town or a part of it.
        but: accounts that know already, such as who did the step.
    """

    accounts: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    members: tuple[int, ...] = ()
    desks: tuple[str, ...] = ()
    leaders: tuple[str, ...] = ()
    checkers: tuple[str, ...] = ()
    but: tuple[int, ...] = ()

    def found(self, now: datetime) -> set[int]:
        """The accounts, as posts are held now."""
        posts = Post.objects.filter(in_force(now.astimezone(SHANGHAI).date()))
        which = Q(pk__in=[])
        if self.units:
            which |= Q(unit__in=self.units) & ~Q(role=Role.MEMBER)
        if self.members:
            which |= Q(unit__in=self.members, role=Role.MEMBER)
        if self.desks:
            which |= Q(role=Role.DISPATCHER, area_code__in=self.desks)
        if self.leaders:
            which |= Q(role__in=[str(role) for role in LEADERS], area_code__in=self.leaders)
        if self.checkers:
            areas = {
                place[:n] for place in self.checkers for n in CHECKED_WITHIN if n <= len(place)
            }
            which |= Q(role=Role.CHECKER, area_code__in=areas)
        active = posts.filter(which, account__is_active=True)
        told = set(self.accounts) | set(active.values_list("account", flat=True))
        return told - set(self.but)


class Occasion(TypedDict, total=False):
    """What people are told of, apart from its kind and whom.

    Attributes:
        key: names it: telling of the same occasion twice tells it once.
        case_id, case_number, path: what the notice leads to.
        data: fills in the kind's words.
    """

    key: Required[str]
    district_code: Required[str]
    now: Required[datetime]
    case_id: uuid.UUID | None
    case_number: str
    path: str
    data: dict[str, Any]


def tell(kind: Kind, whom: Whom, **occasion: Unpack[Occasion]) -> int:
    """Puts a notice into each inbox that does not have it yet; how many were told.

    The words are filled in once here, so that a kind and its data cannot part unseen.

    Raises:
        KeyError: the data lacks a name that the kind's words need.
    """
    str(kind.body).format_map(occasion.get("data", {}))
    now = occasion["now"]
    kept = {name: value for name, value in occasion.items() if name != "now"}
    return put(
        Notice(account_id=account, kind=kind.name, alarm=kind.alarm, created_at=now, **kept)
        for account in sorted(whom.found(now))
    )


KEPT = timedelta(days=180)
"""How long a notice stays in the inbox, read or not."""


def tidy(*, now: datetime) -> int:
    """Forgets old notices; how many went."""
    return Notice.objects.filter(told_at__lt=now - KEPT).delete()[0]


def put(notices: Iterable[Notice]) -> int:
    """Writes the notices that nobody wrote before, and their ways out of the house; how many."""
    wanted = list(notices)
    if not wanted:
        return 0
    with transaction.atomic():
        Notice.objects.bulk_create(wanted, ignore_conflicts=True)
        new = set(
            Notice.objects.filter(pk__in=[each.pk for each in wanted]).values_list("pk", flat=True)
        )
        outbox.enqueue([each for each in wanted if each.pk in new], wanted[0].created_at)
    return len(new)


@app.task(name="tell", queue="notices", priority=5)
def tell_later(kind: str, whom: dict[str, Any], **occasion: Any) -> int:
    """The job: tells of a step that has happened."""
    case_id = occasion.get("case_id")
    occasion |= {
        "now": datetime.fromisoformat(occasion["now"]),
        "case_id": uuid.UUID(case_id) if case_id else None,
    }
    to = Whom(**{name: tuple(values) for name, values in whom.items()})
    return tell(KINDS[kind], to, **occasion)


def job_of(kind: Kind, whom: Whom, **occasion: Unpack[Occasion]) -> dict[str, Any]:
    """The arguments of `tell_later`, for whoever defers it in a transaction of its own.

    Raises:
        KeyError: as `tell`.
    """
    str(kind.body).format_map(occasion.get("data", {}))
    case_id = occasion.get("case_id")
    return {
        "kind": kind.name,
        "whom": {name: list(values) for name, values in asdict(whom).items() if values},
        **occasion,
        "now": occasion["now"].isoformat(),
        "case_id": str(case_id) if case_id else None,
    }
