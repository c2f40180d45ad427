"""A written definition: what is wrong with one is told all at once, at its place."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given

from huying.forms.definition import faults_of, read
from huying.forms.rendering import sheet_of
from tests.forms.generated import SEEDS, definition_of


def form(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"questions": [{"id": f"q{at}", "label": "？"} | row for at, row in enumerate(rows)]}


FUEL = {
    "id": "fuel",
    "kind": "one_of",
    "label": "油品",
    "choices": [{"value": "petrol", "label": "汽油"}, {"value": "diesel", "label": "柴油"}],
}


@given(SEEDS)
def test_right_definitions_are_read(seed: int) -> None:
    definition = definition_of(Random(seed))
    assert faults_of(definition) == []
    assert len(sheet_of(read(definition))["questions"]) == len(definition["questions"])


@pytest.mark.parametrize(
    ("rows", "place", "field", "says"),
    [
        ([{"kind": "tick"}], 0, "kind", "没有这种问题类型"),
        ([{"kind": "text", "id": "Name"}], 0, "id", "小写字母"),
        ([{"kind": "text", "id": "not"}], 0, "id", "不能用作"),
        ([{"kind": "text", "id": "a"}, {"kind": "date", "id": "a"}], 1, "id", "已经有"),
        ([{"kind": "text", "label": " "}], 0, "label", "没有写"),
        ([{"kind": "text", "unit": "升"}], 0, "unit", "不适用"),
        ([{"kind": "section", "required": True}], 0, "required", "不适用"),
        ([{"kind": "number", "min": 5, "max": 1}], 0, "max", "小于"),
        ([{"kind": "number", "min": 0.00001}], 0, "min", "15 位"),
        ([{"kind": "one_of"}], 0, "choices", "没有选项"),
        ([FUEL | {"choices": FUEL["choices"] + FUEL["choices"][:1]}], 0, "choices", "重复"),
        ([{"kind": "text", "eval": "1"}], 0, "eval", "没有这项"),
        ([{"kind": "text", "when": "q9 = 1"}], 0, "when", "没有问题“q9”"),
        ([{"kind": "text", "when": "answered(q0)"}], 0, "when", "自己"),
        ([{"kind": "text", "when": "answered(q1)"}, {"kind": "text"}], 0, "when", "后面"),
        ([{"kind": "section"}, {"kind": "text", "when": "answered(q0)"}], 1, "when", "标题"),
        ([FUEL, {"kind": "text", "when": 'fuel = "gas"'}], 1, "when", "没有选项“gas”"),
        ([FUEL, {"kind": "text", "when": "fuel > 3"}], 1, "when", "大小"),
        ([{"kind": "number"}, {"kind": "text", "when": 'q0 = "3"'}], 1, "when", "不可能"),
        ([{"kind": "phone"}, {"kind": "text", "when": 'q0 = "110"'}], 1, "when", "是否已答"),
        ([{"kind": "text", "when": "1 +"}], 0, "when", "条件"),
    ],
)
def test_a_fault_is_told_at_its_place(
    rows: list[dict[str, Any]], place: int, field: str, says: str
) -> None:
    with override("zh-hans"):
        found = faults_of(form(*rows))
        assert [(each.place, each.field) for each in found] == [(place, field)]
        assert says in str(found[0].words)


def test_questions_that_wait_for_each_other_are_refused() -> None:
    found = faults_of(
        form({"kind": "text", "when": "answered(q1)"}, {"kind": "text", "when": "answered(q0)"})
    )
    assert [(each.place, each.field) for each in found] == [(0, "when")]


def test_all_faults_come_at_once() -> None:
    found = faults_of(form({"kind": "x"}, {"kind": "text", "label": ""}, {"kind": "one_of"}))
    assert [each.place for each in found] == [0, 1, 2]


@pytest.mark.parametrize("written", [None, [], {}, {"questions": {}}, {"questions": ["x", 3]}])
def test_what_is_no_definition_at_all_is_told_too(written: Any) -> None:
    assert faults_of(written)
