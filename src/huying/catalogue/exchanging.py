"""The catalogue out to a file and in from one: CSV, or a workbook for Excel.

A file that comes in is looked at as a whole first. Every fault is told with its row and column,
and a file with a fault changes nothing. What is new becomes an item, what differs becomes a new
version from a date, what is the same stays, and what the file does not name stays as well.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.catalogue import versions
from huying.catalogue.decoding import decoded
from huying.catalogue.models import Item
from huying.catalogue.rows import BY_TITLE, COLUMNS, ReadRow, column_of, read, write
from huying.catalogue.snapshots import CatalogueSnapshot, ItemSnapshot
from huying.catalogue.validating import Problem, code_problems, problems_of
from huying.cells import as_words, from_words
from huying.errors import BadInput, NotAllowed
from huying.people.acting import Actor
from huying.people.models import Unit

LARGEST: Final = 5_000_000
"""Bytes; a catalogue of thousands of items is smaller."""


class UnreadableFile(BadInput):
    code = "unreadable_file"
    sentence = _("The file can't be read as CSV or as an Excel workbook.")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A fault of one cell. Rows count as a spreadsheet counts them: the headings are row 1."""

    row: int
    column: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An item that differs: by field, what it says now and what it would say."""

    code: str
    name: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Preview:
    """What a file would do, or did (`applied`). With problems it does nothing.

    Attributes:
        absent: codes of the catalogue that the file does not name; they stay.
        warnings: nothing wrong, but worth a look, such as a department without a unit.
    """

    rows: int
    new: tuple[str, ...]
    changed: tuple[Changed, ...]
    same: tuple[str, ...]
    absent: tuple[str, ...]
    problems: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...]
    valid_from: datetime
    applied: bool = False
    _rows: tuple[ReadRow, ...] = field(default=(), repr=False, compare=False)

    @property
    def ok(self) -> bool:
        return not self.problems


def export_csv(catalogue: CatalogueSnapshot) -> bytes:
    """The catalogue as CSV, in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow([column.name for column in COLUMNS])
    table.writerows([as_words(cell) for cell in write(item)] for item in catalogue)
    return out.getvalue().encode("utf-8-sig")


def export_xlsx(catalogue: CatalogueSnapshot) -> bytes:
    """The catalogue as a workbook with Chinese headings and words; every cell is text."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("事项清单")
        head = book.add_format({"bold": True, "bg_color": "#E7F1F5", "border": 1})
        text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        for position, column in enumerate(COLUMNS):
            sheet.set_column(position, position, column.width, text)
            sheet.write_string(0, position, column.heading, head)
        for number, item in enumerate(catalogue, start=1):
            for position, cell in enumerate(write(item, for_people=True)):
                sheet.write_string(number, position, cell, text)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, len(catalogue), len(COLUMNS) - 1)
    return out.getvalue()


def preview(data: bytes, *, valid_from: datetime) -> Preview:
    """What a file would do if it came in with changes from `valid_from` on; changes nothing.

    Raises:
        UnreadableFile: neither CSV nor a workbook, or too large.
    """
    rows, problems = _table(data)
    catalogue = versions.snapshot(valid_from)
    known = dict(Item.objects.values_list("code", "category__name"))
    read_rows: list[tuple[int, ReadRow]] = []
    lines: dict[str, int] = {}
    for number, cells in rows:
        row = read(cells)
        found = [*row.problems, *code_problems(row.code), *_category_problems(row, known)]
        found += _stated_problems(row)
        if row.code in lines:
            zh, en = f"与第 {lines[row.code]} 行代码相同", f"the same code as row {lines[row.code]}"
            found.append(Problem("code", zh, en))
        lines.setdefault(row.code, number)
        problems += _told(number, found)
        read_rows.append((number, row))
    problems += _category_conflicts(read_rows, {code[:2] for code in known})
    new, changed, same = _sorted(catalogue, [row for _, row in read_rows])
    problems += [
        RowProblem(lines[code], "code", "生效时间之前没有版本", "has no version by that date")
        for code in new
        if code in known
    ]
    if not rows and not problems:
        problems.append(RowProblem(1, "", "文件里没有事项", "there is no item in the file"))
    return Preview(
        rows=len(rows),
        new=tuple(code for code in new if code not in known),
        changed=tuple(changed),
        same=tuple(same),
        absent=tuple(item.code for item in catalogue if item.code not in lines),
        problems=tuple(sorted(problems, key=lambda each: each.row)),
        warnings=tuple(_department_warnings(read_rows)),
        valid_from=valid_from,
        _rows=tuple(row for _, row in read_rows),
    )


@transaction.atomic
def bring_in(
    data: bytes, *, by: Actor, valid_from: datetime, now: datetime | None = None
) -> Preview:
    """Applies a file: all of it, or nothing when it has problems (then `applied` is false).

    Raises:
        NotAllowed: `by` is no administrator.
        UnreadableFile: neither CSV nor a workbook, or too large.
        InvalidItem: the date would rewrite the past of an item that changes.
    """
    if not versions.may_change(by):
        raise NotAllowed(_("Only an administrator may change the catalogue."))
    # Whoever else edits waits, so that what is applied is what was compared.
    list(Item.objects.select_for_update().order_by("code").values_list("code"))
    versions.forget()
    found = preview(data, valid_from=valid_from)
    if not found.ok:
        return found
    differing = {each.code for each in found.changed}
    catalogue = versions.snapshot(valid_from)
    for row in found._rows:
        if row.code in found.new:
            versions.add(
                row.code, by=by, valid_from=valid_from, category=row.category, **row.stated
            )
        elif row.code in differing:
            before = catalogue[row.code]
            if _differences(before, row).keys() - {"active"}:
                versions.change(row.code, by=by, valid_from=valid_from, now=now, **row.stated)
        if row.active is False:
            versions.deactivate(row.code, by=by)
        elif row.active:
            versions.activate(row.code, by=by)
    return Preview(**{name: getattr(found, name) for name in _SHOWN}, applied=True)


_SHOWN: Final = ("rows", "new", "changed", "same", "absent", "problems", "warnings", "valid_from")


def _table(data: bytes) -> tuple[list[tuple[int, dict[str, str]]], list[RowProblem]]:
    """The file's rows by column names, with their numbers; and what is wrong with its headings."""
    if len(data) > LARGEST:
        raise UnreadableFile
    lines = _workbook(data) if data[:2] == b"PK" else _comma_separated(data)
    number, heads = next(lines, (1, []))
    problems: list[RowProblem] = []
    columns = []
    for head in heads:
        column = BY_TITLE.get(head.strip())
        if column is None and head.strip():
            problems.append(RowProblem(number, head, "不认识这一列", "this column is not known"))
        if column is not None and column.name in columns:
            problems.append(RowProblem(number, head, "这一列重复", "this column is there twice"))
        columns.append(column.name if column else "")
    problems += [
        RowProblem(number, each.name, f"缺少“{each.heading}”一列", "this column is missing")
        for each in COLUMNS
        if each.needed and each.name not in columns
    ]
    if problems:
        return [], problems
    rows = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        named = dict(zip(columns, cells, strict=False))
        rows.append((number, {name: cell for name, cell in named.items() if name}))
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            problems.append(
                RowProblem(number, "", "单元格多于表头", "there are more cells than headings")
            )
    return rows, problems


def cells_of(data: bytes) -> list[list[str]]:
    """The cells of a small CSV file or workbook, row by row.

    Raises:
        UnreadableFile: it is neither, or unpacks to more than a table of this size.
    """
    if len(data) > LARGEST:
        raise UnreadableFile
    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                unpacked = sum(part.file_size for part in parts.infolist())
        except zipfile.BadZipFile as error:
            raise UnreadableFile from error
        if unpacked > 20 * LARGEST:
            raise UnreadableFile
        return [cells for _number, cells in _workbook(data)]
    return [cells for _number, cells in _comma_separated(data)]


def _comma_separated(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = decoded(data)
    except ValueError:
        raise UnreadableFile from None
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, row in enumerate(table, start=1):
            yield number, [from_words(cell) for cell in row]
    except csv.Error as error:
        raise UnreadableFile from error


def _workbook(data: bytes) -> Iterator[tuple[int, list[str]]]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, IndexError) as error:
        raise UnreadableFile from error
    for number, row in enumerate(rows, start=1):
        yield number, [_cell(value) for value in row]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _told(number: int, problems: Iterable[Problem]) -> list[RowProblem]:
    return [RowProblem(number, column_of(each.field), each.zh, each.en) for each in problems]


def _category_problems(row: ReadRow, known: Mapping[str, str]) -> list[Problem]:
    if not row.category:
        return [Problem("category", "缺少大类名称", "the category's name is missing")]
    names = {code[:2]: name for code, name in known.items()}
    name = names.get(row.code[:2])
    if name is None or name == row.category:
        return []
    return [
        Problem(
            "category",
            f"代码 {row.code[:2]} 开头的大类是“{name}”",
            f"codes that begin with {row.code[:2]} are {name}",
        )
    ]


def _stated_problems(row: ReadRow) -> list[Problem]:
    """What is wrong with what could be read, leaving aside the cells that could not."""
    unread = {each.field for each in row.problems}
    fields = {name: 1 for name in unread if name not in row.stated} | dict(row.stated)
    return [each for each in problems_of(fields) if each.field not in unread]


def _category_conflicts(rows: Sequence[tuple[int, ReadRow]], known: Set[str]) -> list[RowProblem]:
    """Two names for one new category within the file."""
    first: dict[str, str] = {}
    return [
        RowProblem(
            number,
            "category",
            f"同一大类在文件里有两个名称：“{name}”“{row.category}”",
            f"one category has two names in the file: {name}, {row.category}",
        )
        for number, row in rows
        if row.category
        and row.code[:2] not in known
        and (name := first.setdefault(row.code[:2], row.category)) != row.category
    ]


def _sorted(
    catalogue: CatalogueSnapshot, rows: Iterable[ReadRow]
) -> tuple[list[str], list[Changed], list[str]]:
    new, changed, same = [], [], []
    for row in rows:
        before = catalogue.get(row.code)
        if before is None:
            new.append(row.code)
        elif differences := _differences(before, row):
            changed.append(Changed(row.code, row.stated.get("name", before.name), differences))
        else:
            same.append(row.code)
    return new, changed, same


def _differences(before: ItemSnapshot, row: ReadRow) -> dict[str, tuple[Any, Any]]:
    found = {}
    for name, value in row.stated.items():
        now = getattr(before, name)
        now = list(now) if isinstance(now, tuple) else now
        if now != value:
            found[name] = (now, value)
    if row.active is not None and row.active != before.active:
        found["active"] = (before.active, row.active)
    return found


def _department_warnings(rows: Sequence[tuple[int, ReadRow]]) -> Iterator[RowProblem]:
    known = set(Unit.objects.exclude(department="").values_list("department", flat=True).distinct())
    if not known:
        return
    for number, row in rows:
        for name in ("lead_department", "assisting_departments"):
            value = row.stated.get(name) or []
            for department in [value] if isinstance(value, str) else value:
                if department not in known:
                    zh, en = f"没有单位属于“{department}”", f"no unit belongs to {department}"
                    yield RowProblem(number, column_of(name), zh, en)
