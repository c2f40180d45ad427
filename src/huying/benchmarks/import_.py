"""A table of 50,000 rows: checked and taken in as a whole, by the job's own functions.

The reading process, encryption of the file and of reporters, the look for doubles, progress over a
connection of its own and the one transaction are in it; the upload and the person between the two
steps are not.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

import xlsxwriter

from huying.benchmarks import reports
from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_most, figures
from huying.cli import CommandError, say

GOAL = at_most(1.0)
ROWS = 50_000
SECONDS = 60.0


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.cases.models import Case
    from huying.intake.excel import taking

    rows = min(ROWS, options.rows)
    data = table(rows)
    ours: list[float] = []
    checks: list[float] = []
    writes: list[float] = []
    likely = 0
    for turn in range(min(3, options.rounds)):
        name = f"import{turn}"
        bed.copy(name)
        bed.enter(name)
        began = perf_counter()
        made = taking.sent_by_system(data, "bench.xlsx", datetime.now(UTC))
        taking.check_table(str(made.pk), "zh-hans")
        checked = perf_counter()
        made.refresh_from_db()
        if made.good != rows:
            raise CommandError(f"only {made.good} of {rows} rows are right: {made.trouble}")
        taking.confirmed_by_system(made, datetime.now(UTC))
        taking.import_cases(str(made.pk), "zh-hans")
        ours.append(perf_counter() - began)
        checks.append(checked - began)
        writes.append(perf_counter() - checked)
        made.refresh_from_db()
        if made.made != rows or Case.objects.count() != rows:
            raise CommandError(f"{made.made} of {rows} rows became cases: {made.trouble}")
        say(f"import {turn + 1}: {checks[-1]:,.1f} s to check, {writes[-1]:,.1f} s to take in")
        likely = made.likely
        bed.drop(name)
    return figures(
        "import",
        "s",
        ours,
        [SECONDS * rows / ROWS] * len(ours),
        GOAL,
        rows=rows,
        seconds=median(ours),
        rows_per_s=rows / median(ours),
        check_s=median(checks),
        take_in_s=median(writes),
        likely=likely,
        file_kb=len(data) // 1024,
    )


def table(rows: int) -> bytes:
    """Reports as others write them down: a position, every second an item, every third a phone."""
    from huying.intake.excel.headings import TITLES, Column

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(TITLES.values()))
        place = {column: at for at, column in enumerate(Column)}
        for at, each in enumerate(reports.samples(rows), start=1):
            sheet.write_string(at, place[Column.TEXT], each.text)
            if at % 2:
                sheet.write_string(at, place[Column.ITEM], each.item)
            sheet.write_string(at, place[Column.ADDRESS], each.address)
            sheet.write_number(at, place[Column.LON], each.lon)
            sheet.write_number(at, place[Column.LAT], each.lat)
            if at % 3 == 0:
                sheet.write_string(at, place[Column.NAME], "张三")
                sheet.write_number(at, place[Column.PHONE], 13_800_000_000 + at)
    return out.getvalue()
