"""Who is scored in a month, and who may see whose score."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from huying.assessment.scores.kinds import Kind
from huying.people.acting import Actor
from huying.people.models import LEADERS, ON_FOOT, Post, Role, Unit, UnitKind
from huying.places import naming
from huying.places.models import Division, Level


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody or something that is scored.

    Attributes:
        key: an account's or unit's number, or a place's code.
        area: where it belongs: the post's, the unit's or the place's own.
        group: what counts are compared within.
    """

    kind: Kind
    key: str
    name: str
    area: str
    group: str = ""

    @property
    def where(self) -> str:
        """The place as the tables show it; nothing where the subject is the place itself."""
        return "" if self.kind in (Kind.COMMUNITY, Kind.TOWN) else naming.own_name(self.area)


def first_of(day: date) -> date:
    return day.replace(day=1)


def last_of(month: date) -> date:
    """The last day of the month that begins on this day."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def before(month: date) -> date:
    """The first day of the month before."""
    return (
        month.replace(year=month.year - 1, month=12)
        if month.month == 1
        else month.replace(month=month.month - 1)
    )


def after(month: date) -> date:
    """The first day of the month after."""
    return (
        month.replace(year=month.year + 1, month=1)
        if month.month == 12
        else month.replace(month=month.month + 1)
    )


def subjects_of(kind: Kind, district: str, month: date) -> list[Subject]:
    """All of a kind in a district that there were in the month, by their places."""
    match kind:
        case Kind.WORKER:
            return _people(kind, posts_in(district, month).filter(role__in=ON_FOOT))
        case Kind.DISPATCHER:
            return _people(kind, posts_in(district, month).filter(role=Role.DISPATCHER))
        case Kind.DESK:
            return [
                Subject(kind, unit.area_code, unit.name, unit.area_code, unit.level)
                for unit in _units(district, UnitKind.DESK)
            ]
        case Kind.UNIT:
            found = _units(district, UnitKind.DEPARTMENT, UnitKind.TEAM)
            return [_unit(kind, unit, f"{unit.level} {unit.kind}") for unit in found]
        case Kind.BRANCH:
            return [_unit(kind, unit, "") for unit in _units(district, UnitKind.BRANCH)]
        case Kind.COMMUNITY | Kind.TOWN:
            level = Level.TOWN if kind is Kind.TOWN else Level.COMMUNITY
            places = Division.objects.filter(level=level, code__startswith=district)
            return [
                Subject(kind, place.code, place.short_name, place.code)
                for place in places.order_by("code")
            ]


def posts_in(district: str, month: date) -> QuerySet[Post]:
    """Posts of the district that were held on a day of the month."""
    held = Q(starts_on__lte=last_of(month)) & (Q(ends_on=None) | Q(ends_on__gte=month))
    return Post.objects.filter(held, district_code=district).select_related("account")


def workers_of_grids(district: str, month: date) -> dict[str, int]:
    """By grid, the account that led it in the month; who began last where there were several."""
    posts = posts_in(district, month).filter(role=Role.GRID_WORKER, duty=Post.Duty.LEAD)
    return {post.area_code: post.account_id for post in posts.order_by("starts_on", "pk")}


def _people(kind: Kind, posts: QuerySet[Post]) -> list[Subject]:
    """Each person once, at the post that they took up last."""
    found: dict[int, Post] = {}
    for post in posts.order_by("starts_on", "pk"):
        found[post.account_id] = post
    return [
        Subject(kind, str(post.account_id), post.account.name, post.area_code)
        for post in sorted(found.values(), key=lambda post: (post.area_code, post.account_id))
    ]


def _units(district: str, *kinds: UnitKind) -> QuerySet[Unit]:
    return Unit.objects.filter(district_code=district, kind__in=kinds, active=True).order_by(
        "area_code", "kind", "code"
    )


def _unit(kind: Kind, unit: Unit, group: str) -> Subject:
    return Subject(kind, str(unit.pk), unit.name, unit.area_code, group)


def may_look(actor: Actor) -> bool:
    """Whoever has a score, and whoever sees those below: desks, leaders, auditors."""
    return bool(kinds_for(actor))


def kinds_for(actor: Actor) -> tuple[Kind, ...]:
    """The kinds of which the actor may see at least one, in the order of the list."""
    if actor.role == Role.AUDITOR or actor.role in LEADERS:
        return tuple(Kind)
    if actor.role == Role.DISPATCHER:
        return tuple(Kind)
    if actor.role == Role.HANDLER:
        return (Kind.UNIT,)
    return (Kind.WORKER,) if actor.role in ON_FOOT else ()


def sees(actor: Actor, subject: Subject) -> bool:
    """Whether a score is the actor's to see: their own, or below their place.

    A dispatcher sees the people of the desks below and themselves, not the colleague beside them.
    """
    own = subject.key == str(actor.account_id)
    if subject.kind is Kind.DISPATCHER and actor.role == Role.DISPATCHER:
        return own or (actor.covers(subject.area) and subject.area != actor.area_code)
    if actor.role == Role.AUDITOR or actor.role in LEADERS or actor.role == Role.DISPATCHER:
        return actor.covers(subject.area)
    if actor.role == Role.HANDLER:
        return subject.kind is Kind.UNIT and subject.key == str(actor.unit_id)
    return actor.role in ON_FOOT and subject.kind is Kind.WORKER and own
