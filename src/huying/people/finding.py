"""Who is where: the units of an area, its desk, the holders of a role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from huying.people.acting import in_force
from huying.people.models import ON_FOOT, Post, Role, Unit, UnitKind


def units_in(area_code: str) -> QuerySet[Unit]:
    """The active units of an area and of all below it; "" is everywhere."""
    return Unit.objects.filter(active=True, area_code__startswith=area_code)


def desk_of(area_code: str) -> Unit | None:
    """The active desk of exactly this district, town or community."""
    return Unit.objects.filter(kind=UnitKind.DESK, area_code=area_code, active=True).first()


def held(roles: Iterable[Role], today: date) -> QuerySet[Post]:
    """The posts of these roles that hold today, of accounts that are not blocked."""
    return Post.objects.filter(in_force(today), role__in=sorted(roles), account__is_active=True)


def holders(role: Role, area_code: str, today: date) -> QuerySet[Post]:
    """The posts of a role held today in an area or below it, with account and unit."""
    return (
        held([role], today)
        .filter(area_code__startswith=area_code)
        .select_related("account", "unit")
        .order_by("area_code", "id")
    )


class Walkers:
    """Who walked the grids of an area on which day; one query, made when first asked."""

    def __init__(self, area_code: str) -> None:
        self._area = area_code
        self._found: dict[str, list[tuple[date, date, int]]] | None = None

    def on(self, grid: str, day: date) -> int | None:
        """The account that held the grid's first post that day."""
        if self._found is None:
            self._found = defaultdict(list)
            posts = Post.objects.filter(
                role__in=sorted(ON_FOOT), area_code__startswith=self._area
            ).order_by("duty", "id")
            for area, first, last, account in posts.values_list(
                "area_code", "starts_on", "ends_on", "account"
            ):
                self._found[area].append((first, last or date.max, account))
        return next(
            (who for first, last, who in self._found.get(grid, ()) if first <= day <= last), None
        )
