"""What the columns of tables are called. Pure, and without Django: their reader asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Final

Cell = str | int | float | bool | datetime | date | time

EXAMPLE: Final = "（示例，不会导入）"
"""A row whose words begin so is the template's own."""


class Column(StrEnum):
    TEXT = "text"
    ITEM = "item"
    AREA = "area"
    ADDRESS = "address"
    LON = "lon"
    LAT = "lat"
    DATUM = "datum"
    OCCURRED = "occurred_at"
    CHANNEL = "channel"
    NAME = "contact_name"
    PHONE = "contact_phone"


TITLES: Final[Mapping[str, str]] = {
    Column.TEXT: "问题描述",
    Column.ITEM: "事项",
    Column.AREA: "村(社区)",
    Column.ADDRESS: "地址",
    Column.LON: "经度",
    Column.LAT: "纬度",
    Column.DATUM: "坐标系",
    Column.OCCURRED: "发生时间",
    Column.CHANNEL: "来源",
    Column.NAME: "反映人",
    Column.PHONE: "联系电话",
}
"""What the template's columns are called: the table is Chinese whoever reads it."""

_ALSO: Final[Mapping[str, str]] = {
    "描述": Column.TEXT,
    "上报内容": Column.TEXT,
    "内容": Column.TEXT,
    "事项编码": Column.ITEM,
    "事项名称": Column.ITEM,
    "村社区": Column.AREA,
    "社区": Column.AREA,
    "镇街": Column.AREA,
    "所在地": Column.AREA,
    "地点": Column.ADDRESS,
    "时间": Column.OCCURRED,
    "上报渠道": Column.CHANNEL,
    "渠道": Column.CHANNEL,
    "联系人": Column.NAME,
    "姓名": Column.NAME,
    "电话": Column.PHONE,
    "手机": Column.PHONE,
    "手机号": Column.PHONE,
}

REASON: Final = "未导入原因"
ROW: Final = "原行号"


def plain_title(title: object) -> str:
    """A heading without what people add to it: stars, spaces, brackets of another width."""
    return re.sub(r"[\s*＊:：]", "", str(title)).replace("（", "(").replace("）", ")").lower()


@dataclass(frozen=True)
class Headings:
    """The columns that one kind of table has.

    Attributes:
        must: the columns without all of which a row is not the headings.
        titles: what the template calls them, in its order.
        also: what else people call them.
    """

    must: frozenset[str]
    titles: Mapping[str, str]
    also: Mapping[str, str]

    @cached_property
    def _by_title(self) -> Mapping[str, str]:
        return {plain_title(title): column for title, column in self.also.items()} | {
            plain_title(title): column for column, title in self.titles.items()
        }

    def headed(self, row: Sequence[Cell]) -> dict[str, int]:
        """Which column stands where, if this row is the headings; the first of two alike."""
        found: dict[str, int] = {}
        for place, title in enumerate(row):
            column = self._by_title.get(plain_title(title))
            if column is not None:
                found.setdefault(column, place)
        return found

    def are(self, row: Sequence[Cell]) -> bool:
        """Whether this row is the headings."""
        return self.must <= self.headed(row).keys()


CASES: Final = Headings(frozenset({Column.TEXT}), TITLES, _ALSO)
