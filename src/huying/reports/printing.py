"""A report as a PDF file: its cells said in words, then set."""

from __future__ import annotations

from typing import Any, Final

from huying.reports.report import Report
from huying.reports.typesetting import pdf

BANNER: Final = 430
"""Points of width that the banner's characters share; a long name is set smaller."""
LARGEST: Final = 30


def printed(report: Report) -> bytes:
    """The report on A4. The same report is the same file, byte for byte."""
    return pdf("report", said(report), report.at)


def said(report: Report) -> dict[str, Any]:
    """The report as the sheet reads it: every cell is a string."""
    day = report.issued_on
    kept = report.as_json()
    for section, of in zip(kept["sections"], report.sections, strict=True):
        for table, one in zip(section["tables"], of.tables, strict=True):
            table["rows"] = [
                [column.said(cell) for column, cell in zip(one.columns, row, strict=True)]
                for row in one.rows
            ]
    return kept | {
        "banner_size": min(LARGEST, BANNER // len(report.banner)),
        "issued_said": f"{day.year}年{day.month}月{day.day}日",
    }
