"""Teams of 石碁镇 with people on duty, for the tests of rosters and alarms."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from huying.people.acting import SYSTEM, Actor, actor_for
from huying.people.models import Account, Post, Role, TeamSort, Unit, UnitKind
from huying.response import rostering
from huying.response.models import Member, Shift, Turn
from tests.cases.town import DAY, DISTRICT, TOWN, Town


class Squad:
    """A team with one member, on duty all day of the town's day."""

    def __init__(self, town: Town, name: str, *, area: str = TOWN, sort: str = TeamSort.JOINT):
        self.town = town
        self.unit = Unit.objects.create(
            code=f"squad-{name}",
            name=name,
            kind=UnitKind.TEAM,
            sort=sort,
            level="town",
            area_code=area,
            district_code=DISTRICT,
        )
        self.member = self.joins(f"{name}-1", leading=True)
        self.shift: Shift = rostering.add_shift(
            self.unit, "白班", time(8), time(20), by=SYSTEM, now=town.now
        )
        rostering.put_on(self.shift, [self.member], [DAY], by=SYSTEM, now=town.now)

    def joins(self, name: str, *, leading: bool = False, skills: Any = ()) -> Member:
        account = Account.objects.create(username=f"squad-{name}", name=name, password="!")
        Post.objects.create(
            account=account,
            role=Role.HANDLER,
            area_code=self.unit.area_code,
            district_code=DISTRICT,
            unit=self.unit,
            starts_on=DAY - timedelta(days=30),
        )
        return rostering.take_in(self.unit, account, leading=leading, skills=skills, by=SYSTEM)

    @property
    def turn(self) -> Turn:
        return Turn.objects.get(member=self.member, day=DAY)

    def actor(self, member: Member | None = None) -> Actor:
        account = (member or self.member).account
        return actor_for(Post.objects.get(account=account, unit=self.unit), DAY)

    def is_at(self, lon: float, lat: float) -> None:
        """The member comes on duty and says where they are."""
        rostering.come(self.turn.pk, by=self.actor(), now=self.town.now)
        rostering.be_at(self.turn.pk, lon, lat, by=self.actor(), now=self.town.now)
