"""职责清单: its entries, which list holds where, and whether an item is on it.

Where nobody has published a list yet, one made of the catalogue holds: an entry for each item, with
the basis and the limits of `data/duties.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from huying.catalogue.snapshots import CatalogueSnapshot
from huying.catalogue.versions import snapshot
from huying.duties.models import DutyList
from huying.postgres.frozen import frozen

TOWN: Final = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """One responsibility.

    Attributes:
        number: its own within the list, also after others were struck off.
        items: codes of the catalogue's items by which it is carried out.
        basis: law or policy, in words.
        limits: what is not included.
        since, until: civil days, both included; None: always.
    """

    number: int
    title: str
    department: str
    level: str
    items: tuple[str, ...] = ()
    basis: str = ""
    limits: str = ""
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )

    def says(self, sought: str) -> bool:
        """Whether every word that is sought stands somewhere in it."""
        text = " ".join((self.title, self.department, self.basis, self.limits, *self.items))
        return all(word in text for word in sought.split())


@dataclass(frozen=True, slots=True)
class Holding:
    """The list that holds in a place.

    Attributes:
        row: None where it is the one made of the catalogue.
    """

    area_code: str
    version: int
    entries: tuple[Entry, ...]
    row: DutyList | None = None

    def of_item(self, code: str, day: date) -> list[Entry]:
        """The entries that an item carries out on a day."""
        return [each for each in self.entries if code in each.items and each.holds_on(day)]

    def entry(self, number: int) -> Entry | None:
        return next((each for each in self.entries if each.number == number), None)


def as_data(entry: Entry) -> dict[str, Any]:
    """An entry as the database keeps it."""
    kept = asdict(entry) | {"items": list(entry.items)}
    for name in ("since", "until"):
        kept[name] = kept[name].isoformat() if kept[name] is not None else None
    return kept


def of_data(kept: Mapping[str, Any]) -> Entry:
    """The other way round."""
    days = {
        name: date.fromisoformat(kept[name]) if kept[name] else None for name in ("since", "until")
    }
    return Entry(**{**kept, "items": tuple(kept["items"]), **days})


def entries_of(row: DutyList) -> tuple[Entry, ...]:
    return tuple(of_data(each) for each in row.entries)


@cache
def _told() -> Mapping[str, Mapping[str, str]]:
    text = (files("huying") / "data" / "duties.csv").read_text(encoding="utf-8")
    return {row["item"]: row for row in csv.DictReader(text.splitlines())}


def of_catalogue(catalogue: CatalogueSnapshot) -> tuple[Entry, ...]:
    """The list that the catalogue amounts to: an entry for each item in use."""
    return tuple(
        Entry(
            number=number,
            title=item.name,
            department=item.lead_department,
            level=item.default_level,
            items=(item.code,),
            basis=_told().get(item.code, {}).get("basis", ""),
            limits=_told().get(item.code, {}).get("limits", ""),
        )
        for number, item in enumerate(catalogue.active, 1)
    )


def in_force(area_code: str, day: date) -> DutyList | None:
    """The published list of exactly this area on a day."""
    return _in_force([area_code], day).get(area_code)


def _in_force(area_codes: Iterable[str], day: date) -> dict[str, DutyList]:
    """The published lists of exactly these areas on a day, by area."""
    return {row.area_code: row for row in _published(areas=list(area_codes), day=day)}


@frozen
def _published(areas: Any, day: Any) -> QuerySet[DutyList]:
    published = DutyList.objects.filter(
        area_code__any_of=areas, state=DutyList.State.PUBLISHED, effective_from__lte=day
    )
    return published.order_by("area_code", "-effective_from", "-version").distinct("area_code")


def holding(area_code: str, at: datetime) -> Holding:
    """The list that holds in a place: its town's own, else the district's, else the catalogue's."""
    places = (area_code[:TOWN], area_code[:6]) if len(area_code) >= TOWN else (area_code[:6],)
    rows = _in_force(places, timezone.localdate(at))
    for place in places:
        if place in rows:
            return Holding(place, rows[place].version, entries_of(rows[place]), rows[place])
    return Holding(area_code[:6], 0, of_catalogue(snapshot(at)))


def quote(entry: Entry) -> str:
    """What an entry says of what it leaves out, as it is quoted in a decision."""
    parts = [f"职责清单第 {entry.number} 项“{entry.title}”"]
    if entry.limits:
        parts.append(f"不含：{entry.limits}")
    if entry.basis:
        parts.append(f"依据：{entry.basis}")
    return "；".join(parts) + "。"


def departments_of(entries: Iterable[Entry]) -> list[str]:
    """The departments in the order in which they first stand in the list."""
    return list(dict.fromkeys(each.department for each in entries))


def by_department(entries: Iterable[Entry]) -> list[tuple[str, Sequence[Entry]]]:
    """The entries under their departments."""
    kept: dict[str, list[Entry]] = {}
    for each in entries:
        kept.setdefault(each.department, []).append(each)
    return list(kept.items())
