"""走访对象: what is to be visited, told as lines or taken from the base registers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.audit.numbers import hide
from huying.cases.at_building import building_at
from huying.errors import BadInput, HuyingError, Missing, NotFound, WrongState
from huying.people.acting import Actor
from huying.places import naming
from huying.places.locating import locate
from huying.registry.addressing import BUILDINGS
from huying.registry.models import Address, Dwelling, Enterprise
from huying.surveys.designing import own
from huying.surveys.models import State, Survey, SurveyTarget

MOST_LINES: Final = 2000
MOST: Final = 60_000
SOURCES: Final = ("buildings", "dwellings", "rented", "units", *(
    f"units:{kind}" for kind in Enterprise.Kind.values
))  # fmt: skip
"""What may be taken from the base registers; of units also one kind alone."""
_RENTED: Final = ("rented", "shared")


def add_lines(pk: UUID, text: str, *, by: Actor, now: datetime) -> int:
    """One target a line: a name, and an address or a longitude and a latitude; how many are new.

    An address stands after its community, unless the survey is for one community alone.

    Raises:
        NotFound, NotAllowed: as `own`.
        WrongState: it is closed.
        Missing: there is no line.
        BadInput: a line cannot be placed; it says which.
    """
    with transaction.atomic():
        survey = _held(pk, by)
        areas = tuple(survey.areas.values_list("code", flat=True))
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if not lines:
            raise Missing(_("Please give at least one line."), field="lines")
        if len(lines) > MOST_LINES:
            raise BadInput(_("Too many lines at once."), field="lines")
        return _put(survey, (_of_line(survey, areas, n, line) for n, line in lines))


def _of_line(survey: Survey, areas: tuple[str, ...], n: int, line: str) -> SurveyTarget:
    parts = [part.strip() for part in re.split(r"[,，\t]+", line.strip()) if part.strip()]
    said: dict[str, Any] = {"n": n}
    lon: float | None = None
    lat: float | None = None
    try:
        if len(parts) == 3 and _number(parts[1]) is not None:
            spot = locate(float(parts[1]), float(parts[2]))
            area, place, address = spot.grid_code, "", None
            lon, lat = spot.lon, spot.lat
        elif len(parts) == 2:
            area, place, address = _of_address(parts[1], areas)
        else:
            raise ValueError
    except (ValueError, HuyingError):
        words = now_("Line %(n)s: a name and an address, or a name, a longitude and a latitude.")
        raise BadInput(words % said, field="lines") from None
    if area is None or not area.startswith(areas):
        words = now_("Line %(n)s lies outside of what this is for, or its community is not known.")
        raise BadInput(words % said, field="lines")
    name = hide(parts[0]).words[:80]
    return SurveyTarget(
        survey=survey, district_code=area[:6], area_code=area, name=name,
        place=hide(place).words[:120], lon=lon, lat=lat, address=address,
    )  # fmt: skip


def _number(said: str) -> float | None:
    try:
        return float(said)
    except ValueError:
        return None


def _of_address(text: str, areas: tuple[str, ...]) -> tuple[str | None, str, Address | None]:
    """The grid or community of an address, its words, and the building where it is known."""
    community = areas[0][:12] if len(areas) == 1 and len(areas[0]) >= 12 else ""
    within = areas[0][:6]
    if not community:
        named = [
            code
            for code in naming.codes()
            if len(code) == 12 and code.startswith(within) and naming.own_name(code) in text
        ]
        # 小龙村 is also in 大小龙村: of names that hold each other the longest is meant.
        community = max(named, key=lambda code: len(naming.own_name(code)), default="")
    if not community:
        return None, text, None
    found = building_at(community, text, None, None)
    return (found[0].area_code if found else community), text, (found[0] if found else None)


def take(pk: UUID, source: str, *, by: Actor, now: datetime) -> int:
    """Takes all of a kind in the survey's areas from the base registers; how many are new.

    Raises:
        NotFound, NotAllowed, WrongState: as `add_lines`.
        BadInput: there is no such kind, or too many of it.
    """
    if source not in SOURCES:
        raise BadInput(_("Please choose one."), field="source")
    with transaction.atomic():
        survey = _held(pk, by)
        return _put(survey, _from_registers(survey, source))


def _from_registers(survey: Survey, source: str) -> Iterator[SurveyTarget]:
    for area in survey.areas.values_list("code", flat=True):
        rows: Any
        if source == "buildings":
            rows = Address.objects.living().filter(level__in=BUILDINGS)
        elif source.startswith("units"):
            rows = Enterprise.objects.living().select_related("address")
            if kind := source.partition(":")[2]:
                rows = rows.filter(kind=kind)
        else:
            rows = Dwelling.objects.living().select_related("address")
            if source == "rented":
                rows = rows.filter(use__in=_RENTED)
        rows = rows.filter(area_code__startswith=area).order_by("area_code", "pk")
        for row in rows.iterator(2000):
            yield _of_record(survey, row)


def _of_record(survey: Survey, row: Any) -> SurveyTarget:
    address: Address = row if isinstance(row, Address) else row.address
    unit = row if isinstance(row, Enterprise) else None
    return SurveyTarget(
        survey=survey,
        district_code=row.district_code,
        area_code=row.area_code,
        name=(unit.name if unit else address.full_name)[:80],
        place=address.full_name[:120] if unit else "",
        address=address,
        enterprise=unit,
    )


def _put(survey: Survey, rows: Iterator[SurveyTarget]) -> int:
    before = survey.targets.count()
    made: list[SurveyTarget] = []
    for row in rows:
        made.append(row)
        if before + len(made) > MOST:
            raise BadInput(_("Too many places for one survey."), field="source")
    SurveyTarget.objects.bulk_create(made, batch_size=2000, ignore_conflicts=True)
    return survey.targets.count() - before


def remove(target: UUID, *, by: Actor) -> None:
    """A target that nobody has entered goes.

    Raises:
        NotFound, NotAllowed: as `own`.
        WrongState: something was entered for it.
    """
    found = SurveyTarget.objects.filter(pk=target).first()
    if found is None:
        raise NotFound
    with transaction.atomic():
        own(found.survey_id, by)
        held = SurveyTarget.objects.select_for_update().get(pk=target)
        if held.entries.exists():
            raise WrongState(_("Somebody has entered this already."))
        held.delete()


def _held(pk: UUID, by: Actor) -> Survey:
    survey = own(pk, by)
    if survey.state == State.CLOSED:
        raise WrongState(_("It is closed; open it again first."))
    return survey
