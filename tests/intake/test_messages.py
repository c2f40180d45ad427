"""A table of residents' messages: what goes in, what does not, and that nothing goes in twice."""

import argparse
import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from huying.audit.verifying import verify
from huying.cases.models import Case, CaseText
from huying.errors import BadInput
from huying.intake.messages import (
    Failure,
    Message,
    Result,
    encoding_of,
    import_messages,
    messages_in,
    moment,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = ["id", "user", "time", "subject", "text", "likes", "dislikes"]
LAMP = ["1", "A0001", "2025-11-03T08:15:00", "路灯不亮", "和兴路18号门口路灯三天不亮了", "3", "0"]
NOISE = ["2", "A0002", "2025/11/4 20:05", "夜间施工", "工地半夜还在打桩，孩子睡不着", "0", "1"]


def table(*rows: list[str], header: list[str] = HEADER) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "messages.csv"


def taken(file: Path, content: str | bytes, **more: int) -> Result:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_messages(file, now=NOW, **more)


def counts(result: Result) -> tuple[int, int, int, int]:
    return result.read, result.created, result.already, result.failed


@pytest.mark.django_db
def test_messages_wait_on_the_districts_desk_until_someone_pins_them(file: Path) -> None:
    result = taken(file, table(LAMP, NOISE))
    assert counts(result) == (2, 2, 0, 0)
    case = Case.objects.get(suggested_item="0212")
    assert (case.channel, case.state) == ("message", "reported")
    assert (case.holder_code, case.area_code, case.grid_code) == ("440113", "440113", "")
    assert case.occurred_at == datetime(2025, 11, 3, 8, 15, tzinfo=SHANGHAI)
    assert case.received_at == NOW
    assert case.texts.get().body == "路灯不亮\n和兴路18号门口路灯三天不亮了"


@pytest.mark.django_db
def test_history_starts_no_alarms_and_names_nobody(file: Path) -> None:
    taken(file, table(LAMP))
    case = Case.objects.get()
    assert not case.alarms
    assert case.wake_at is None
    assert not case.contacts.exists()
    assert "A0001" not in case.texts.get().body


@pytest.mark.django_db
def test_the_same_file_again_makes_none(file: Path) -> None:
    assert counts(taken(file, table(LAMP, NOISE))) == (2, 2, 0, 0)
    assert counts(taken(file, table(LAMP, NOISE))) == (2, 0, 2, 0)
    assert Case.objects.count() == 2
    assert verify().ok


@pytest.mark.django_db
def test_a_longer_file_adds_what_is_new(file: Path) -> None:
    taken(file, table(LAMP))
    assert counts(taken(file, table(LAMP, NOISE))) == (2, 1, 1, 0)


@pytest.mark.django_db
def test_a_message_that_stands_twice_is_one_case(file: Path) -> None:
    assert counts(taken(file, table(LAMP, NOISE, LAMP))) == (3, 2, 1, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("chunk", [1, 200])
def test_an_id_with_other_words_is_refused(file: Path, chunk: int) -> None:
    other = [*LAMP[:4], "别的内容", *LAMP[5:]]
    result = taken(file, table(LAMP, other), chunk=chunk)
    assert counts(result) == (2, 1, 0, 1)
    assert result.failures[0].line == 3


@pytest.mark.django_db
def test_bad_rows_are_named_and_the_rest_goes_in(file: Path) -> None:
    result = taken(
        file,
        table(
            LAMP,
            ["3", "A0003", "昨天", "没有时间", "内容", "0", "0"],
            ["", "A0004", "2025-11-03T08:15:00", "没有编号", "内容", "0", "0"],
            ["5", "A0005", "2025-11-03T08:15:00", "", " ", "0", "0"],
            ["6", "A0006", "2025-11-03"],
            ["7", "A0007", "2025-02-30T08:15:00", "没有这一天", "内容", "0", "0"],
            ["8", "A0008", "2027-01-01T08:15:00", "还没有到", "内容", "0", "0"],
            ["9", "A0009", "2025-11-03T08:15:00", "带 NUL", "a\0b", "0", "0"],
            ["x" * 81, "A0010", "2025-11-03T08:15:00", "编号太长", "内容", "0", "0"],
            ["11", "A0011", "2025-11-03T08:15:00", "太长", "长" * 20_001, "0", "0"],
            NOISE,
        ),
    )
    assert counts(result) == (11, 2, 0, 9)
    assert sorted(failure.line for failure in result.failures) == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert all(str(failure.reason) for failure in result.failures)
    assert verify().ok


@pytest.mark.django_db
def test_lines_are_counted_as_an_editor_does(file: Path) -> None:
    two_lines = ["1", "A1", "2025-11-03T08:15:00", "两行", "第一行\n第二行", "0", "0"]
    result = taken(file, table(two_lines, ["2", "A2", "?", "坏", "坏", "0", "0"]))
    assert [failure.line for failure in result.failures] == [4]
    assert Case.objects.get().texts.get().body == "两行\n第一行\n第二行"


@pytest.mark.django_db
def test_texts_run_to_seven_thousand_characters(file: Path) -> None:
    long = "路" * 7_000
    assert counts(taken(file, table([*LAMP[:4], long, "0", "0"])))[1] == 1
    assert CaseText.objects.get().body == f"路灯不亮\n{long}"


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_tables_come_in_utf8_and_in_gb18030(file: Path, encoding: str) -> None:
    assert counts(taken(file, table(LAMP, NOISE).encode(encoding))) == (2, 2, 0, 0)
    assert {text.body[:4] for text in CaseText.objects.all()} == {"路灯不亮", "夜间施工"}


@pytest.mark.django_db
def test_a_broken_byte_costs_its_row_and_no_other(file: Path) -> None:
    broken = table(LAMP, NOISE).encode().replace("打桩".encode(), b"\xff\xfe")
    result = taken(file, broken)
    assert counts(result) == (2, 1, 0, 1)
    assert result.failures[0].line == 3


@pytest.mark.django_db
def test_an_open_quote_does_not_swallow_the_rows_behind_it(file: Path) -> None:
    open_quote = '3,A3,2025-11-03T08:15:00,"没有收尾,内容,0,0\n' + "字" * 140_000 + "\n"
    content = table(LAMP) + open_quote + table(NOISE).split("\n", 1)[1]
    result = taken(file, content)
    assert result.created == 2
    assert result.failed >= 1
    assert result.failures[0].line == 3


def test_a_table_without_the_columns_is_no_table(file: Path) -> None:
    file.write_text(table(["1"], header=["nummer"]))
    with pytest.raises(BadInput, match="time"):
        list(messages_in(file, "utf-8-sig"))


def test_columns_may_stand_in_any_order_and_in_chinese(file: Path) -> None:
    header = ["留言时间", "留言编号", "留言详情", "留言主题"]
    file.write_text(table(["2025-11-03 08:15:00", "1", "内容", "主题"], header=header))
    (message,) = messages_in(file, encoding_of(file))
    assert message == Message(2, "1", datetime(2025, 11, 3, 8, 15, tzinfo=SHANGHAI), "主题\n内容")


def test_blank_lines_are_no_rows(file: Path) -> None:
    file.write_text(table(LAMP) + "\n\n" + table(NOISE).split("\n", 1)[1])
    assert [each.line for each in messages_in(file, "utf-8-sig")] == [2, 5]


def test_every_line_is_told_to_the_progress_bar(file: Path) -> None:
    file.write_text(table(LAMP, NOISE))
    told: list[int] = []
    rows = list(messages_in(file, "utf-8-sig", told.append))
    assert (len(rows), sum(told)) == (2, 2)
    assert not any(isinstance(row, Failure) for row in rows)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2025-11-03T08:15:00", datetime(2025, 11, 3, 8, 15, tzinfo=SHANGHAI)),
        ("2025/11/3 8:15", datetime(2025, 11, 3, 8, 15, tzinfo=SHANGHAI)),
        ("2025年11月3日 08:15:09", datetime(2025, 11, 3, 8, 15, 9, tzinfo=SHANGHAI)),
        ("2025-11-03", datetime(2025, 11, 3, tzinfo=SHANGHAI)),
        ("2025-11-03T08:15:00Z", datetime(2025, 11, 3, 8, 15, tzinfo=UTC)),
        ("2025-11-03T08:15:00+00:00", datetime(2025, 11, 3, 8, 15, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_the_time_of_shanghai(told: str, meant: datetime) -> None:
    assert moment(told) == meant


@pytest.mark.django_db
def test_the_command_counts_and_lists(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from huying.cli import import_

    file.write_text(table(LAMP, ["3", "A3", "昨天", "没有时间", "内容", "0", "0"], NOISE))
    told = import_.run(argparse.Namespace(what="messages", path=file))
    assert (told["read"], told["created"], told["already"], told["failed"]) == (3, 2, 0, 1)
    (failure,) = told["failures"]
    assert (failure["line"], failure["id"]) == (3, "3")
    assert failure["reason"]
    assert told["seconds"] >= 0
    assert capsys.readouterr().out == ""


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    from huying.cli import CommandError, import_

    with pytest.raises(CommandError, match="no file"):
        import_.run(argparse.Namespace(what="messages", path=tmp_path / "none.csv"))
