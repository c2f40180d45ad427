"""The empty tables to fill in for the registers: lists to choose from, an example, what is what."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Final

import xlsxwriter

from huying.intake.excel.columns import DATUMS
from huying.intake.excel.headings import EXAMPLE
from huying.intake.excel.register_headings import OF_KIND, Field
from huying.intake.excel.writing import drop_down
from huying.intake.models import CaseImport
from huying.intake.registers.entries import choices_of

Into = CaseImport.Into
SHEETS: Final = {
    Into.PEOPLE: "人口与房屋",
    Into.UNITS: "单位",
    Into.FACILITIES: "设施",
    Into.ADDRESSES: "标准地址",
}
_EXPLAINED: Final[Mapping[str, str]] = {
    Field.AREA: "从下拉表里选村(社区)；社区岗位可以不填，就归本社区。",
    Field.ADDRESS: "从街路巷写起，如 东街12号3栋502。登记簿里没有的地址会随表建立；旧门牌也认得。",
    Field.CODE: "楼栋或门牌的编码。表里的编码已有时按编码对到那一栋，地址须与它一致。",
    Field.ALIAS: "居民平时的叫法，或换牌前的旧门牌。",
    Field.LON: "度，如 113.4210；与纬度一起填，是楼栋的位置。新楼栋不填就只归到社区，不归网格。",
    Field.LAT: "度，如 22.9550。",
    Field.DATUM: "经纬度用的坐标系；不填按 GPS(WGS-84)。",
    Field.USE: "从下拉表里选；不填则新房屋记“不清楚”。",
    Field.ROOMS: "整数。",
    Field.RISKS: "从名称里选，几项用顿号隔开；写“无”表示没有，空着表示不改。",
    Field.HOUSEHOLD: "同一房屋里的第几户，整数。",
    Field.NAME: "加密保存，页面上只显示姓氏。人口表里空着，就只登记房屋。",
    Field.ID: "18 位；有它就按它认人，出生年份和性别从它读出。加密保存。请把这一列设为文本。",
    Field.PHONE: "加密保存，页面上只显示前三位和后四位。",
    Field.BORN: "没有身份证号时填，如 1980。",
    Field.SEX: "没有身份证号时从下拉表里选。",
    Field.STAY: "从下拉表里选；不填按户籍在此。",
    Field.RELATION: "从下拉表里选。",
    Field.CREDIT: "18 位，会按国家标准校验；有它就按它认单位。",
    Field.KIND: "从下拉表里选。",
    Field.CONTACT: "负责人或安全员，加密保存。",
}
_EXAMPLES: Final[Mapping[str, Mapping[str, str]]] = {
    Into.PEOPLE: {
        Field.ADDRESS: "东街12号3栋502", Field.HOUSEHOLD: "1", Field.NAME: "张三",
        Field.ID: "", Field.PHONE: "13800138000", Field.BORN: "1980", Field.ROOMS: "3",
    },
    Into.UNITS: {Field.ADDRESS: "东街12号", Field.NAME: "小龙五金店", Field.CONTACT: "李四",
                 Field.PHONE: "13900139000"},
    Into.FACILITIES: {Field.NAME: "东街口消火栓", Field.ADDRESS: "东街12号"},
    Into.ADDRESSES: {Field.ADDRESS: "东街12号3栋", Field.CODE: "LD-0001", Field.ALIAS: "旧9号"},
}  # fmt: skip


def template(into: str, areas: Sequence[str]) -> bytes:
    """The empty table of one kind, for these communities."""
    out = io.BytesIO()
    headings = OF_KIND[into]
    lists = {column: list(choices_of(into, column)) for column in headings.titles}
    lists[Field.RISKS] = []  # several may stand in one cell
    lists |= {Field.AREA: list(areas), Field.DATUM: list(DATUMS)}
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, about = book.add_worksheet(SHEETS[Into(into)]), book.add_worksheet("填写说明")
        choices = book.add_worksheet("选项")
        choices.hide()
        head = book.add_format({"bold": True, "bg_color": "#E6F0FA", "border": 1})
        must = book.add_format({"bold": True, "bg_color": "#FFE7B8", "border": 1})
        text = book.add_format({"num_format": "@"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        grey = book.add_format({"font_color": "#6B7280", "italic": True, "num_format": "@"})
        sheet.freeze_panes(1, 0)
        example = dict(_EXAMPLES[into])
        example |= {column: lists[column][0] for column in lists if lists[column]}
        example[next(iter(headings.titles))] = EXAMPLE
        for place, (column, title) in enumerate(headings.titles.items()):
            wide = 30 if column == Field.ADDRESS else 18
            sheet.set_column(place, place, wide, None if column in (Field.LON, Field.LAT) else text)
            sheet.write_string(0, place, title, must if column in headings.must else head)
            sheet.write_string(1, place, example.get(column, ""), grey)
            offered = lists.get(column)
            if offered:
                choices.write_column(0, place, [title, *offered])
                drop_down(sheet, place, place, len(offered))
        about.set_column(0, 0, 18)
        about.set_column(1, 1, 10)
        about.set_column(2, 2, 90, wrap)
        about.write_row(0, 0, ["列", "是否必填", "怎么填"], head)
        for row, (column, title) in enumerate(headings.titles.items(), start=1):
            needed = "必填" if column in headings.must else "可不填"
            said = _EXPLAINED[column]
            if column == Field.RISKS:
                said += "可选：" + "、".join(choices_of(into, column)) + "。"
            about.write_row(row, 0, [title, needed, said])
        notes = (
            "一行是一条，最多 50,000 行。列的先后不限，多出来的列不读。",
            "空着的格子不改动登记簿里已有的内容。",
            "第一格以“（示例，不会导入）”开头的行不导入，可以留着。",
            "上传后先与登记簿比对：哪些新增、哪些变更、哪些有出入；确认之前什么都不会写入。",
        )
        for row, words in enumerate(notes, start=len(headings.titles) + 2):
            about.write_string(row, 2, words, wrap)
    return out.getvalue()
