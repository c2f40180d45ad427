"""The catalogue goes out to a file and comes in from one, whole or not at all."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from huying.catalogue.exchanging import UnreadableFile, bring_in, export_csv, export_xlsx, preview
from huying.catalogue.loading import default_csv
from huying.catalogue.models import Category, Item, ItemVersion
from huying.catalogue.rows import COLUMNS
from huying.catalogue.versions import current, deactivate, snapshot
from huying.errors import NotAllowed
from huying.people.acting import Actor

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
Rows = list[dict[str, str]]


def table(edit: Callable[[Rows], object] = lambda rows: None) -> bytes:
    """The default catalogue's file after someone edited it."""
    rows = list(csv.DictReader(io.StringIO(default_csv())))
    edit(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_the_default_file_says_what_is_there() -> None:
    found = preview(table(), valid_from=NOW)
    assert found.ok
    assert (found.rows, len(found.same)) == (29, 29)
    assert (found.new, found.changed, found.absent) == ((), (), ())


@pytest.mark.parametrize("export", [export_csv, export_xlsx])
def test_what_was_exported_comes_back_the_same(
    export: Callable[..., bytes], administrator: Actor
) -> None:
    deactivate("0405", by=administrator)
    found = preview(export(snapshot(NOW)), valid_from=NOW)
    assert found.ok, found.problems
    assert len(found.same) == 29


def test_an_exported_table_has_codes_as_text_and_opens_in_a_spreadsheet() -> None:
    import python_calamine

    assert export_csv(snapshot(NOW)).startswith("\ufeffcode,category".encode())
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(export_xlsx(snapshot(NOW))))
    heads, first, *rest = book.get_sheet_by_index(0).to_python()
    assert heads == [column.heading for column in COLUMNS]
    assert first[0] == "0101"
    assert first[heads.index("层级")] == "网格"
    assert first[heads.index("处置计时")] == "小时"
    assert len(rest) == 28


def edited(rows: Rows) -> None:
    rows[0]["handle_limit"] = "8"
    rows[1]["escalate_keywords"] = "群租；隔断"
    del rows[5]
    rows.append(rows[-1] | {"code": "0501", "category": "园林绿化", "name": "树木倾倒"})


def test_a_preview_tells_what_would_happen_and_changes_nothing() -> None:
    before = ItemVersion.objects.count()
    found = preview(table(edited), valid_from=NOW)
    assert found.ok
    assert found.new == ("0501",)
    assert [each.code for each in found.changed] == ["0101", "0102"]
    assert found.changed[0].fields == {"handle_limit": (16, 8)}
    assert found.changed[1].fields == {"escalate_words": (["群租"], ["群租", "隔断"])}
    assert found.absent == ("0106",)
    assert not found.applied
    assert ItemVersion.objects.count() == before
    assert not Item.objects.filter(pk="0501").exists()


def test_a_file_comes_in_as_new_versions(administrator: Actor) -> None:
    at = NOW + timedelta(days=10)
    done = bring_in(table(edited), by=administrator, valid_from=at, now=NOW)
    assert done.applied
    assert current("0101", NOW).handle_limit == 16
    assert current("0101", at).handle_limit == 8
    assert current("0501", at).name == "树木倾倒"
    assert Category.objects.get(pk="05").name == "园林绿化"
    assert current("0106", at).version == 1
    again = bring_in(table(edited), by=administrator, valid_from=at, now=NOW)
    assert (again.new, again.changed) == ((), ())
    assert ItemVersion.objects.filter(item="0101").count() == 2


def test_a_file_can_take_items_out_of_use(administrator: Actor) -> None:
    rows = export_csv(snapshot(NOW)).decode("utf-8-sig").splitlines()
    rows[29] = rows[29].removesuffix("yes") + "no"
    data = "\n".join(rows).encode()
    assert [each.fields for each in preview(data, valid_from=NOW).changed] == [
        {"active": (True, False)}
    ]
    bring_in(data, by=administrator, valid_from=NOW, now=NOW)
    assert not Item.objects.get(pk="0405").active
    assert ItemVersion.objects.filter(item="0405").count() == 1


def broken(rows: Rows) -> None:
    rows[0]["handle_limit"] = "二十"
    rows[0]["settle"] = "也许"
    rows[0]["evidence"] = "fotos"
    rows[3]["evidence"] = "gps；form"
    rows[4]["default_level"] = "省"
    rows[6]["code"] = rows[5]["code"]
    rows[8]["category"] = "信息采集"
    rows[9]["code"] = "02A4"
    rows[10]["name"] = ""
    rows[11]["handle_limit"] = "8"


def test_every_fault_of_a_file_is_told_and_nothing_comes_in(administrator: Actor) -> None:
    before = ItemVersion.objects.count()
    done = bring_in(table(broken), by=administrator, valid_from=NOW, now=NOW)
    assert not done.applied
    assert not done.ok
    assert [(each.row, each.column) for each in done.problems] == [
        (2, "settle"),
        (2, "handle_limit"),
        (2, "evidence"),
        (5, "evidence"),
        (6, "default_level"),
        (8, "code"),
        (10, "category"),
        (11, "code"),
        (12, "name"),
    ]
    assert done.problems[5].zh == "与第 7 行代码相同"
    assert ItemVersion.objects.count() == before


def test_headings_are_checked_first() -> None:
    text = default_csv().replace("lead_dept", "boss", 1).encode()
    found = preview(text, valid_from=NOW)
    assert [(each.row, each.column) for each in found.problems] == [(1, "boss"), (1, "lead_dept")]


def test_a_spreadsheet_that_took_codes_for_numbers_is_understood() -> None:
    import xlsxwriter

    out = io.BytesIO()
    rows = list(csv.reader(io.StringIO(default_csv())))
    with xlsxwriter.Workbook(out, {"strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    found = preview(out.getvalue(), valid_from=NOW)
    assert found.ok, found.problems
    assert len(found.same) == 29


def test_a_file_saved_in_the_old_encoding_is_read() -> None:
    assert len(preview(default_csv().encode("gb18030"), valid_from=NOW).same) == 29


@pytest.mark.parametrize("data", [b"PK\x03\x04nothing", b"\xff\xfe\x00", b'code,"name'])
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        preview(data, valid_from=NOW)


def test_an_empty_table_is_a_fault() -> None:
    assert not preview(default_csv().splitlines()[0].encode(), valid_from=NOW).ok


def test_only_administrators_bring_a_file_in(dispatcher: Actor) -> None:
    with pytest.raises(NotAllowed):
        bring_in(table(), by=dispatcher, valid_from=NOW)
