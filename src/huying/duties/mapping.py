"""从四百多项到二十九项: which item each old one has become, and a table of them brought in."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.catalogue.versions import snapshot
from huying.duties.models import OldItem
from huying.duties.noting import note, words_of
from huying.duties.sight import keeps_map
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.people.acting import Actor

MOST: Final = 5000
"""Rows of a table."""

CODE: Final = frozenset({"code", "旧代码", "旧事项代码", "原代码", "代码"})
NAME: Final = frozenset({"name", "旧名称", "旧事项", "旧事项名称", "原事项", "原事项名称", "名称"})
ITEM: Final = frozenset({"item", "新事项", "新代码", "新事项代码", "现事项"})

Row = tuple[str, str, str]
"""Old code, old name, new item's code or name."""


def live(district_code: str) -> Mapping[uuid.UUID, OldItem]:
    rows = OldItem.objects.filter(district_code=district_code, ended_at=None)
    return {row.pk: row for row in rows.select_related("by")}


def mapping(district_code: str) -> dict[str, str]:
    """The new item's code by each old name and each old code."""
    rows = OldItem.objects.filter(district_code=district_code, ended_at=None)
    found: dict[str, str] = {}
    for code, name, item in rows.values_list("code", "name", "item_code"):
        found[name] = item
        if code:
            found.setdefault(code, item)
    return found


def package_rows() -> list[Row]:
    """The made-up list that comes with the package: over 400 names of an old system."""
    text = (files("huying") / "data" / "old_items.csv").read_text(encoding="utf-8")
    return [(row["code"], row["name"], row["item"]) for row in csv.DictReader(text.splitlines())]


@dataclass(slots=True)
class Preview:
    """What a table would do.

    Attributes:
        problems: the row's number and what is wrong, at its column.
    """

    new: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, str]] = field(default_factory=list)
    same: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


def read(cells: Sequence[Sequence[str]]) -> list[Row]:
    """The rows of a table by its headings.

    Raises:
        BadInput: it has no headings of a name and an item, or too many rows.
    """
    if not cells:
        raise BadInput(_("There is no row in this table."), field="table")
    titles = [each.strip().lower() for each in cells[0]]
    at = {
        what: next((n for n, title in enumerate(titles) if title in known), None)
        for what, known in (("code", CODE), ("name", NAME), ("item", ITEM))
    }
    if at["name"] is None or at["item"] is None:
        raise BadInput(_("The table needs the headings 旧名称 and 新事项."), field="table")
    if len(cells) - 1 > MOST:
        raise BadInput(_("At most %(n)s points.") % {"n": MOST}, field="table")

    def cell(row: Sequence[str], what: str) -> str:
        place = at[what]
        return row[place].strip() if place is not None and place < len(row) else ""

    return [
        (cell(row, "code"), cell(row, "name"), cell(row, "item"))
        for row in cells[1:]
        if any(each.strip() for each in row)
    ]


def preview(rows: Iterable[Row], district_code: str, now: datetime) -> Preview:
    """What bringing the rows in would do. Writes nothing."""
    catalogue = snapshot(now)
    by_name = {item.name: item.code for item in catalogue.items}
    known = {row.name: row for row in live(district_code).values()}
    codes = {row.code: row.name for row in known.values() if row.code}
    found, seen, seen_codes = Preview(), set[str](), set[str]()
    for number, (code, name, said) in enumerate(rows, 2):
        item = said.split(" ")[0]
        item = item if item in catalogue else by_name.get(said, "")
        trouble = ""
        if not name:
            trouble = str(_("The old name is missing."))
        elif len(name) > 100 or len(code) > 40:
            trouble = str(_("The name or the code is too long."))
        elif not item:
            trouble = str(_("There is no such item in the catalogue now."))
        elif name in seen or (code and code in seen_codes):
            trouble = str(_("This name or code stands in the table twice."))
        elif code and codes.get(code, name) != name:
            trouble = str(_("This code belongs to another name."))
        if trouble:
            found.problems.append((number, trouble))
            continue
        seen.add(name)
        seen_codes.add(code)
        before = known.get(name)
        if before is None:
            found.new.append((code, name, item))
        elif (before.code, before.item_code) == (code or before.code, item):
            found.same += 1
        else:
            found.changed.append(((code or before.code, name, item), before.item_code))
    return found


def _only_office(by: Actor, district_code: str) -> None:
    if not by.is_system and not (keeps_map(by) and by.area_code == district_code):
        raise NotAllowed


@transaction.atomic
def bring_in(rows: Iterable[Row], district_code: str, *, by: Actor, now: datetime) -> Preview:
    """Takes a table in, all or nothing.

    Raises:
        NotAllowed: not the district's desk.
        BadInput: a row is wrong.
    """
    _only_office(by, district_code)
    found = preview(rows, district_code, now)
    if found.problems:
        raise BadInput(_("Some rows are wrong; nothing was taken in."), field="table")
    known = {row.name: row for row in live(district_code).values()}
    for row, _before in found.changed:
        _end(known[row[1]], by, now)
    made = [
        _made(district_code, row, by, now)
        for row in [*found.new, *(row for row, _b in found.changed)]
    ]
    try:
        with transaction.atomic():
            OldItem.objects.bulk_create(made)
    except IntegrityError as error:
        raise BadInput(_("This code belongs to another name."), field="table") from error
    if made:
        note(made[0], "bring_in", by=by, now=now, new=len(found.new), changed=len(found.changed))
    return found


def _made(district_code: str, row: Row, by: Actor, now: datetime) -> OldItem:
    code, name, item = row
    return OldItem(
        district_code=district_code,
        code=code,
        name=words_of(name, field="name", most=100),
        item_code=item,
        since=now,
        by_id=by.account_id,
    )


def _end(row: OldItem, by: Actor, now: datetime) -> None:
    row.ended_at, row.ended_by_id = now, by.account_id
    row.save(update_fields=["ended_at", "ended_by"])


@transaction.atomic
def put(
    row: Row,
    district_code: str,
    *,
    instead_of: uuid.UUID | None = None,
    by: Actor,
    now: datetime,
) -> OldItem:
    """Adds an old item, or says anew what one has become; the row before stays as history.

    Raises:
        NotAllowed: not the district's desk.
        NotFound: the row to be replaced is not there any more.
        Missing, BadInput: no name, no such item, or one of this name or code is there already.
    """
    _only_office(by, district_code)
    code, name, item = row
    if not name.strip():
        raise Missing(_("Please say it in words."), field="name")
    if item not in snapshot(now):
        raise BadInput(_("There is no such item."), field="item")
    if len(code) > 40:
        raise BadInput(_("The name or the code is too long."), field="code")
    if instead_of is not None:
        old = (
            OldItem.objects.select_for_update(of=("self",))
            .filter(pk=instead_of, district_code=district_code, ended_at=None)
            .first()
        )
        if old is None:
            raise NotFound
        _end(old, by, now)
    made = _made(district_code, (code.strip(), name, item), by, now)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise BadInput(_("This name or code is there already."), field="name") from error
    note(made, "map", by=by, now=now, item=item)
    return made


@transaction.atomic
def strike(pk: uuid.UUID, district_code: str, *, by: Actor, now: datetime) -> OldItem:
    """Takes an old item off the map. Raises as `put`."""
    _only_office(by, district_code)
    row = (
        OldItem.objects.select_for_update(of=("self",))
        .filter(pk=pk, district_code=district_code, ended_at=None)
        .first()
    )
    if row is None:
        raise NotFound
    _end(row, by, now)
    note(row, "unmap", by=by, now=now, item=row.item_code)
    return row
