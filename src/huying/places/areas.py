"""Reads of divisions and grids: what lies in an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import QuerySet

if TYPE_CHECKING:
    from huying.places.models import Division, Grid  # noqa: F401 - named in the bases below


class DivisionQuerySet(QuerySet["Division"]):
    """Divisions, narrowed."""

    def within(self, area: str) -> Self:
        """The division with this code and all below it; "" is everywhere."""
        return self.filter(code__startswith=area)

    def towns(self) -> Self:
        """Towns only."""
        return self.filter(level="town")

    def communities(self) -> Self:
        """Communities only."""
        return self.filter(level="community")


class GridQuerySet(QuerySet["Grid"]):
    """Grids, narrowed."""

    def within(self, area: str) -> Self:
        """The grids of a district, town or community (or one grid); "" is everywhere."""
        return self.filter(code__startswith=area)

    def live(self) -> Self:
        """Grids in force: not voided."""
        return self.filter(voided_at__isnull=True)
