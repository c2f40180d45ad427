"""An item as a row of a table: how its fields are written for people, and read back. Pure.

Every cell is text. A CSV file has the short column names (`code`, `lead_dept`), a workbook has
the Chinese headings; either is understood in both, and so are the words for levels, kinds and
clocks in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from huying.catalogue.snapshots import ItemSnapshot
from huying.catalogue.validating import Problem


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its short name, its heading for people, and the version's field it holds."""

    name: str
    heading: str
    field: str
    needed: bool = True
    width: int = 12


COLUMNS: Final = (
    Column("code", "事项代码", "code", width=9),
    Column("category", "大类", "category"),
    Column("name", "事项名称", "name", width=24),
    Column("description", "说明", "description", needed=False, width=40),
    Column("default_level", "层级", "default_level", width=8),
    Column("lead_dept", "主办部门", "lead_department", width=16),
    Column("assist_depts", "协办部门", "assisting_departments", needed=False, width=24),
    Column("kind", "类型", "kind", width=8),
    Column("settle", "可现场办结", "settle", needed=False, width=11),
    Column("accept_limit_min", "立案时限（分钟）", "accept_limit_min", width=16),
    Column("sign_limit_min", "签收时限（分钟）", "sign_limit_min", width=16),
    Column("handle_limit", "处置时限", "handle_limit", width=9),
    Column("handle_clock", "处置计时", "handle_clock", width=10),
    Column("check_limit", "核查时限", "check_limit", width=9),
    Column("check_clock", "核查计时", "check_clock", width=10),
    Column("total_limit_hours", "全程时限（小时）", "total_limit_hours", needed=False, width=16),
    Column("evidence", "办结要件", "evidence", needed=False, width=32),
    Column("photo_rule", "照片要求", "photo_rule", needed=False, width=10),
    Column("escalate_keywords", "紧急词", "escalate_words", needed=False, width=24),
    Column("example", "例句", "example", needed=False, width=50),
    Column("active", "启用", "active", needed=False, width=6),
)
BY_TITLE: Final = {title: c for c in COLUMNS for title in (c.name, c.heading)}
_NAME_OF_FIELD: Final = {column.field: column.name for column in COLUMNS}

LEVEL_WORDS: Final = {"grid": "网格", "community": "村社区", "town": "镇街", "district": "区"}
KIND_WORDS: Final = {"simple": "简单", "complex": "复杂", "emergency": "紧急"}
CLOCK_WORDS: Final = {
    "natural_hour": "小时",
    "natural_day": "天",
    "work_hour": "工作小时",
    "work_day": "工作日",
}
PHOTO_WORDS: Final = {"": "", "no_face": "不拍人脸"}
_READ: Final[Mapping[str, Mapping[str, str]]] = {
    "default_level": {word: key for key, word in LEVEL_WORDS.items()}
    | {"社区": "community", "村(社区)": "community", "村（社区）": "community", "镇": "town"},
    "kind": {word: key for key, word in KIND_WORDS.items()},
    "handle_clock": {word: key for key, word in CLOCK_WORDS.items()} | {"自然日": "natural_day"},
    "check_clock": {word: key for key, word in CLOCK_WORDS.items()} | {"自然日": "natural_day"},
    "photo_rule": {word: key for key, word in PHOTO_WORDS.items()},
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": KIND_WORDS,
    "handle_clock": CLOCK_WORDS,
    "check_clock": CLOCK_WORDS,
    "photo_rule": PHOTO_WORDS,
}
_YES: Final = frozenset({"yes", "y", "true", "1", "是", "可", "√"})
_NO: Final = frozenset({"", "no", "n", "false", "0", "否", "不可", "×"})
_LISTS: Final = ("assisting_departments", "escalate_words")
_NUMBERS: Final = (
    "accept_limit_min",
    "sign_limit_min",
    "handle_limit",
    "check_limit",
    "total_limit_hours",
)


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that was read: the item's code and category, what its version states.

    `active` is None where the table has no such column or an empty cell. With problems, `stated`
    holds only what could be read.
    """

    code: str
    category: str
    active: bool | None
    stated: Mapping[str, Any]
    problems: tuple[Problem, ...]


def write(item: ItemSnapshot, *, for_people: bool = False) -> list[str]:
    """The cells of an item, in the order of ``COLUMNS``; `for_people` puts words for keys."""
    cells = []
    for column in COLUMNS:
        value = getattr(item, column.field)
        if column.field == "default_level":
            cells.append(LEVEL_WORDS[value])
        elif isinstance(value, bool):
            yes, no = ("是", "否") if for_people else ("yes", "")
            cells.append(yes if value else "no" if column.field == "active" and no == "" else no)
        elif isinstance(value, tuple):
            cells.append(";".join(value))
        elif for_people and column.field in _WORDS:
            cells.append(_WORDS[column.field][value])
        else:
            cells.append("" if value is None else str(value))
    return cells


def read(cells: Mapping[str, str]) -> ReadRow:
    """Reads a row given by column names; what it can't read becomes a problem, column by column."""
    problems: list[Problem] = []
    stated: dict[str, Any] = {}
    texts = {c.field: cells.get(c.name, "").strip() for c in COLUMNS}
    code = texts.pop("code")
    if code.isdigit() and len(code) == 3:
        code = code.zfill(4)  # a spreadsheet took 0101 for a number
    category = texts.pop("category")
    active = _flag("active", texts.pop("active"), problems) if texts["active"] else None
    texts.pop("active", None)
    for field, text in texts.items():
        if field in _LISTS:
            parts = text.replace("；", ";").split(";")
            stated[field] = [part.strip() for part in parts if part.strip()]
        elif field in _NUMBERS:
            _number(field, text, stated, problems)
        elif field == "settle":
            stated[field] = _flag(field, text, problems)
        else:
            stated[field] = _READ.get(field, {}).get(text, text)
    return ReadRow(code, category, active, stated, tuple(problems))


def column_of(field: str) -> str:
    """The column that a version's field stands in."""
    return _NAME_OF_FIELD.get(field, field)


def _flag(field: str, text: str, problems: list[Problem]) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() not in _NO:
        problems.append(Problem(field, f"“{text}”应为“是”或“否”", f"{text!r} must be yes or no"))
    return False


def _number(field: str, text: str, stated: dict[str, Any], problems: list[Problem]) -> None:
    whole = text.removesuffix(".0")
    if not text and field == "total_limit_hours":
        stated[field] = None
    elif whole.isascii() and whole.isdigit() and len(whole) <= 9:
        stated[field] = int(whole)
    else:
        problems.append(Problem(field, f"“{text}”不是整数", f"{text!r} is no whole number"))
