"""What each row of a table would do to the registers; what all kinds of tables have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.errors import HuyingError, Words
from huying.intake.excel.register_headings import Field
from huying.intake.registers.entries import Entry
from huying.intake.registers.tree import Tree
from huying.intake.registers.writing import Change, Writing
from huying.people.acting import Actor
from huying.places import naming
from huying.registry import history, sealing
from huying.registry.address_text import plain
from huying.registry.addressing import Spot
from huying.registry.models import Address, Facility, Household, Record, Source

CHUNK: Final = 2000
SAME_SPOT: Final = 1e-6
"""Degrees, a tenth of a metre: a pin that is written with fewer digits is no other one."""


class Fate(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"
    WRONG = "wrong"


@dataclass(slots=True)
class Outcome:
    """What becomes of a row.

    Attributes:
        why: what the register says else, where the row contradicts it.
        changes: label, before and after of each field, what is sealed masked.
    """

    entry: Entry
    fate: Fate = Fate.SAME
    why: Words = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    record: tuple[str, UUID] | None = None


@dataclass(slots=True)
class Plan:
    """The outcomes of all rows, and what is to be written."""

    outcomes: list[Outcome]
    writing: Writing
    looked_up: int = 0

    def count(self, fate: Fate) -> int:
        return sum(each.fate is fate for each in self.outcomes)


class Planner(ABC):
    """What the kinds of tables have in common."""

    def __init__(self, entries: Sequence[Entry], by: Actor, now: datetime, overrule: bool) -> None:
        self.entries = [each for each in entries if not each.troubles]
        self.by, self.now, self.overrule = by, now, overrule
        self.today = timezone.localdate(now)
        self.writing = Writing()
        self.looked_up = 0
        self.touched: dict[UUID, int] = {}
        self.tree = Tree(
            {each.community for each in self.entries},
            {plain(code) for each in self.entries if (code := each.get(Field.CODE))},
        )

    @abstractmethod
    def prepare(self) -> None:
        """Reads what the rows are compared with, beside the addresses."""

    @abstractmethod
    def fate(self, entry: Entry, made: Outcome) -> None:
        """Decides on a row without anything wrong. Raises: HuyingError: it is wrong after all."""

    def outcome(self, entry: Entry) -> Outcome:
        made = Outcome(entry)
        if not entry.troubles:
            self.writing.begin()
            try:
                self.fate(entry, made)
            except HuyingError as error:
                column = error.field if error.field in set(Field) else None
                entry.wrong(column, error.detail)
        if entry.troubles:
            made.fate = Fate.WRONG
        if made.fate in (Fate.WRONG, Fate.CONFLICT):
            # Nothing of it comes in: not its address, nor its dwelling.
            self.writing.roll_back()
        return made

    def remember(self, kept: dict[Any, Any], key: Any, value: Any) -> None:
        """Lets later rows find it, unless this row comes to nothing."""
        kept[key] = value
        self.writing.undo.append(lambda: kept.pop(key, None))

    def touch(self, record: Record, entry: Entry) -> None:
        self.remember(self.touched, record.pk, entry.number)

    def address(self, entry: Entry) -> tuple[Address, bool]:
        return self.tree.ensure(
            entry.community,
            entry.get(Field.ADDRESS),
            into=self.writing,
            row=entry.number,
            spot=entry.spot,
            code=entry.get(Field.CODE) or "",
            by=self.by,
            now=self.now,
        )

    def usual(self, area: str) -> dict[str, Any]:
        """What every new record has."""
        return {
            "district_code": area[:6],
            "area_code": area,
            "valid_from": self.today,
            "source": Source.IMPORT,
            "made_at": self.now,
            "made_by": self.by.account_id,
            "checked_at": self.now,
            "checked_by": self.by.account_id,
        }

    def once(self, record: Record, entry: Entry, made: Outcome) -> bool:
        """Whether no row before said something of the same record."""
        first = self.touched.get(record.pk)
        if first is None:
            self.touch(record, entry)
            return True
        if first == entry.number:
            return True
        entry.wrong(None, format_lazy(_("Row {n} is about the same."), n=first))
        return False

    def contradicts(self, made: Outcome, why: Words) -> bool:
        """Whether the row stays out for it; with ``overrule`` it is only noted."""
        made.why = why
        if self.overrule:
            return False
        made.fate = Fate.CONFLICT
        return True

    def is_out_of_sight(self, record: Record, made: Outcome) -> bool:
        """Whether it lies outside the post's area: then it stays, whatever the table says."""
        if self.by.is_system or self.by.covers(record.area_code):
            return False
        made.fate = Fate.CONFLICT
        made.why = format_lazy(
            _("Registered in {where} already, outside this post's area."),
            where=naming.names(record.area_code[:9]),
        )
        return True

    def change(self, record: Record, values: dict[str, Any], made: Outcome) -> None:
        """Notes which of the values are others, and has them set."""
        other = {}
        for name, value in values.items():
            if name == "words":
                continue
            line = shown(record, name, value)
            if line is None:
                continue
            other[name] = value
            if name != "area_code":
                made.changes.append(line)
        if other:
            made.fate = Fate.NEW if made.fate is Fate.NEW else Fate.CHANGED
            if "name" in other and "words" in values:
                other["words"] = values["words"]
            self.writing.changes.append(Change(made.entry.number, record, other))
        made.record = (record.REGISTER, record.pk)

    def fresh(self, record: Any, made: Outcome, late: Callable[[], object] | None = None) -> None:
        self.writing.add(record, made.entry.number, late)
        made.fate = Fate.NEW
        made.record = (record.REGISTER, record.pk)


def shown(record: Record, name: str, value: Any) -> tuple[str, str, str] | None:
    """How a changed field is shown; None where it is as it was. Sealed values are compared open."""
    sealed = hasattr(record, f"{name}_enc")
    before: Any = sealing.opened(record, name) if sealed else getattr(record, name)
    same = before == value if sealed or isinstance(value, Record) else None
    if same is None:
        same = history.said(before) == history.said(value)
    if same:
        return None
    held = record._meta.get_field(f"{name}_masked" if sealed else name)
    label = str(getattr(held, "verbose_name", name))
    if sealed:
        return label, getattr(record, f"{name}_masked"), sealing.MASKS[name](value)
    return label, _words(held, before), _words(held, value)


def _words(held: Any, value: Any) -> str:
    if isinstance(value, Household):
        return str(value.number)
    return history.in_words(held, history.said(value))


def chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    """The values in lists that one query takes."""
    all_of = list(values)
    for start in range(0, len(all_of), CHUNK):
        yield all_of[start : start + CHUNK]


def pin_of(record: Address | Facility, spot: Spot | None) -> dict[str, Any]:
    """The position to set; empty where none is told, or the record is there already."""
    if spot is None:
        return {}
    there = (
        record.lon is not None
        and record.lat is not None
        and abs(record.lon - spot.lon) < SAME_SPOT
        and abs(record.lat - spot.lat) < SAME_SPOT
    )
    return {} if there else {"lon": spot.lon, "lat": spot.lat}
