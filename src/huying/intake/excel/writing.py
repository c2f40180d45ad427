"""The tables that we give: the empty one to fill in, and the one that came, with its reasons."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter

from huying.catalogue.snapshots import CatalogueSnapshot
from huying.intake.excel.columns import CHANNELS, DATUMS
from huying.intake.excel.headings import EXAMPLE, REASON, ROW, TITLES, Cell, Column
from huying.intake.excel.rows import Table

FILLED: Final = 50_001
"""The last row that has drop-down lists."""

WIDTHS: Final[Mapping[Column, int]] = {
    Column.TEXT: 48, Column.ITEM: 26, Column.AREA: 20, Column.ADDRESS: 28, Column.LON: 11,
    Column.LAT: 11, Column.DATUM: 18, Column.OCCURRED: 18, Column.CHANNEL: 12, Column.NAME: 10,
    Column.PHONE: 16,
}  # fmt: skip
EXPLAINED: Final[Mapping[Column, tuple[str, str]]] = {
    Column.TEXT: ("必填", "发生了什么，在哪里。2 万字以内。"),
    Column.ITEM: (
        "可不填",
        "从下拉表里选；也可以写四位编码或事项全称。不填时系统按描述推荐，由坐席立案时确定。",
    ),
    Column.AREA: (
        "可不填",
        "从下拉表里选镇街或村(社区)；也可以写区划代码。不填时按经纬度定位，没有经纬度就归本岗位辖区。",
    ),
    Column.ADDRESS: ("可不填", "门牌、路口、楼栋等，200 字以内。"),
    Column.LON: ("可不填", "度，如 113.4210；与纬度一起填。填了经纬度就按它找到网格。"),
    Column.LAT: ("可不填", "度，如 22.9550。"),
    Column.DATUM: ("可不填", "经纬度用的坐标系，从下拉表里选；不填按 GPS(WGS-84)。"),
    Column.OCCURRED: ("可不填", "日期单元格，或写成 2026-11-28 10:30（北京时间）。不能晚于现在。"),
    Column.CHANNEL: ("可不填", "从下拉表里选；不填为指挥中心。"),
    Column.NAME: ("可不填", "加密保存，页面上只显示姓氏。"),
    Column.PHONE: ("可不填", "5 至 20 位数字。加密保存，页面上只显示后四位。"),
}
_ASKED: Final = {
    Column.ITEM: "items",
    Column.AREA: "areas",
    Column.DATUM: "datums",
    Column.CHANNEL: "channels",
}


def template(catalogue: CatalogueSnapshot, areas: Mapping[str, str]) -> bytes:
    """The table to fill in: drop-down lists, an example, and a sheet that explains the columns."""
    out = io.BytesIO()
    lists = {
        "items": [f"{item.code} {item.name}" for item in catalogue.active],
        "areas": list(areas),
        "datums": list(DATUMS),
        "channels": list(CHANNELS),
    }
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, about = book.add_worksheet("案件"), book.add_worksheet("填写说明")
        choices = book.add_worksheet("选项")
        choices.hide()
        head = book.add_format({"bold": True, "bg_color": "#E6F0FA", "border": 1})
        must = book.add_format({"bold": True, "bg_color": "#FFE7B8", "border": 1})
        text = book.add_format({"num_format": "@"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        grey = book.add_format({"font_color": "#6B7280", "italic": True, "num_format": "@"})
        for at, (name, values) in enumerate(lists.items()):
            choices.write_column(0, at, [name, *values])
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(Column):
            shape = {Column.OCCURRED: moment, Column.LON: None, Column.LAT: None}.get(column, text)
            sheet.set_column(place, place, WIDTHS[column], shape)
            sheet.write_string(0, place, TITLES[column], must if column is Column.TEXT else head)
            asked = _ASKED.get(column)
            if asked is not None and lists[asked]:
                at = list(lists).index(asked)
                drop_down(sheet, place, at, len(lists[asked]))
        item = next((each for each in catalogue.active if each.example), None)
        example = {
            Column.TEXT: EXAMPLE + (item.example if item is not None else "东街口垃圾堆了三天"),
            Column.ITEM: f"{item.code} {item.name}" if item is not None else "",
            Column.AREA: next((each for each in areas if " " in each), ""),
            Column.ADDRESS: "东街 18 号门口",
            Column.OCCURRED: "2026-11-28 10:30",
            Column.CHANNEL: "热线",
            Column.NAME: "张三",
            Column.PHONE: "13800138000",
        }
        for place, column in enumerate(Column):
            sheet.write_string(1, place, example.get(column, ""), grey)
        about.set_column(0, 0, 14)
        about.set_column(1, 1, 10)
        about.set_column(2, 2, 90, wrap)
        about.write_row(0, 0, ["列", "是否必填", "怎么填"], head)
        for row, column in enumerate(Column, start=1):
            about.write_row(row, 0, [TITLES[column], *EXPLAINED[column]])
        notes = (
            "一行是一件，最多 50,000 行。列的先后不限，多出来的列不读。",
            "以“（示例，不会导入）”开头的行不导入，可以留着。",
            "上传后先检查，列出每一处问题；确认之前什么都不会导入。",
        )
        for row, words in enumerate(notes, start=len(Column) + 2):
            about.write_string(row, 2, words, wrap)
    return out.getvalue()


def drop_down(sheet: Any, place: int, at: int, number: int) -> None:
    """Offers in a column what stands in column ``at`` of the sheet 选项, ``number`` lines of it."""
    letter = chr(ord("A") + at)
    sheet.data_validation(
        1, place, FILLED, place,
        {
            "validate": "list",
            "source": f"=选项!${letter}$2:${letter}${number + 1}",
            "error_type": "warning",
            "error_title": "不在下拉表里",
            "error_message": "导入时可能认不出来，仍要这样写吗？",
        },
    )  # fmt: skip


def with_reasons(
    table: Table,
    reasons: Mapping[int, str],
    keep: Callable[[int], bool] = lambda row: True,
) -> bytes:
    """The table as it came, with a column of reasons and one of the rows' own numbers in front.

    ``keep`` says which rows, by number. What was a formula is the value that it had.
    """
    out = io.BytesIO()
    options: dict[str, Any] = {
        # Row by row, and nothing of it in a folder that others may read.
        "constant_memory": True,
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("案件")
        head = book.add_format({"bold": True, "bg_color": "#E6F0FA", "border": 1})
        bad = book.add_format({"font_color": "#B42318"})
        text = book.add_format({"num_format": "@"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 0, 46)
        sheet.set_column(1, 1, 8)
        sheet.set_column(2, len(table.headings) + 1, 18)
        was = [place for place, title in enumerate(table.headings) if title not in (REASON, ROW)]
        for at, title in enumerate([REASON, ROW, *(table.headings[place] for place in was)]):
            sheet.write_string(0, at, str(title), head)
        at = 0
        for number, cells in table.rows:
            if not keep(number):
                continue
            at += 1
            sheet.write_string(at, 0, reasons.get(number, ""), bad)
            sheet.write_number(at, 1, number)
            for column, place in enumerate(was, start=2):
                if place < len(cells):
                    _write(sheet, at, column, cells[place], text, moment)
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, text: Any, moment: Any) -> None:
    """A cell as it was; a number stays one, so that a mended table is read as the first one was."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, float | int):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, datetime | date):
        sheet.write_datetime(row, column, cell, moment)
    elif cell:
        sheet.write_string(row, column, str(cell)[:32_000], text)
