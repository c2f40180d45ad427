"""All that a report is made of, gathered before a word of it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from huying.clock.calendar import CIVIL_TZ
from huying.reports.gathering import Gathered
from huying.reports.spans import Span, day_said


@dataclass(frozen=True, slots=True)
class Names:
    """What codes and numbers are called. Units and items that are not there stay as they are."""

    area: str
    issuer: str
    places: Mapping[str, str]
    units: Mapping[str, str]
    items: Mapping[str, str]
    cases: Mapping[UUID, str]
    channels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report is made of.

    Attributes:
        before, year_before: the spans that it is held against.
        began: the day of the first report that the log has of this area.
    """

    area: str
    span: Span
    at: datetime
    issued_on: date
    now: Gathered
    before: Gathered
    year_before: Gathered
    began: date | None
    names: Names


def moment(at: datetime) -> str:
    """2026年11月1日06:10, in China."""
    local = at.astimezone(CIVIL_TZ)
    return f"{local.year}年{day_said(local.date())}{local:%H:%M}"
