"""双网融合: what of the grid is a branch's and what is not, in figures and as lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from huying.branches.models import Branch, BranchPlace, HouseholdLink, Kind, PartyMember
from huying.people.acting import Actor
from huying.places.models import Grid
from huying.registry.models import Household

ON_THE_GRID: Final = (Kind.GRID, Kind.BUILDING)


@dataclass(frozen=True, slots=True)
class Figures:
    """How an area stands. ``covered`` are its grids that a branch has."""

    area_code: str
    branches: int = 0
    grid_branches: int = 0
    building_branches: int = 0
    members: int = 0
    reported: int = 0
    grids: int = 0
    covered: int = 0
    households: int = 0
    linked: int = 0
    agreed: int = 0

    @property
    def ratio(self) -> int | None:
        """Grids with a branch, of a hundred; None where there are none."""
        return round(100 * self.covered / self.grids) if self.grids else None


def figures(area_code: str, digits: int) -> list[Figures]:
    """The figures of the areas with so many digits within an area, by code."""
    found: dict[str, dict[str, int]] = {}

    def put(name: str, rows: QuerySet[Any], column: str) -> None:
        rows = rows.filter(**{f"{column}__startswith": area_code})
        counted = rows.annotate(place=Left(column, digits)).values("place")
        for row in counted.annotate(n=Count("pk")).order_by("place"):
            if len(row["place"]) == digits:
                found.setdefault(row["place"], {})[name] = row["n"]

    branches = Branch.objects.living()
    members = PartyMember.objects.living()
    links = HouseholdLink.objects.living()
    put("branches", branches, "area_code")
    put("grid_branches", branches.filter(kind=Kind.GRID), "area_code")
    put("building_branches", branches.filter(kind=Kind.BUILDING), "area_code")
    put("members", members, "branch__area_code")
    put("reported", members, "reported_code")
    put("grids", Grid.objects.live(), "code")
    put("covered", BranchPlace.objects.living().exclude(grid=None), "grid__code")
    put("households", Household.objects.living(), "area_code")
    put("linked", links, "household__area_code")
    put("agreed", links.exclude(consent_at=None), "household__area_code")
    return [Figures(code, **counts) for code, counts in sorted(found.items())]


def in_all(area_code: str) -> Figures:
    """The figures of one area."""
    rows = figures(area_code, len(area_code))
    return rows[0] if rows else Figures(area_code)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where the two nets do not meet."""

    grids: Sequence[Grid]
    without_grid: Sequence[Branch]
    without_building: Sequence[Branch]
    voided: Sequence[BranchPlace]


def gaps(actor: Actor, area_code: str, most: int) -> Gaps:
    """Grids without a branch, branches without a grid or building, grids that are no more."""
    living = BranchPlace.objects.living()
    taken = living.exclude(grid=None).values("grid")
    bare = Branch.objects.visible_to(actor).living().filter(area_code__startswith=area_code)
    bare = bare.exclude(pk__in=living.values("branch")).select_related("unit")
    gone = living.filter(grid__voided_at__isnull=False, grid__code__startswith=area_code)
    return Gaps(
        list(Grid.objects.within(area_code).live().exclude(pk__in=taken)[:most]),
        list(bare.filter(kind=Kind.GRID)[:most]),
        list(bare.filter(kind=Kind.BUILDING)[:most]),
        list(gone.select_related("branch__unit", "grid")[:most]),
    )


def on_map(actor: Actor, most: int) -> tuple[list[tuple[str, Branch | None]], list[BranchPlace]]:
    """Each grid of the area with its branch, and the buildings that have one."""
    places = (
        BranchPlace.objects.living()
        .filter(Q(branch__in=Branch.objects.visible_to(actor).living()))
        .select_related("branch__unit", "building")
    )
    owner = {place.grid_id: place.branch for place in places if place.grid_id}
    codes = Grid.objects.within(actor.area_code).live().values_list("code", flat=True)[:most]
    return [(code, owner.get(code)) for code in codes], [
        place for place in places if place.building_id
    ][:most]
