"""From the database to reports: the figures of one or many areas, and the names in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import override

from huying.assessment.tallies import civil_day
from huying.cases.models import Case, Channel
from huying.catalogue.models import ItemVersion
from huying.people.models import Unit, UnitKind
from huying.places.models import Division, Grid, Level, level_of
from huying.reports.composing import compose
from huying.reports.gathering import Gathered, gather
from huying.reports.material import Material, Names
from huying.reports.report import Report
from huying.reports.spans import Span

CENTRE: Final = "城市运行综合指挥中心"
"""What the desk of an area is called where no unit is its desk."""


def reports(
    areas: Sequence[str],
    span: Span,
    at: datetime,
    told: Callable[[int], None] = lambda _steps: None,
) -> Iterator[tuple[str, Report]]:
    """The reports of some areas of one district on a span, as known at a moment.

    The log is read once for each of the spans that a report holds against each other; ``told``
    hears of each that is behind.
    """
    found = []
    for steps, each in enumerate((span, span.before, span.year_before), 1):
        found.append(gather(areas, each, at))
        told(steps)
    now, before, year_before = found
    shared = _Shared(areas[0][:6], now)
    for area in areas:
        began = Case.objects.filter(
            district_code=area[:6], area_code__startswith=area, received_at__lte=at
        )
        first = began.order_by("received_at").values_list("received_at", flat=True).first()
        yield (
            area,
            compose(
                Material(
                    area=area,
                    span=span,
                    at=at,
                    issued_on=civil_day(at),
                    now=now[area],
                    before=before[area],
                    year_before=year_before[area],
                    began=None if first is None else civil_day(first),
                    names=shared.of(area),
                )
            ),
        )


class _Shared:
    """Names that the reports of one district share."""

    def __init__(self, district: str, now: Mapping[str, Gathered]) -> None:
        inside = {"code__startswith": district}
        self._places = dict(Division.objects.filter(**inside).values_list("code", "short_name"))
        self._grids = Grid.objects.filter(**inside)
        units = Unit.objects.filter(district_code=district).order_by("-pk")
        self._units = {str(pk): name for pk, name in units.values_list("pk", "name")}
        desks = units.filter(kind=UnitKind.DESK)
        self._desks = dict(desks.values_list("area_code", "name"))
        versions = ItemVersion.objects.order_by("item_id", "version")
        self._items = dict(versions.values_list("item_id", "name"))
        behind: set[UUID] = {
            each.case for one in now.values() for each in (*one.late, *one.supervised)
        }
        numbers = Case.objects.filter(pk__in=behind).values_list("pk", "number")
        self._cases = dict(numbers)
        with override(settings.LANGUAGE_CODE):
            self._channels = {str(each): str(Channel(each).label) for each in Channel}

    def of(self, area: str) -> Names:
        places = dict(self._places)
        if level_of(area) is Level.COMMUNITY:
            grids = self._grids.filter(code__startswith=area)
            places |= dict(grids.values_list("code", "name"))
        name = places.get(area, area)
        issuer = self._desks.get(area, f"{name}{CENTRE}")
        return Names(name, issuer, places, self._units, self._items, self._cases, self._channels)
