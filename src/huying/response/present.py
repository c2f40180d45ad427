"""Teams as they stand at a moment: who is on duty, where, able to do what, with how much to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from huying.cases.models import Case
from huying.cases.states import OPEN_STATES
from huying.dispatch.suggesting import Roster
from huying.people.acting import Actor
from huying.people.models import Role, Unit, UnitKind
from huying.places.locating import index
from huying.response.duty import Standing, standing_of
from huying.response.models import Alarm, Member, Turn

WAITING = Q(answered_at=None, missed_at=None, ended_at=None)
"""Alarms that may still be answered."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point in degrees. ``seen_at`` is None for the middle of an area, where nobody was seen."""

    lon: float
    lat: float
    seen_at: datetime | None = None


@dataclass(slots=True)
class TeamNow:
    """A team at a moment.

    Attributes:
        turns: of those on duty, present or still expected.
        items: codes of the items that a skill of somebody on duty is for.
        load: open cases that it leads, and open cases that it was alarmed to and has not missed.
    """

    team: Unit
    turns: list[Turn] = field(default_factory=list)
    members: int = 0
    items: frozenset[str] = frozenset()
    load: int = 0
    place: Place | None = None

    @property
    def on_duty(self) -> int:
        return len(self.turns)

    @property
    def present(self) -> int:
        return sum(turn.came_at is not None for turn in self.turns)


def teams_seen(actor: Actor) -> QuerySet[Unit]:
    """The teams that the actor's post may look at: of its area and above it, or its own."""
    teams = Unit.objects.filter(kind=UnitKind.TEAM, active=True)
    if actor.is_system:
        return teams
    if actor.role == Role.DISPATCHER or actor.is_leader:
        above = [actor.area_code[:length] for length in (6, 9) if length < len(actor.area_code)]
        return teams.filter(Q(area_code__startswith=actor.area_code) | Q(area_code__in=above))
    return teams.filter(pk__in=[actor.unit_id] if actor.unit_id else [])


def turns_now(teams: Iterable[Unit] | QuerySet[Unit], now: datetime) -> list[Turn]:
    """The turns that have somebody of these teams on duty now."""
    return list(
        Turn.objects.filter(team__in=teams, begins_at__lte=now, ends_at__gt=now)
        .filter(on_leave=False, left_at=None)
        .select_related("member__account", "shift", "position")
        .order_by("begins_at", "id")
    )


def teams_now(teams: Iterable[Unit], now: datetime, *, all_of_them: bool = True) -> list[TeamNow]:
    """These teams as they stand now; without ``all_of_them`` only those with somebody on duty."""
    teams = list(teams)
    found = {team.pk: TeamNow(team) for team in teams}
    for turn in turns_now(teams, now):
        found[turn.team_id].turns.append(turn)
    if not all_of_them:
        found = {pk: each for pk, each in found.items() if each.turns}
    if not found:
        return []
    items = _items([turn.member_id for each in found.values() for turn in each.turns])
    loads = loads_of([each.team for each in found.values()])
    sizes = dict(
        Member.objects.filter(team__in=found).values_list("team").annotate(Count("pk")).order_by()
    )
    for pk, each in found.items():
        each.members = sizes.get(pk, 0)
        each.items = frozenset().union(*(items[turn.member_id] for turn in each.turns))
        each.load = loads[pk]
        each.place = _place(each)
    return list(found.values())


def _items(members: list[UUID]) -> defaultdict[UUID, set[str]]:
    """The items that each member has a skill for."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    rows = Member.objects.filter(pk__in=members, skills__isnull=False)
    for member, items in rows.values_list("pk", "skills__items"):
        found[member].update(items)
    return found


def loads_of(teams: Iterable[Unit]) -> Counter[int]:
    """Open cases of each team: led by it, or answered or still to be answered as an alarm."""
    teams = list(teams)
    led = Roster().loads(teams)
    loads = Counter({team.pk: led[team.pk] for team in teams})
    called = (
        Alarm.objects.filter(team__in=teams, missed_at=None, case__state__in=sorted(OPEN_STATES))
        .filter(ended_at=None)
        .exclude(case__in=Case.objects.filter(lead_unit__in=teams).values("pk"))
    )
    loads.update(called.values_list("team", flat=True))
    return loads


def _place(found: TeamNow) -> Place | None:
    """Where somebody of the team was last; else the middle of its area."""
    positions = [turn.position for turn in found.turns if hasattr(turn, "position")]
    if positions:
        last = max(positions, key=lambda each: each.at)
        return Place(last.lon, last.lat, last.at)
    area = index().areas.get(found.team.area_code)
    return Place(area.lon, area.lat) if area is not None else None


def accounts_on_duty(team: Unit, now: datetime) -> tuple[int, ...]:
    """Whom an alarm of the team calls."""
    return tuple(sorted({turn.member.account_id for turn in turns_now([team], now)}))


def standings(turns: Iterable[Turn], now: datetime) -> dict[UUID, Standing]:
    """How each turn stands, by its id."""
    return {turn.pk: standing_of(turn, now) for turn in turns}
