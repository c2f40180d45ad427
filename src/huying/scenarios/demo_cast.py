"""Who acts in the demo: the demo's own people, found once and kept; those that lack are made."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import shapely
from django.db.models import Q

from huying.cases.models import Case
from huying.catalogue.snapshots import ItemSnapshot
from huying.dispatch.deciding import decided
from huying.dispatch.routing import Candidate, names
from huying.people.acting import Actor, actor_on
from huying.people.models import Account, Post, Role, Unit, UnitKind
from huying.people.names import generated_name
from huying.places.models import Grid, Level

_ACTING = (
    Role.GRID_WORKER,
    Role.DISPATCHER,
    Role.HANDLER,
    Role.CHECKER,
    Role.GRID_HEAD,
    Role.DISTRICT_LEADER,
)


@dataclass
class Cast:
    """The demo's people and units.

    Attributes:
        day: posts made here begin on this day.
        chance: draws the names of those who had to be made.
    """

    day: date
    chance: random.Random
    _by_area: dict[tuple[Role, str], list[Actor]] = field(default_factory=dict)
    _by_unit: dict[int, list[Actor]] = field(default_factory=dict)
    _units: dict[str, list[Unit]] = field(default_factory=dict)
    _grids: list[str] = field(default_factory=list)
    _outlines: dict[str, shapely.Geometry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_account: dict[int, list[Post]] = defaultdict(list)
        posts = Post.objects.filter(
            Q(ends_on=None), account__demo=True, account__is_active=True
        ).select_related("account")
        for post in posts.order_by("id"):
            by_account[post.account_id].append(post)
        for held in by_account.values():
            for post in held:
                if post.role in _ACTING:
                    self._keep(actor_on(post, held))
        units: dict[str, list[Unit]] = defaultdict(list)
        for unit in Unit.objects.filter(active=True).order_by("id"):
            units[unit.area_code].append(unit)
        self._units = dict(units)
        self._grids = list(
            Grid.objects.filter(voided_at=None).order_by("code").values_list("code", flat=True)
        )

    def _keep(self, actor: Actor) -> None:
        assert actor.role is not None
        if actor.role is Role.HANDLER and actor.unit_id is not None:
            self._by_unit.setdefault(actor.unit_id, []).append(actor)
        else:
            self._by_area.setdefault((actor.role, actor.area_code), []).append(actor)

    def grids(self, area: str) -> list[str]:
        """The codes of the grids in an area."""
        return [code for code in self._grids if code.startswith(area)]

    def spot(self, grid: str, chance: random.Random) -> tuple[float, float]:
        """A point in a grid, CGCS2000 degrees."""
        outline = self._outlines.get(grid)
        if outline is None:
            outline = shapely.from_geojson(json.dumps(Grid.objects.get(code=grid).outline))
            self._outlines[grid] = outline
        west, south, east, north = outline.bounds
        for _try in range(30):
            point = shapely.Point(chance.uniform(west, east), chance.uniform(south, north))
            if outline.contains(point):
                return round(point.x, 7), round(point.y, 7)
        inside = outline.representative_point()
        return inside.x, inside.y

    def worker(self, grid: str, chance: random.Random) -> Actor:
        """A grid worker of the grid."""
        return self._of_area(Role.GRID_WORKER, grid, chance)

    def dispatcher(self, area: str, chance: random.Random) -> Actor:
        """Somebody at the desk of exactly this area."""
        return self._of_area(Role.DISPATCHER, area, chance)

    def checker(self, case: Case, chance: random.Random) -> Actor:
        """A checker of the place, not of the unit that handled it and not who handled it."""
        for length in (12, 9, 6):
            area = case.area_code[:length]
            if len(area) < length:
                continue
            found = self._by_area.get((Role.CHECKER, area), [])
            free = [
                each
                for each in found
                if each.account_id != case.handler_id and case.handled_by_unit_id not in each.units
            ]
            if free:
                return chance.choice(free)
        return self._make(Role.CHECKER, case.area_code[:9])

    def leader(self, chance: random.Random) -> Actor:
        """The district's, who may lift any supervision."""
        return self._of_area(Role.DISTRICT_LEADER, self._grids[0][:6], chance)

    def handler(self, unit: int, chance: random.Random) -> Actor:
        """Somebody of the unit."""
        found = self._by_unit.get(unit)
        if not found:
            return self._make(Role.HANDLER, "", Unit.objects.get(pk=unit))
        return chance.choice(found)

    def units_for(self, case: Case, item: ItemSnapshot) -> list[Unit]:
        """Units that the case's desk may give it to, first whom a rule or the catalogue names.

        The first is what `dispatch.routing` proposes where the desk has a unit of the lead
        department: worked out from memory here, because six hundred proposals take their time.
        """

        lead = decided(case, case.received_at).outcome.lead

        def fitness(unit: Unit) -> int:
            known = Candidate(
                unit.pk, unit.name, unit.department, Level(unit.level), 0, unit.duty, unit.code
            )
            named = any(names(target, known, item.lead_department) for target in lead)
            if unit.department and unit.department == item.lead_department:
                return 0 if named or not lead else 1
            if named:
                return 0
            return 2 if unit.department in item.assisting_departments else 3

        return sorted(self.units_at(case.holder_code), key=fitness)

    def units_at(self, area: str) -> list[Unit]:
        """The departments and teams of exactly this area."""
        return [
            unit
            for unit in self._units.get(area, [])
            if unit.kind in (UnitKind.DEPARTMENT, UnitKind.TEAM)
        ]

    def branches_at(self, community: str) -> list[Unit]:
        """The party branches of a community."""
        return [unit for unit in self._units.get(community, []) if unit.kind == UnitKind.BRANCH]

    def _of_area(self, role: Role, area: str, chance: random.Random) -> Actor:
        found = self._by_area.get((role, area))
        return chance.choice(found) if found else self._make(role, area)

    def _make(self, role: Role, area: str, unit: Unit | None = None) -> Actor:
        area = unit.area_code if unit is not None else area
        if role is Role.DISPATCHER:
            unit = next((u for u in self._units.get(area, []) if u.kind == UnitKind.DESK), None)
        account = Account(
            username=f"demo-{role}-{unit.code if unit is not None else area}"[:60],
            name=generated_name(self.chance.randrange(100_000)),
            demo=True,
        )
        account.set_unusable_password()
        account.save()
        post = Post.objects.create(
            account=account,
            role=role,
            area_code=area,
            district_code=area[:6],
            unit=unit,
            duty=Post.Duty.SECOND if role is Role.GRID_WORKER else Post.Duty.LEAD,
            starts_on=self.day,
        )
        actor = actor_on(post, [post])
        self._keep(actor)
        return actor
