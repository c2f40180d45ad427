"""A table of cases: what is read of it, what is wrong with it, and that it comes in whole."""

from __future__ import annotations

import io
import os
import zipfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

from huying.audit.models import AccessLog
from huying.audit.verifying import verify
from huying.cases.models import Case, CaseContact, CaseText, Channel
from huying.catalogue.versions import snapshot
from huying.cli import CommandError, import_
from huying.errors import TooMany, WrongState
from huying.intake.excel import doubles, headings, keeping, reading, taking
from huying.intake.excel.headings import TITLES, Column
from huying.intake.excel.rows import Unusable, areas, read_table
from huying.intake.excel.writing import template
from huying.intake.models import CaseImport
from huying.intake.reporting import Told, take
from huying.people.turns import AT_ONCE, QUIET
from tests.cases.town import FACTORY, GRID_1, GRID_3, NOW, SPOTS, TOWN, XIAOLONG, Town

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEAD = list(TITLES.values())


def book(*rows: Sequence[Any], head: Sequence[str] = HEAD, **options: Any) -> bytes:
    """A workbook as Excel would keep it; a cell that begins with = is a formula and its value."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as made:
        sheet, moment = made.add_worksheet(), made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for at, row in enumerate([head, *rows]):
            for place, cell in enumerate(row):
                if isinstance(cell, datetime | date):
                    sheet.write_datetime(at, place, cell, moment)
                elif isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(at, place, cell, None, cell[1:].strip('"'))
                else:
                    sheet.write(at, place, cell)
    return out.getvalue()


def row(text: str, **more: Any) -> list[Any]:
    return [{"text": text, **more}.get(column.value, "") for column in Column]


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path)

    @contextmanager
    def telling(*_: Any) -> Iterator[Callable[[int], bool]]:
        # The rows of a test are not there for another connection.
        yield lambda done: True

    monkeypatch.setattr(taking, "telling", telling)
    return tmp_path


def sent(town: Town, data: bytes, name: str = "台账.xlsx") -> CaseImport:
    made = taking.receive(data, name, by=town.actor("dispatcher"), now=NOW)
    taking.check_table(str(made.pk), "zh-hans")
    made.refresh_from_db()
    return made


def taken(town: Town, made: CaseImport, **how: bool) -> int:
    taking.confirm(made, by=town.actor("dispatcher"), now=NOW, **how)
    n = taking.import_cases(str(made.pk), "zh-hans")
    made.refresh_from_db()
    return n


def troubles(made: CaseImport) -> list[tuple[int, str, str]]:
    look = keeping.kept_look(made.pk)
    return [(each["row"], each["column"], each["words"]) for each in look["troubles"]]


def test_a_table_becomes_cases_and_leaves_nothing_else_behind(town: Town, apart: Path) -> None:
    lon, lat = SPOTS[GRID_1]
    made = sent(
        town,
        book(
            row("厂房消防通道被堵", item=f"{FACTORY} 企业生产安全隐患", lon=lon, lat=lat,
                occurred_at=datetime.fromisoformat("2019-07-10"),
                contact_name="欧阳询", contact_phone=13926187753),
            row("=\"门口积水\"", area="石碁镇 小龙村", address="东街18号", channel="来访"),
        ),
    )  # fmt: skip
    assert (made.state, made.rows, made.bad, troubles(made)) == ("checked", 2, 0, [])
    assert not Case.objects.exists()
    everything = b"".join(path.read_bytes() for path in apart.iterdir())
    assert b"13926187753" not in everything
    assert "13926187753" not in str(keeping.kept_look(made.pk))
    assert "139****7753" in str(keeping.kept_look(made.pk))

    assert taken(town, made) == 2
    cases = [link.case for link in made.cases.order_by("row").select_related("case")]
    assert [link.row for link in made.cases.order_by("row")] == [2, 3]
    assert [case.area_code for case in cases] == [GRID_1, XIAOLONG]
    assert [case.channel for case in cases] == ["desk", "walk_in"]
    assert cases[0].item_code == FACTORY
    assert cases[0].occurred_at == datetime(2019, 7, 10, tzinfo=SHANGHAI)
    assert cases[0].reporter_id == town.actor("dispatcher").account_id
    assert CaseText.objects.get(case=cases[1]).body == "门口积水"
    assert CaseContact.objects.get(case=cases[0]).phone_masked == "139****7753"
    assert verify().ok
    assert list(apart.iterdir()) == []
    (entry,) = AccessLog.objects.filter(action="import_cases", subject_id=str(made.pk))
    assert entry.account_id == town.actor("dispatcher").account_id
    assert f"sm3:{bytes(made.digest).hex()}" in entry.fields


def test_each_fault_is_told_with_its_row_and_column(town: Town) -> None:
    far = SPOTS[GRID_3]
    made = sent(
        town,
        book(
            row(""), # nothing at all: no row
            row("", address="东街18号"),
            row("路灯不亮", item="9999 没有的事项"),
            row("路灯不亮", area="南村镇"),
            row("路灯不亮", area="没有这个村"),
            row("路灯不亮", lon=far[0]),
            row("路灯不亮", lon="东经", lat=22.9),
            row("路灯不亮", lon=1.0, lat=2.0),
            row("路灯不亮", occurred_at="昨天下午"),
            row("路灯不亮", occurred_at=datetime.fromisoformat("2030-01-01")),
            row("路灯不亮", contact_phone="没有"),
            row("路灯不亮", channel="微信"),
            row("路灯不亮", lon=far[0], lat=far[1], datum="西安80"),
            row("这一行是对的"),
        ),
    )  # fmt: skip
    assert [(at, column) for at, column, _words in troubles(made)] == [
        (3, "问题描述"), (4, "事项"), (5, "村(社区)"), (6, "村(社区)"), (7, "经度"), (8, "经度"),
        (9, "经度"), (10, "发生时间"), (11, "发生时间"), (12, "联系电话"), (13, "来源"),
        (14, "坐标系"),
    ]  # fmt: skip
    assert all("一" <= words[0] <= "鿿" for _row, _column, words in troubles(made))
    assert (made.rows, made.bad, made.good) == (13, 12, 1)
    with pytest.raises(WrongState):
        taken(town, made)
    assert taken(town, made, only_good=True) == 1
    again = CalamineWorkbook.from_filelike(io.BytesIO(keeping.kept(made.pk, "reasons") or b""))
    rows = again.get_sheet_by_index(0).to_python()
    assert rows[0] == [headings.REASON, headings.ROW, *HEAD]
    assert len(rows) == 13
    assert rows[1][1] == 3
    assert rows[2][0].startswith("事项：")


def test_a_mended_table_is_read_as_it_was_given_back(town: Town) -> None:
    made = sent(
        town, book(row("路灯不亮", contact_phone=13926187753), row("电线垂落", channel="微信"))
    )
    given = read_table(keeping.kept(made.pk, "reasons") or b"")
    assert given.unknown == []
    assert [cells[given.places[Column.PHONE]] for _at, cells in given.rows] == [13926187753, ""]


def test_doubles_are_told_and_may_stay_out(town: Town) -> None:
    lon, lat = SPOTS[GRID_1]
    told = Told(Channel.HOTLINE, "东街18号门口消防通道被杂物堵住", lon, lat, item=FACTORY)
    there = take(told, by=town.actor("dispatcher"), now=datetime.now(SHANGHAI))
    made = sent(
        town,
        book(
            row("东街18号消防通道被堵", item=FACTORY, lon=lon, lat=lat),
            row("西街3号垃圾成堆", area="小龙村"),
            row("西街3号垃圾成堆", area="小龙村"),
            row("北街9号路灯不亮", area="小龙村"),
        ),
    )
    look = keeping.kept_look(made.pk)
    assert [(each["row"], each["kind"], each["which"]) for each in look["doubles"]] == [
        (2, "case", there.number), (4, "row", 3),
    ]  # fmt: skip
    assert taken(town, made, without_likely=True) == 2
    assert [link.row for link in made.cases.order_by("row")] == [3, 5]


def test_the_same_file_twice_must_be_meant(town: Town) -> None:
    data = book(row("路灯不亮"))
    assert taken(town, sent(town, data)) == 1
    second = sent(town, data)
    with pytest.raises(WrongState):
        taken(town, second)
    assert taken(town, second, again=True) == 1


def test_what_was_cancelled_or_asked_twice_makes_nothing(town: Town, apart: Path) -> None:
    made = sent(town, book(row("路灯不亮")))
    taking.confirm(made, by=town.actor("dispatcher"), now=NOW)
    taking.cancel(made, NOW)
    assert taking.import_cases(str(made.pk), "zh-hans") == 0
    assert list(apart.iterdir()) == []
    other = sent(town, book(row("电线垂落")))
    assert taken(town, other) == 1
    assert taking.import_cases(str(other.pk), "zh-hans") == 0
    assert Case.objects.count() == 1


def test_a_cancel_in_the_middle_takes_everything_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "CHUNK", 1)
    made = sent(town, book(row("路灯不亮"), row("电线垂落"), row("井盖缺失")))
    taking.confirm(made, by=town.actor("dispatcher"), now=NOW)
    seen: list[int] = []

    @contextmanager
    def telling(*_: Any) -> Iterator[Callable[[int], bool]]:
        def tell(done: int) -> bool:
            seen.append(Case.objects.count())
            return len(seen) < 2

        yield tell

    monkeypatch.setattr(taking, "telling", telling)
    assert taking.import_cases(str(made.pk), "zh-hans") == 0
    assert seen == [1, 2]
    assert not Case.objects.exists()


def uploaded(town: Town, text: str = "路灯不亮") -> CaseImport:
    return taking.receive(book(row(text)), "台账.xlsx", by=town.actor("dispatcher"), now=NOW)


def jobs(made: CaseImport) -> list[str]:
    of_it = ProcrastinateJob.objects.filter(args__import_id=str(made.pk)).order_by("id")
    return list(of_it.values_list("task_name", flat=True))


def breaks(*_: Any, **__: Any) -> Any:
    raise RuntimeError("what nobody thought of")


def is_full(*_: Any, **__: Any) -> Any:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("how", "trouble"), [(breaks, "broken"), (is_full, "disk")])
def test_a_check_that_failed_is_done_again_and_nothing_comes_in_unseen(
    town: Town, monkeypatch: pytest.MonkeyPatch, how: Callable[..., Any], trouble: str
) -> None:
    made = uploaded(town)
    with monkeypatch.context() as broken, suppress(RuntimeError):
        broken.setattr(doubles, "likely", how)
        taking.check_table(str(made.pk), "zh-hans")
    made.refresh_from_db()
    assert (made.state, made.trouble) == ("failed", trouble)
    taking.again(made, now=NOW)
    assert jobs(made) == ["check_case_table"] * 2
    assert taking.import_cases(str(made.pk), "zh-hans") == 0
    assert taking.check_table(str(made.pk), "zh-hans") == 1
    made.refresh_from_db()
    assert (made.state, made.trouble, made.ended_at) == ("checked", "", None)
    assert not Case.objects.exists()
    assert taken(town, made) == 1
    assert AccessLog.objects.filter(action="import_cases", subject_id=str(made.pk)).count() == 1


@pytest.mark.parametrize(("how", "trouble"), [(breaks, "broken"), (is_full, "disk")])
def test_a_taking_in_that_failed_is_done_again_with_what_was_confirmed(
    town: Town, monkeypatch: pytest.MonkeyPatch, how: Callable[..., Any], trouble: str
) -> None:
    made = sent(town, book(row("路灯不亮"), row("", address="东街")))
    with monkeypatch.context() as broken, suppress(RuntimeError):
        broken.setattr(taking, "report_many", how)
        taken(town, made, only_good=True)
    made.refresh_from_db()
    assert (made.state, made.trouble) == ("failed", trouble)
    taking.again(made, now=NOW)
    # Twice pressed is once done: it waits already.
    taking.again(made, now=NOW)
    assert jobs(made)[1:] == ["import_cases"] * 2
    assert taking.import_cases(str(made.pk), "zh-hans") == 1
    assert AccessLog.objects.filter(action="import_cases", subject_id=str(made.pk)).count() == 1


def test_what_was_cancelled_is_not_woken_by_who_did_not_see_it(town: Town) -> None:
    made = sent(town, book(row("路灯不亮")))
    taking.confirm(made, by=town.actor("dispatcher"), now=NOW)
    made.refresh_from_db()  # as the page has it
    taking.cancel(CaseImport.objects.get(pk=made.pk), NOW)
    taking.again(made, now=NOW + 2 * QUIET)
    made.refresh_from_db()
    assert made.state == "cancelled"
    assert jobs(made) == ["check_case_table", "import_cases"]


def test_a_worker_that_says_nothing_is_given_up_and_one_that_moves_is_not(town: Town) -> None:
    made = uploaded(town)
    CaseImport.objects.filter(pk=made.pk).update(state="checking", touched_at=NOW)
    taking.again(made, now=NOW + QUIET / 2)
    assert jobs(made) == ["check_case_table"]
    taking.again(made, now=NOW + 2 * QUIET)
    made.refresh_from_db()
    assert (made.state, jobs(made)) == ("uploaded", ["check_case_table"] * 2)


def test_three_at_a_time_holds_for_each_way_to_the_worker(town: Town) -> None:
    waits = sent(town, book(row("路灯不亮")))
    broken = sent(town, book(row("井盖缺失")))
    CaseImport.objects.filter(pk=broken.pk).update(state="failed", trouble="broken", ended_at=NOW)
    for number in range(AT_ONCE):
        last = uploaded(town, f"电线垂落{number}")
    for way in (
        lambda: uploaded(town, "门口积水"),
        lambda: taking.confirm(waits, by=town.actor("dispatcher"), now=NOW),
        lambda: taking.again(broken, now=NOW),
    ):
        with pytest.raises(TooMany):
            way()
    assert jobs(waits) == jobs(broken) == ["check_case_table"]
    # Its own place is one of the three.
    taking.again(last, now=NOW + 2 * QUIET)
    assert len(jobs(last)) == 2
    taking.cancel(last, NOW)
    taking.confirm(waits, by=town.actor("dispatcher"), now=NOW)


def test_a_cancel_at_the_last_step_of_a_check_leaves_no_file(
    town: Town, apart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, keep = uploaded(town), keeping.keep_look

    def cancelled_meanwhile(*of_it: Any) -> None:
        taking.cancel(made, NOW)
        keep(*of_it)

    monkeypatch.setattr(keeping, "keep_look", cancelled_meanwhile)
    taking.check_table(str(made.pk), "zh-hans")
    made.refresh_from_db()
    assert made.state == "cancelled"
    assert list(apart.iterdir()) == []


def test_a_second_worker_takes_no_file_from_what_the_first_has_checked(
    town: Town, apart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sent(town, book(row("路灯不亮")))
    CaseImport.objects.filter(pk=made.pk).update(state="uploaded")
    keep = keeping.keep_look

    def finished_meanwhile(*of_it: Any) -> None:
        CaseImport.objects.filter(pk=made.pk).update(state="checked")
        keep(*of_it)

    monkeypatch.setattr(keeping, "keep_look", finished_meanwhile)
    taking.check_table(str(made.pk), "zh-hans")
    assert taken(town, made) == 1


def test_the_command_says_what_is_wrong_and_by_which_option_it_would_come_in(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(file: Path, *options: str) -> str:
        parser = ArgumentParser()
        import_.arguments(parser)
        return import_.text(import_.run(parser.parse_args(["cases", str(file), *options])))

    wrong, good = tmp_path / "wrong.xlsx", tmp_path / "good.xlsx"
    wrong.write_bytes(book(row("井盖缺失"), *[row("路灯不亮", item="9999")] * 60))
    good.write_bytes(book(row("门口积水")))
    assert run(wrong, "--check").startswith("61 rows read: 1 right, 60 wrong, 0 may be doubles")
    said = capsys.readouterr().err
    assert "row 3: 事项：" in said
    assert "… and 10 more" in said
    assert "60 × 事项：" in said
    with pytest.raises(CommandError, match=r"60 of 61 rows are wrong.*--only-good"):
        run(wrong)
    assert "row 3: 事项：" in capsys.readouterr().err
    assert run(wrong, "--only-good").startswith("61 rows read: 1 new cases")
    assert run(good).startswith("1 rows read: 1 new cases, 0 wrong")
    with pytest.raises(CommandError, match=r"came in on 20.*--again"):
        run(good)
    assert run(good, "--again").startswith("1 rows read: 1 new cases")
    assert Case.objects.count() == 3
    assert {path.name for path in tmp_path.iterdir()} == {"wrong.xlsx", "good.xlsx"}


def lies_since(moment: datetime, *files: Path) -> None:
    for file in files:
        os.utime(file, (moment.timestamp(), moment.timestamp()))


def test_files_go_after_a_day(town: Town, apart: Path) -> None:
    made = sent(town, book(row("路灯不亮")))
    assert keeping.sweep(now=NOW + timedelta(hours=23)) == 0
    assert keeping.sweep(now=NOW + timedelta(hours=25)) == 1
    made.refresh_from_db()
    assert (made.state, made.trouble) == ("failed", "gone")
    assert list(apart.iterdir()) == []


def test_what_a_killed_worker_left_goes_and_what_a_living_one_needs_stays(
    town: Town, apart: Path
) -> None:
    later = NOW + timedelta(hours=30)
    running = sent(town, book(row("路灯不亮")))
    taking.confirm(running, by=town.actor("dispatcher"), now=NOW)
    CaseImport.objects.filter(pk=running.pk).update(
        state="running", touched_at=later - timedelta(minutes=1)
    )
    cancelled = sent(town, book(row("井盖缺失")))
    CaseImport.objects.filter(pk=cancelled.pk).update(state="cancelled", ended_at=NOW)
    unknown = apart / f"{'ab' * 16}.table"
    unknown.write_bytes(b"x")
    draft, just_begun, others = (
        apart / f"{running.pk.hex}.reasons.new",
        apart / f"{running.pk.hex}.look.new",
        apart / "not ours.txt",
    )
    for each in (draft, just_begun, others):
        each.write_bytes(b"x")
    lies_since(later - timedelta(hours=2), unknown, draft, others)
    lies_since(later - timedelta(seconds=5), just_begun)

    assert keeping.sweep(now=later) == 3
    left = {path.name for path in apart.iterdir()}
    hex_ = running.pk.hex
    assert left == {f"{hex_}.table", f"{hex_}.look", just_begun.name, others.name}
    running.refresh_from_db()
    assert running.state == "running"


def test_a_failed_cell_is_a_fault_of_its_row_where_it_is_read(town: Town) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        made.add_worksheet("封面").write_formula(1, 1, "=NA()", None, "#N/A")
        sheet = made.add_worksheet("台账")
        # Not in the first column, and with a column that nobody reads.
        sheet.write_row(2, 2, ["问题描述", "事项", "备注"])
        sheet.write_row(3, 2, ["路灯不亮", "", ""])
        sheet.write_formula(3, 3, "=VLOOKUP(1,A1:B2,2,FALSE)", None, "#N/A")
        sheet.write_formula(4, 2, "=A1&#REF!", None, "#REF!")
        sheet.write_row(5, 2, ["井盖缺失", "", ""])
        sheet.write_formula(5, 4, "=1/0", None, "#DIV/0!")
        sheet.write_formula(6, 4, "=1/0", None, "#DIV/0!")
    table = sent(town, out.getvalue())
    assert (table.rows, table.bad) == (3, 2)
    assert [(at, column) for at, column, _words in troubles(table)] == [
        (4, "事项"), (5, "问题描述"),
    ]  # fmt: skip
    assert "单元格有错误（#N/A）" in troubles(table)[0][2]
    assert "单元格有错误（#REF!）" in troubles(table)[1][2]


def test_dates_are_read_whatever_they_count_from(town: Town) -> None:
    told = datetime.fromisoformat("2019-07-10 08:30")
    for options in ({}, {"date_1904": True}):
        table = read_table(book(row("路灯不亮", occurred_at=told), **options))
        assert table.rows[0][1][table.places[Column.OCCURRED]] == told


def test_the_template_is_read_without_its_example_and_names_every_column(town: Town) -> None:
    data = template(snapshot(NOW), areas(TOWN))
    with pytest.raises(Unusable) as refused:
        read_table(data)
    assert refused.value.trouble == CaseImport.Trouble.NO_ROWS
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert sheets.get_sheet_by_name("案件").to_python()[0] == HEAD
    about = sheets.get_sheet_by_name("填写说明").to_python()
    assert {line[0] for line in about} >= set(HEAD)
    choices = sheets.get_sheet_by_name("选项").to_python()
    assert "石碁镇 小龙村" in [line[1] for line in choices]


def test_a_csv_of_wps_is_read_too(town: Town) -> None:
    text = "描述,联系人,电话\n门口积水，三天没退,张三,13926187753\n"
    for encoding in ("gbk", "utf-8-sig"):
        table = read_table(text.encode(encoding))
        assert table.rows == [(2, ["门口积水，三天没退", "张三", "13926187753"])]


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def bomb() -> bytes:
    """A small file whose one sheet has a cell in each corner."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write(1_048_575, 16_383, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_table"),
        (b"PK\x03\x04 and then nothing", "broken_file"),
        (zipped(word__document__xml=b"<w/>"), "not_table"),
        (zipped(xl__workbook__xml=b"<x/>", xl__vbaProject__bin=b"x"), "not_table"),
        (zipped(**{"xl__workbook.xml": b"<x/>", "xl__vbaProject.bin": b"x"}), "macros"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (zipped(**{"xl__workbook.xml": bytes(reading.UNPACKED + 1)}), "bomb"),
        (bomb(), "bomb"),
        ("姓名,电话\n张三,1\n".encode("gbk"), "headings"),
        ("问题描述\n".encode(), "no_rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused_by_name(data: bytes, trouble: str) -> None:
    with pytest.raises(Unusable) as refused:
        read_table(data)
    assert refused.value.trouble == trouble
