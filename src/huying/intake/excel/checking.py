"""Looking a table over before anything of it comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from huying.cases.contacts import masked_name, masked_phone
from huying.catalogue.versions import snapshot
from huying.intake.excel import doubles, keeping
from huying.intake.excel.doubles import Found
from huying.intake.excel.headings import TITLES, Column
from huying.intake.excel.rows import Row, Table, Unusable, looked_at, read_table
from huying.intake.excel.writing import with_reasons
from huying.intake.models import CaseImport
from huying.intake.reporting import default_district
from huying.people.acting import Actor
from huying.places import naming

SHOWN_TROUBLES: Final = 200
SHOWN_ROWS: Final = 20
STEP: Final = 1_000

Tell = Callable[[int], bool]
"""Says how many rows are done; False when it is not wanted any more."""


class Cancelled(Exception):
    """It is not wanted any more, or another worker has it."""


def look(made: CaseImport, *, by: Actor, now: datetime, tell: Tell) -> None:
    """Checks a table and keeps what was found.

    Raises:
        Unusable: the file as a whole will not do.
        OSError: what was found could not be kept.
        Cancelled: somebody was before the end of it.
    """
    data = keeping.kept(made.pk, "table")
    if data is None:
        raise Unusable(CaseImport.Trouble.GONE)
    table = read_table(data)
    CaseImport.objects.filter(pk=made.pk).update(rows=len(table.rows))
    rows: list[Row] = []
    for row in looked_at(table, by=by, now=now):
        rows.append(row)
        if len(rows) % STEP == 0 and not tell(len(rows)):
            raise Cancelled
    found = doubles.likely(rows, by=by, area=by.area_code or default_district(), now=now)
    bad = [row for row in rows if row.report is None]
    if bad:
        # Doubles alone stand on the page: to write a large table takes as long as to check it.
        keeping.keep(made.pk, "reasons", with_reasons(table, reasons(rows, found)))
    else:
        keeping.forget(made.pk, "reasons")  # of an earlier try, under another catalogue
    keeping.keep_look(made.pk, shown(table, rows, found, now))
    checked(
        made,
        rows=len(rows),
        bad=len(bad),
        likely=len(found),
        suggested=sum(
            1 for row in rows if row.report and row.report.suggested_item and not row.report.item
        ),
    )


def checked(made: CaseImport, *, rows: int, bad: int, likely: int = 0, suggested: int = 0) -> None:
    """It now waits for somebody to confirm it. Raises: Cancelled: it is not wanted any more."""
    if not CaseImport.objects.filter(pk=made.pk, state=CaseImport.State.CHECKING).update(
        state=CaseImport.State.CHECKED,
        rows=rows,
        bad=bad,
        likely=likely,
        suggested=suggested,
        done=rows,
        touched_at=datetime.now(UTC),
    ):
        raise Cancelled


def reasons(rows: list[Row], found: dict[int, Found]) -> dict[int, str]:
    """In words, by row: what is wrong with it, or what it may be a double of."""
    said = {
        row.number: _("; ").join(
            f"{TITLES[each.column]}：{each.words}" if each.column else str(each.words)
            for each in row.troubles
        )
        for row in rows
        if row.troubles
    }
    return said | {number: double_words(each) for number, each in found.items()}


def double_words(found: Found) -> str:
    kind, which = found
    if kind == "row":
        return _("May be the same as row %(row)s.") % {"row": which}
    return _("May be the same as case %(number)s.") % {"number": which}


def old_items(rows: list[Row], name: Callable[[str], str]) -> list[dict[str, Any]]:
    """Which old items were resolved by the map, to which new ones, and how often."""
    found = Counter(
        (row.old_item, row.report.item_code) for row in rows if row.old_item and row.report
    )
    return [
        {"old": old, "item": f"{code} {name(code)}", "n": n}
        for (old, code), n in found.most_common(SHOWN_ROWS)
    ]


def shown(table: Table, rows: list[Row], found: dict[int, Found], now: datetime) -> dict[str, Any]:
    """What the page before the import shows, as far as it shows it: names and phones masked."""
    catalogue = snapshot(now)
    troubles = [
        {
            "row": each.row,
            "column": TITLES[each.column] if each.column else "",
            "words": str(each.words),
        }
        for row in rows
        for each in row.troubles
    ]

    def item(code: str) -> str:
        known = catalogue.get(code)
        return known.name if known is not None else ""

    samples: list[dict[str, Any]] = []
    for row in rows:
        report = row.report
        if report is None or len(samples) >= SHOWN_ROWS:
            continue
        who = masked_name(report.contact_name), masked_phone(report.contact_phone)
        samples.append(
            {
                "row": row.number,
                "text": report.text[:120],
                "item": item(report.item_code),
                "suggested": "" if report.item else item(report.suggested_item),
                "place": " ".join(naming.parts(report.place.area_code)[1:]),
                "address": report.place.address,
                "who": " ".join(who).strip(),
                "danger": bool(report.emergency_words),
            }
        )
    kinds = Counter((each["column"], each["words"]) for each in troubles)
    return {
        "troubles": troubles[:SHOWN_TROUBLES],
        "more": max(0, len(troubles) - SHOWN_TROUBLES),
        "kinds": [
            {"column": column, "words": words, "n": n}
            for (column, words), n in kinds.most_common(8)
        ],
        "doubles": [
            {"row": number, "kind": kind, "which": which}
            for number, (kind, which) in list(found.items())[:SHOWN_TROUBLES]
        ],
        "samples": samples,
        "old_items": old_items(rows, item),
        "unknown": table.unknown[:20],
        "read": [TITLES[column] for column in Column if column in table.places],
        "urgent": sum(1 for row in rows if row.report and row.report.emergency_words),
        "doubled": sorted(found),
    }
