"""The rules that hold: the published versions of each district, kept in the process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from django.db import transaction
from django.db.models import QuerySet

from huying.catalogue.versions import snapshot
from huying.clock.reading import calendar_for
from huying.dispatch.models import Rulebook
from huying.dispatch.proving import ItemFacts, UnitFacts, World
from huying.dispatch.rules import Rule, from_data
from huying.dispatch.ruling import Book
from huying.people.models import Unit, UnitKind
from huying.places.models import Division, Grid
from huying.shelf import Shelf

FRESH: Final = 1.0
"""Seconds for which a process trusts what it has read before it looks for others' changes."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published version, ready to decide."""

    district_code: str
    version: int
    effective_from: datetime
    book: Book


def rules_of(row: Rulebook) -> tuple[Rule, ...]:
    """The rules that a version says."""
    return tuple(map(from_data, row.rules))


def in_force(district_code: str, at: datetime) -> Published | None:
    """The version that holds in a district at a moment; None before the first.

    A version that another process publishes is seen within a second.
    """
    begun = [each for each in _shelf.of(district_code) if each.effective_from <= at]
    return max(begun, key=lambda each: (each.effective_from, each.version), default=None)


def version_of(district_code: str, version: int) -> Published | None:
    """A published version by its number."""
    return next((e for e in _shelf.of(district_code) if e.version == version), None)


def rule_of(district_code: str, version: int | None, code: str) -> Rule | None:
    """A rule of a published version by its code; None where that version has none of it."""
    published = version_of(district_code, version) if version is not None else None
    rules = published.book.rules if published is not None else ()
    return next((rule for rule in rules if rule.code == code), None)


def forget() -> None:
    """Reads the rules anew at the next look."""
    _shelf.clear()


def announce() -> None:
    """What this process has just published it sees at once, and again once it is committed."""
    forget()
    transaction.on_commit(forget)


Stamp: TypeAlias = tuple[tuple[int, ...], Any]


def _stamp(district_code: str) -> Stamp:
    # Published versions never change: their numbers say all there is to know.
    found = tuple(_rows(district_code).values_list("version", flat=True))
    return found, calendar_for(district_code).hours


def _read(district_code: str, stamp: Stamp) -> Sequence[Published]:
    return [_published(row, stamp[1]) for row in _rows(district_code)]


def _rows(district_code: str) -> QuerySet[Rulebook]:
    published = Rulebook.objects.filter(state=Rulebook.State.PUBLISHED)
    return published.filter(district_code=district_code).order_by("version")


def _published(row: Rulebook, hours: Any) -> Published:
    assert row.effective_from is not None
    book = Book(rules_of(row), tuple(hours))
    return Published(row.district_code, row.version, row.effective_from, book)


_shelf = Shelf(_stamp, _read, fresh=FRESH)


def world_of(district_code: str, now: datetime, units: Sequence[Unit] | None = None) -> World:
    """What rules of a district can name, as it is now; ``units`` to ask about others than are."""
    if units is None:
        units = list(
            Unit.objects.filter(
                district_code=district_code,
                active=True,
                kind__in=[UnitKind.DEPARTMENT, UnitKind.TEAM],
            )
        )
    divisions = Division.objects.filter(code__startswith=district_code)
    grids = Grid.objects.filter(code__startswith=district_code, voided_at=None)
    return World(
        items=tuple(
            ItemFacts(item.code, item.kind, item.lead_department) for item in snapshot(now).active
        ),
        places=(
            *divisions.order_by("code").values_list("code", flat=True),
            *grids.order_by("code").values_list("code", flat=True),
        ),
        units=tuple(
            UnitFacts(
                unit.code, unit.area_code, unit.department, unit.duty, unit.kind == UnitKind.TEAM
            )
            for unit in units
            if unit.kind in (UnitKind.DEPARTMENT, UnitKind.TEAM)
        ),
        hours=tuple(calendar_for(district_code).hours),
    )
