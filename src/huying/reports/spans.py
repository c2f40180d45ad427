"""The weeks and months that are reported on, and the spans that they are held against."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

WEEK: Final = timedelta(days=7)


class Kind(models.TextChoices):
    WEEKLY = "weekly", _("weekly report")
    MONTHLY = "monthly", _("monthly report")


@dataclass(frozen=True, slots=True)
class Span:
    """A week, Monday to Sunday, or a calendar month. Civil days, both included."""

    kind: Kind
    first: date
    last: date

    @classmethod
    def around(cls, kind: Kind, day: date) -> Span:
        """The week or month that a day lies in."""
        if kind is Kind.WEEKLY:
            first = day - timedelta(days=day.weekday())
            return cls(kind, first, first + WEEK - timedelta(days=1))
        last = monthrange(day.year, day.month)[1]
        return cls(kind, day.replace(day=1), day.replace(day=last))

    @classmethod
    def ended_before(cls, kind: Kind, day: date) -> Span:
        """The last week or month that was over before a day."""
        return cls.around(kind, cls.around(kind, day).first - timedelta(days=1))

    @property
    def before(self) -> Span:
        """The one before, 环比."""
        return Span.around(self.kind, self.first - timedelta(days=1))

    @property
    def year_before(self) -> Span:
        """The same month, or the week of the same number, of the year before, 同比.

        A year's 53rd week has none of its number in most: then the last one.
        """
        if self.kind is Kind.MONTHLY:
            return Span.around(self.kind, self.first.replace(year=self.first.year - 1))
        year, week, _day = self.first.isocalendar()
        try:
            return Span.around(self.kind, date.fromisocalendar(year - 1, week, 1))
        except ValueError:
            return Span.around(self.kind, date.fromisocalendar(year - 1, week - 1, 1))

    @property
    def number(self) -> tuple[int, int]:
        """The year, and the how-manieth of it this is."""
        if self.kind is Kind.MONTHLY:
            return self.first.year, self.first.month
        year, week, _day = self.first.isocalendar()
        return year, week

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def said(self) -> str:
        """2026年10月, or 2026年第44周（10月26日至11月1日）."""
        year, number = self.number
        if self.kind is Kind.MONTHLY:
            return f"{year}年{number}月"
        return f"{year}年第{number}周（{day_said(self.first)}至{day_said(self.last)}）"


def day_said(day: date) -> str:
    return f"{day.month}月{day.day}日"
