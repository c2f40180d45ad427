"""A report as an Excel file: the words on the first sheet, then a sheet for each table."""

from __future__ import annotations

import io
from datetime import UTC
from typing import Any, Final

import xlsxwriter

from huying.reports.report import NO_DATA, Cell, Chart, Column, Report, Shape, Table

WIDE: Final = 96
"""Characters of the column of words."""

_BARRED: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def workbook(report: Report) -> bytes:
    """The book. The same report is the same file, byte for byte."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties(
        {
            "title": report.title,
            "author": report.issuer,
            "created": report.at.astimezone(UTC).replace(tzinfo=None),
        }
    )
    looks = _looks(book)
    _words(book, looks, report)
    for section in report.sections:
        for table in section.tables:
            _table(book, looks, table)
    charts = [chart for section in report.sections for chart in section.charts]
    if charts:
        _charts(book, looks, charts)
    book.close()
    return out.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    plain = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    boxed = plain | {"border": 1, "border_color": "#9AA5B1"}
    return {
        name: book.add_format(look)
        for name, look in {
            "banner": plain
            | {"font_size": 18, "bold": True, "font_color": "#C1121F", "align": "center"},
            "title": plain | {"font_size": 14, "bold": True, "align": "center", "text_wrap": True},
            "heading": plain | {"font_name": "黑体", "font_size": 13},
            "words": plain | {"text_wrap": True, "valign": "top"},
            "head": boxed
            | {"font_name": "黑体", "bg_color": "#E8EEF4", "align": "center", "text_wrap": True},
            Shape.TEXT: boxed | {"text_wrap": True},
            Shape.COUNT: boxed | {"align": "right", "num_format": "0"},
            Shape.RATE: boxed | {"align": "right", "num_format": "0.00%"},
            "none": boxed | {"align": "right", "font_color": "#7B8794"},
        }.items()
    }


def _words(book: Any, looks: dict[str, Any], report: Report) -> None:
    sheet = book.add_worksheet("通报")
    sheet.set_column(0, 0, WIDE)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    day = report.issued_on
    head = f"{report.number}    {report.issuer}    {day.year}年{day.month}月{day.day}日"
    lines = [("banner", report.banner), ("words", head), ("title", report.title)]
    lines.append(("words", report.opening))
    for section in report.sections:
        lines.append(("heading", section.heading))
        lines += [("words", each) for each in section.paragraphs]
        lines += [("words", f"见工作表“{_name(table.title)}”。") for table in section.tables]
    lines.append(("heading", "说明"))
    lines += [("words", f"{at}. {each}") for at, each in enumerate(report.closing, 1)]
    for row, (look, text) in enumerate(lines):
        sheet.write_string(row, 0, text, looks[look])
        if look == "words":
            sheet.set_row(row, 17 * (1 + len(text) * 2 // WIDE))


def _name(title: str) -> str:
    return title.translate(_BARRED)[:31]


def _table(book: Any, looks: dict[str, Any], table: Table) -> None:
    sheet = book.add_worksheet(_name(table.title))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, max(8, 4 * column.width + 4))
        sheet.write_string(0, at, column.title, looks["head"])
    for row, cells in enumerate(table.rows, 1):
        for at, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
            _cell(sheet, row, at, column, cell, looks)
    foot = table.note or ("" if table.rows else table.empty)
    if foot:
        sheet.write_string(len(table.rows) + 1, 0, foot)


def _cell(sheet: Any, row: int, at: int, column: Column, cell: Cell, looks: dict[str, Any]) -> None:
    if cell is None:
        sheet.write_string(row, at, NO_DATA, looks["none"])
    elif isinstance(cell, str):
        # As words, never as a formula, whatever they begin with.
        sheet.write_string(row, at, cell, looks[Shape.TEXT])
    else:
        value = cell / 10_000 if column.shape is Shape.RATE else cell
        sheet.write_number(row, at, value, looks[column.shape])


def _charts(book: Any, looks: dict[str, Any], charts: list[Chart]) -> None:
    """The charts, beside the figures that they are drawn from."""
    sheet = book.add_worksheet("图表")
    sheet.set_column(0, 0, 22)
    row = 0
    for each in charts:
        sheet.write_string(row, 0, each.title, looks["head"])
        for at, series in enumerate(each.series, 1):
            sheet.write_string(row, at, f"{series.name}（{each.unit}）", looks["head"])
        for n, label in enumerate(each.labels, 1):
            sheet.write_string(row + n, 0, label, looks[Shape.TEXT])
            for at, series in enumerate(each.series, 1):
                sheet.write_number(row + n, at, series.values[n - 1], looks[Shape.COUNT])
        last = row + len(each.labels)
        chart = book.add_chart({"type": "line" if each.kind == "lines" else "bar"})
        for at in range(1, len(each.series) + 1):
            chart.add_series(
                {
                    "name": ["图表", row, at],
                    "categories": ["图表", row + 1, 0, last, 0],
                    "values": ["图表", row + 1, at, last, at],
                }
            )
        chart.set_title({"name": each.title})
        if each.kind == "bars":
            chart.set_y_axis({"reverse": True})
            chart.set_legend({"none": True})
        chart.set_size({"width": 640, "height": 340})
        sheet.insert_chart(row, len(each.series) + 2, chart)
        row += max(len(each.labels) + 2, 19)
