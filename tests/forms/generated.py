"""Forms and answers that nobody would think of, for the tests of the engine.

Made by `random` and not by strategies: hypothesis takes longer to think of one form than all tests
take with a hundred of these. The seed that fails is what hypothesis tells.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from huying.forms import conditions as c
from huying.forms.definition import CHOOSING, MAY_BE_SENSITIVE, ORDERED, Kind

SEEDS = st.integers(0, 2**32)
CHOICES = ["petrol", "diesel", "液化气", 'a "b" \\ c', "<i>&'"]
WORDS = ["油品", "数量多少？", "a", "<b>&\"'", "Ünï", "一" * 12, "是 否", "😀"]
DATES = ["2026-11-28", "1999-12-31", "2024-02-29"]
TIMES = ["00:00", "09:30", "23:59"]
ODD: list[Any] = [
    None, True, False, 0, -3, 7.5, 0.0001, 10**15, "", " ", "x", "12", "１２", "12.0", " 7 ", "-0",
    "1e5", "12.34567", "yes", "2026-02-30", "24:00", "+86 138-0000 1111", "11010519491231002x",
    "110105194912310021", "\0", "\ud800", "a\r\nb", "字" * 201, [], ["x"], ["petrol", 3], {},
    {"lon": "113.4", "lat": 22}, {"lon": 1}, {"lon": "", "lat": ""}, {"lon": 181, "lat": 0},
    {"x": 1},
]  # fmt: skip


def _number(chance: Random) -> int | float:
    whole = chance.randint(-9999, 99999)
    return whole / 100 if chance.random() < 0.3 else whole


def definition_of(chance: Random) -> dict[str, Any]:
    """A right definition, of every kind of question, with conditions on those before."""
    rows: list[dict[str, Any]] = []
    for place in range(chance.randint(1, 8)):
        kind = chance.choice(list(Kind))
        row: dict[str, Any] = {"id": f"q{place}", "kind": str(kind), "label": chance.choice(WORDS)}
        if kind in CHOOSING:
            chosen = chance.sample(CHOICES, chance.randint(1, 4))
            row["choices"] = [{"value": each, "label": chance.choice(WORDS)} for each in chosen]
        if kind == Kind.NUMBER:
            row |= {
                "min": chance.choice([None, _number(chance)]),
                "max": chance.choice([None, chance.randint(100_000, 200_000)]),
                "whole": chance.random() < 0.3,
                "unit": chance.choice(["", "升", "<m>"]),
            }
        if kind in MAY_BE_SENSITIVE:
            row["sensitive"] = chance.random() < 0.3
        if kind != Kind.SECTION:
            row["required"] = chance.random() < 0.5
        row["help"] = chance.choice(["", *WORDS])
        before = [each for each in rows if each["kind"] != Kind.SECTION]
        if before and chance.random() < 0.5:
            row["when"] = c.written(_tree(chance, before, 3))
        rows.append(row)
    return {"questions": rows}


def _tree(chance: Random, rows: list[dict[str, Any]], depth: int) -> c.Condition:
    if depth == 0 or chance.random() < 0.5:
        return _leaf(chance, chance.choice(rows))
    parts = tuple(_tree(chance, rows, depth - 1) for _each in range(chance.randint(2, 3)))
    return chance.choice([c.And(parts), c.Or(parts), c.Not(parts[0])])


def _leaf(chance: Random, row: dict[str, Any]) -> c.Condition:
    name, kind = row["id"], Kind(row["kind"])
    values: list[Any] = {
        Kind.NUMBER: [_number(chance), _number(chance), 12],
        Kind.YES_NO: [True, False],
        Kind.DATE: DATES,
        Kind.TIME: TIMES,
        Kind.TEXT: [] if row.get("sensitive") else [*WORDS, "x"],
    }.get(kind, [])
    if kind in CHOOSING:
        values = [each["value"] for each in row["choices"]]
    if not values or chance.random() < 0.2:
        return c.Answered(name)
    if chance.random() < 0.4:
        return c.Among(name, tuple(chance.choices(values, k=chance.randint(1, 3))))
    sign = chance.choice(["=", ">", ">=", "<", "<="]) if kind in ORDERED else "="
    return c.Compared(name, sign, chance.choice(values))


def given_to(chance: Random, definition: dict[str, Any]) -> dict[str, Any]:
    """Answers, right ones and others, to questions whether they are asked or not."""
    found = {}
    for row in definition["questions"]:
        right: list[Any] = {
            Kind.NUMBER: [_number(chance), str(_number(chance)), 12],
            Kind.DATE: DATES,
            Kind.TIME: TIMES,
            Kind.YES_NO: [True, False, "yes", "no"],
            Kind.ONE_OF: CHOICES,
            Kind.SEVERAL_OF: [[], CHOICES[:2], CHOICES[3:], "petrol"],
            Kind.PHOTO: [["0190a3c1-0000-7000-8000-000000000001"] * 2, []],
            Kind.POSITION: [{"lon": 113.4, "lat": "22.95"}],
            Kind.PHONE: ["138 0000 1111", "(020)8888-0000"],
            Kind.ID_NUMBER: ["11010519491231002X"],
        }.get(Kind(row["kind"]), WORDS)
        if chance.random() < 0.9:
            found[row["id"]] = chance.choice(right if chance.random() < 0.75 else ODD)
    return found


FUEL_FORM: dict[str, Any] = {
    "questions": [
        {"id": "fuel", "kind": "one_of", "label": "油品", "required": True,
         "choices": [{"value": "petrol", "label": "汽油"}, {"value": "none", "label": "没有"}]},
        {"id": "litres", "kind": "number", "label": "约多少升", "min": 1, "unit": "升"},
        {"id": "upstairs", "kind": "yes_no", "label": "楼上有人住", "required": True,
         "when": "litres >= 100"},
        {"id": "owner", "kind": "phone", "label": "店主电话"},
        {"id": "shot", "kind": "photo", "label": "油桶照片"},
    ]
}  # fmt: skip
"""What one asks of somebody who tells of a petrol store."""
