"""A town's register from tables: 22,000 dwellings with 58,000 households, as 石碁镇 had them.

Two tables, each compared with the registers and taken in by the job's own functions. The reading
process, sealing of names and phones, the history and what taking back needs are in it; the upload
and the person between the two steps are not. Afterwards some of it is searched for.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final

import xlsxwriter

from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_most, digits, figures, percentile
from huying.cli import CommandError, say

GOAL = at_most(1.0)
DWELLINGS, HOUSEHOLDS = 22_000, 58_000
SECONDS = 120.0
"""For all of it: what a person at the desk would wait for, beside other work."""
COMMUNITY: Final = "440113120213"
TITLES: Final = ("村(社区)", "地址", "户号", "姓名", "联系电话", "身份证号")


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.registry.models import Dwelling, Household, Person

    households = min(HOUSEHOLDS, options.rows)
    dwellings = max(1, households * DWELLINGS // HOUSEHOLDS)
    bed.copy("tables")
    bed.enter("tables")
    half = households // 2
    began, looked = perf_counter(), 0.0
    for number, some in enumerate((range(half), range(half, households)), 1):
        looked += _bring(table(some, dwellings), number, len(some))
    took = perf_counter() - began
    there = tuple(m.objects.count() for m in (Dwelling, Household, Person))
    if there != (dwellings, households, households):
        raise CommandError(f"{there} dwellings, households and people are there")
    searched = _search(households, dwellings)
    bed.drop("tables")
    return figures(
        "tables",
        "s",
        [took],
        [SECONDS * households / HOUSEHOLDS],
        GOAL,
        dwellings=dwellings,
        households=households,
        seconds=digits(took),
        compare_s=digits(looked),
        rows_per_s=digits(households / took),
        search_p95_ms=digits(searched),
    )


def _bring(data: bytes, number: int, rows: int) -> float:
    """One table in; the seconds of comparing it."""
    from huying.intake.excel import taking
    from huying.intake.models import CaseImport

    began, now = perf_counter(), datetime.now(UTC)
    made = taking.sent_by_system(data, f"bench{number}.xlsx", now, into=CaseImport.Into.PEOPLE)
    taking.check_table(str(made.pk), "zh-hans")
    compared = perf_counter() - began
    made.refresh_from_db()
    if made.good != rows or made.likely:
        raise CommandError(f"{made.good} of {rows} rows are right, {made.likely} contradict")
    taking.confirmed_by_system(made, datetime.now(UTC))
    taking.import_cases(str(made.pk), "zh-hans")
    made.refresh_from_db()
    if made.made != rows:
        raise CommandError(f"{made.made} of {rows} rows came in: {made.trouble}")
    say(f"table {number}: {compared:,.1f} s to compare, {perf_counter() - began:,.1f} s in all")
    return compared


def table(rows: range, dwellings: int) -> bytes:
    """Households one after the other, dealt out over the dwellings."""
    from huying.people.names import generated_name
    from huying.registry.numbers import id_check

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, TITLES)
        for at, number in enumerate(rows, start=1):
            home = number % dwellings
            rest, year = divmod(number, 60)
            rest, month = divmod(rest, 12)
            rest, day = divmod(rest, 28)
            first = f"449999{1940 + year}{month + 1:02}{day + 1:02}{rest:03}"
            sheet.write_row(
                at,
                0,
                (
                    COMMUNITY,
                    address(home),
                    number // dwellings + 1,
                    generated_name(number),
                    f"139{number:08}",
                    first + id_check(first) if number % 3 == 0 else "",
                ),
            )
    return out.getvalue()


def address(home: int) -> str:
    """Eleven streets of a hundred houses, each of twenty flats."""
    street, plate, room = home // 2000, home % 2000 // 20, home % 20
    return f"{'甲乙丙丁戊己庚辛壬癸子'[street]}街{plate + 1}号{room // 4 + 1}0{room % 4 + 1}"


def _search(households: int, dwellings: int) -> float:
    """Rooms, phones and names of what came in: milliseconds, 95 of 100."""
    from huying.people.acting import Actor, ActorKind
    from huying.people.models import Role
    from huying.people.names import generated_name
    from huying.registry.searching import search

    by = Actor(ActorKind.ACCOUNT, account_id=1, role=Role.DISPATCHER, area_code=COMMUNITY[:9])
    took = []
    for turn in range(150):
        number = turn * 7_919 % households
        name = generated_name(number)
        words = (address(number % dwellings), f"139{number:08}", name)[turn % 3]
        began = perf_counter()
        found = search(words, by=by, now=datetime.now(UTC))
        took.append((perf_counter() - began) * 1000)
        if not found:
            raise CommandError(f"nothing was found by search {turn}")
    return percentile(sorted(took), 0.95)
