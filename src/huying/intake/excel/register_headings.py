"""What the columns of tables for the base registers are called. Pure, and without Django."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from huying.intake.excel.headings import CASES, Headings


class Field(StrEnum):
    """A column of any of these tables."""

    AREA = "community"
    ADDRESS = "address"
    CODE = "building_code"
    ALIAS = "alias"
    LON = "lon"
    LAT = "lat"
    DATUM = "datum"
    USE = "use"
    ROOMS = "rooms"
    HOUSEHOLD = "household"
    NAME = "name"
    ID = "id_number"
    PHONE = "phone"
    BORN = "birth_year"
    SEX = "sex"
    STAY = "stay"
    RELATION = "relation"
    CREDIT = "credit_code"
    KIND = "kind"
    RISKS = "risks"
    CONTACT = "contact"


_PLACE: Final[dict[str, str]] = {
    Field.AREA: "村(社区)",
    Field.ADDRESS: "地址",
}
_PIN: Final[dict[str, str]] = {Field.LON: "经度", Field.LAT: "纬度", Field.DATUM: "坐标系"}
_ALSO: Final[Mapping[str, str]] = {
    "村社区": Field.AREA,
    "社区": Field.AREA,
    "所在地": Field.AREA,
    "标准地址": Field.ADDRESS,
    "详细地址": Field.ADDRESS,
    "住址": Field.ADDRESS,
    "房屋地址": Field.ADDRESS,
    "经营地址": Field.ADDRESS,
    "电话": Field.PHONE,
    "手机": Field.PHONE,
    "手机号": Field.PHONE,
    "手机号码": Field.PHONE,
}

ADDRESSES: Final = Headings(
    frozenset({Field.ADDRESS}),
    _PLACE | {Field.CODE: "楼栋编码", Field.ALIAS: "别名或旧门牌"} | _PIN,
    {**_ALSO, "楼栋编号": Field.CODE, "别名": Field.ALIAS, "旧门牌": Field.ALIAS},
)
PEOPLE: Final = Headings(
    frozenset({Field.ADDRESS}),
    _PLACE
    | {
        Field.USE: "房屋用途",
        Field.ROOMS: "房间数",
        Field.RISKS: "风险",
        Field.HOUSEHOLD: "户号",
        Field.NAME: "姓名",
        Field.RELATION: "与户主关系",
        Field.ID: "身份证号",
        Field.PHONE: "联系电话",
        Field.BORN: "出生年份",
        Field.SEX: "性别",
        Field.STAY: "居住情况",
    }
    | _PIN,
    {
        **_ALSO,
        "公民身份号码": Field.ID,
        "证件号码": Field.ID,
        "身份证号码": Field.ID,
        "关系": Field.RELATION,
        "户编号": Field.HOUSEHOLD,
        "房屋隐患": Field.RISKS,
    },
)
UNITS: Final = Headings(
    frozenset({Field.NAME, Field.ADDRESS}),
    _PLACE
    | {
        Field.NAME: "单位名称",
        Field.CREDIT: "统一社会信用代码",
        Field.KIND: "类型",
        Field.RISKS: "风险",
        Field.CONTACT: "联系人",
        Field.PHONE: "联系电话",
    }
    | _PIN,
    {
        **_ALSO,
        "名称": Field.NAME,
        "企业名称": Field.NAME,
        "商铺名称": Field.NAME,
        "信用代码": Field.CREDIT,
        "单位类型": Field.KIND,
        "负责人": Field.CONTACT,
    },
)
FACILITIES: Final = Headings(
    frozenset({Field.NAME, Field.KIND}),
    {Field.AREA: "村(社区)", Field.NAME: "设施名称", Field.KIND: "类型"}
    | {Field.ADDRESS: "地址", Field.RISKS: "风险"}
    | _PIN,
    {**_ALSO, "名称": Field.NAME, "设施类型": Field.KIND},
)

OF_KIND: Final[Mapping[str, Headings]] = {
    "cases": CASES,
    "addresses": ADDRESSES,
    "people": PEOPLE,
    "units": UNITS,
    "facilities": FACILITIES,
}
"""By what a table is taken into (`models.CaseImport.Into`)."""
