"""What the stories of whole communities have in common: a month, its people, what is told."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import shapely
import shapely.geometry

from huying.audit.verifying import verify
from huying.branches import founding, joining
from huying.branches.models import Branch, Kind, PartyMember
from huying.clock.calendar import CIVIL_TZ
from huying.people.acting import Actor, actor_for
from huying.people.models import Account, Post, Role, Unit, UnitKind
from huying.people.names import generated_name
from huying.places.loading import load_demo_grids
from huying.places.locating import refresh
from huying.places.models import Grid

FIRST_DAY: Final = date(2019, 7, 1)
DAYS: Final = 30
LAST_DAY: Final = FIRST_DAY + timedelta(days=DAYS)
"""Posts of these stories hold for the month and the day after it, when accounts are drawn up."""

OnStep = Callable[[str, Any, Actor], None]


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment on a day of the month, the first of which is 0."""
    return datetime.combine(FIRST_DAY + timedelta(days=day), time(hour, minute), CIVIL_TZ)


@dataclass(slots=True)
class Diary:
    """The steps of a story: what was done, when, by whom and how many at once."""

    on_step: OnStep
    steps: list[dict[str, Any]] = field(default_factory=list)

    def note(self, verb: str, by: Actor, now: datetime, n: int = 1) -> None:
        self.steps.append(
            {"verb": verb, "at": now.astimezone(CIVIL_TZ).isoformat(), "by": by.name, "n": n}
        )
        self.on_step(verb, n, by)

    def told(self) -> dict[str, Any]:
        """The steps, and whether the log of all cases holds."""
        return {"steps": self.steps, "chain": "ok" if verify().ok else "broken"}


def takes_part(
    story: str, part: str, name: str, role: Role, area: str, unit: Unit | None = None
) -> Actor:
    """Somebody of a story, who holds the post for its month and gets in nobody's way later."""
    account, made = Account.objects.get_or_create(
        username=f"{story}-{part}", defaults={"name": name, "demo": True}
    )
    if made:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    post, _made = Post.objects.get_or_create(
        account=account,
        role=role,
        area_code=area,
        unit=unit,
        starts_on=FIRST_DAY,
        defaults={"district_code": area[:6], "duty": Post.Duty.SECOND, "ends_on": LAST_DAY},
    )
    return actor_for(post, FIRST_DAY)


def grids_of(community: str, now: datetime) -> list[Grid]:
    """The grids of a community; the district's are drawn where there are none."""
    rows = Grid.objects.filter(community=community, voided_at=None).order_by("code")
    if not rows.exists():
        load_demo_grids(now)
        refresh()
    return list(rows)


def inside(grid: Grid, chance: random.Random) -> tuple[float, float]:
    """A position in a grid, degrees with six places."""
    shape = shapely.geometry.shape(grid.outline)
    west, south, east, north = shape.bounds
    for _try in range(200):
        spot = shapely.Point(
            round(chance.uniform(west, east), 6), round(chance.uniform(south, north), 6)
        )
        if shape.contains(spot):
            return spot.x, spot.y
    spot = shape.representative_point()
    return spot.x, spot.y


def branch(
    community: str, name: str, kind: Kind, *, by: Actor, now: datetime, **more: Any
) -> Branch:
    """A branch of the community, founded where there is none of this name."""
    unit = Unit.objects.filter(area_code=community, kind=UnitKind.BRANCH, name=name).first()
    if unit is not None and (there := Branch.objects.filter(unit=unit).first()) is not None:
        return there
    told = founding.Told(name, kind, founded_on=date(2019, 3, 1), **more)
    return founding.found(community, told, by=by, now=now, unit=unit)


def branches_of(community: str) -> list[Branch]:
    """The branches that have members: all but the committee or general branch above them."""
    rows = Branch.objects.living().filter(area_code=community)
    above = (Kind.COMMITTEE, Kind.GENERAL)
    return list(rows.exclude(kind__in=above).select_related("unit").order_by("unit__name", "id"))


def members_of(community: str) -> int:
    return PartyMember.objects.living().filter(branch__area_code=community).count()


def take_in(
    community: str,
    homes: Sequence[str],
    many: int,
    *,
    accounts: Iterable[Actor],
    first: int,
    by: Actor,
    now: datetime,
) -> int:
    """Members in turn into the community's branches, up to ``many`` in all; how many were new.

    ``homes`` are addresses that they live at; whoever of ``accounts`` belongs to a branch is one.
    ``first`` begins their names and phones: nobody is a member in two communities.
    """
    branches, before = branches_of(community), members_of(community)
    waiting = {each.unit_id: each for each in accounts}
    for number in range(before, many):
        home = branches[number % len(branches)]
        actor = waiting.pop(home.unit_id, None)
        told = joining.Told(
            actor.name if actor is not None else generated_name(30_000 + first + number),
            f"1990003{first + number:04}",
            account=actor.account_id if actor is not None else None,
            address=homes[number % len(homes)] if homes else "",
            reported_code=community if number % 3 == 0 else "",
        )
        joining.take_in(home.pk, told, by=by, now=now)
    return many - before


def days() -> Iterator[int]:
    yield from range(DAYS)
