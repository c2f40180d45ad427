"""小龙村's party: a grid branch with its secretary and members, and who lives around them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from huying.branches import founding, joining
from huying.branches.founding import Told
from huying.branches.models import Branch, PartyMember
from huying.people.acting import Actor, actor_for
from huying.people.models import Account, Post, Role, Unit
from huying.registry import addressing, recording
from huying.registry.addressing import Spot
from huying.registry.models import Household, Person
from huying.registry.recording import DwellingTold, PersonTold
from tests.cases.town import DAY, GRID_1, SPOTS, XIAOLONG

if TYPE_CHECKING:
    from tests.cases.town import Town

SINCE = date(2019, 1, 1)


class Party:
    """The branch of the first grid, and shortcuts that read as sentences."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.desk: Actor = town.village_dispatcher
        self.branch = self.found("小龙村第一网格党支部", "grid", grids=[GRID_1])
        self.secretary = self.hold("secretary", Role.HANDLER, self.branch.unit)

    def found(self, name: str, kind: str, **more: Any) -> Branch:
        told = Told(name, kind, founded_on=SINCE, **more)
        return founding.found(XIAOLONG, told, by=self.desk, now=self.town.now)

    def hold(self, name: str, role: Role, unit: Unit) -> Actor:
        account = Account.objects.create(username=f"party-{name}", name=name)
        post = Post.objects.create(
            account=account, role=role, area_code=unit.area_code, district_code="440113",
            unit=unit, starts_on=SINCE,
        )  # fmt: skip
        return actor_for(post, DAY)

    def join(self, name: str, phone: str = "", address: str = "", **more: Any) -> PartyMember:
        told = joining.Told(name, phone, address=address, since=SINCE, **more)
        branch = more.pop("branch", self.branch)
        return joining.take_in(branch.pk, told, by=self.desk, now=self.town.now)

    def home(self, address: str, name: str = "", *, east: float = 0.0) -> Household:
        """A household in the first grid, so far east of its middle."""
        lon, lat = SPOTS[GRID_1]
        by, now = self.desk, self.town.now
        room = addressing.ensure(XIAOLONG, address, by=by, now=now, spot=Spot(lon + east, lat))
        flat = recording.add(DwellingTold(room, "owner"), by=by, now=now)
        person: Person = recording.add(
            PersonTold(
                name or f"住户{address}", phone="13800138000", birth_year=1960, sex="male",
                dwelling=flat, household=1, relation="head",
            ),
            by=by,
            now=now,
        )  # fmt: skip
        assert person.household is not None
        return person.household
