"""What the person booked at service points, by the phone that was left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.errors import Words
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.platforms import appointing, canteen, holding, joining
from huying.platforms.models import ActivitySignUp, Appointment, MealOrder
from huying.registry import sealing
from huying.requests.sources.source import (
    MOST,
    Line,
    Marks,
    Source,
    Told,
    never,
    nothing_holds,
    shown,
)


def _source(
    code: str,
    label: Words,
    model: Any,
    verbs: Any,
    told: Callable[[Any], list[tuple[str, str]]],
    fields: tuple[str, ...] = ("phone",),
) -> Source:
    """One kind of booking; ``verbs`` is the module that forgets it."""
    table = model._meta.db_table

    def find(marks: Marks) -> list[tuple[UUID, str]]:
        found = [each for each in holding.about(marks.phone) if each.table == table]
        return [(each.id, each.area_code) for each in found[:MOST]]

    def line(pk: UUID) -> Line | None:
        row = model.objects.filter(pk=pk).first()
        if row is None or holding.is_bare(row):
            return None
        words = f"{label} {row.day:%Y-%m-%d}"
        return Line(words, naming.names(row.area_code), row.made_at, False)

    def tell(pk: UUID, marks: Marks) -> Told:
        row = model.objects.get(pk=pk)
        kept = [
            *told(row),
            (_("Phone"), sealing.opened(row, "phone")),
            (_("State"), str(row.get_state_display())),
            (_("Received"), shown(row.made_at)),
        ]
        return [each for each in kept if each[1]]

    def erase(pk: UUID, marks: Marks, now: datetime) -> None:
        verbs.forget(pk, by=SYSTEM, now=now)

    return Source(
        code, label, find, line, tell, nothing_holds, erase, never, fields, tables=(table,)
    )


def _appointment(row: Appointment) -> list[tuple[str, str]]:
    return [
        (_("Place"), f"{row.point.name} {row.point.spot}"),
        (_("appointment"), shown(row.begins_at)),
        (_("Matter"), row.matter.name if row.matter else ""),
    ]


def _sign_up(row: ActivitySignUp) -> list[tuple[str, str]]:
    return [
        (_("Activity"), row.activity.title),
        (_("Begins"), shown(row.activity.begins_at)),
        (_("Number of people"), str(row.people)),
    ]


def _meal(row: MealOrder) -> list[tuple[str, str]]:
    return [
        (_("Place"), row.canteen.point.name),
        (_("Name"), sealing.opened(row, "name")),
        (_("Where to bring it"), sealing.opened(row, "where")),
        (_("Meals"), str(row.meals)),
    ]


SOURCES: Final = (
    _source(
        "meal_order",
        gettext_lazy("order of meals"),
        MealOrder,
        canteen,
        _meal,
        ("name", "phone", "where"),
    ),
    _source("sign_up", gettext_lazy("sign-up for an activity"), ActivitySignUp, joining, _sign_up),
    _source("appointment", gettext_lazy("appointment"), Appointment, appointing, _appointment),
)
