"""An item's questions over the interface: told, answered, refused one by one."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from huying.forms import versions
from huying.intake.reporting import owner_of
from huying.people.acting import SYSTEM
from tests.forms.generated import FUEL_FORM

ITEM = "0203"
AREA = "440113120213"


def asked() -> None:
    now = timezone.now()
    versions.write(owner_of(ITEM), FUEL_FORM, by=SYSTEM, now=now)
    versions.publish(owner_of(ITEM), by=SYSTEM, now=now)


def test_a_program_reads_the_questions_and_answers_them(district: Any) -> None:
    assert district.get(f"/catalogue/{ITEM}").json()["form"] is None
    asked()
    form = district.get(f"/catalogue/{ITEM}").json()["form"]
    assert (form["version"], form["questions"]) == (1, FUEL_FORM["questions"])
    assert form["sheet"]["questions"][2]["test"] == [">=", "litres", 100]

    answers = {"fuel": "petrol", "litres": 1500, "upstairs": False, "owner": "13800001111"}
    made = district.report(area=AREA, item=ITEM, answers=answers)
    assert made.status_code == 201
    case = district.get(f"/cases/{made.json()['number']}").json()
    assert [(each["id"], each["words"]) for each in case["answers"]] == [
        ("fuel", "汽油"),
        ("litres", "1500 升"),
        ("upstairs", "否"),
        ("owner", "138****1111"),
    ]
    # Who does not ask the questions reports as before.
    silent = district.report(area=AREA, item=ITEM)
    assert district.get(f"/cases/{silent.json()['number']}").json()["answers"] == []


def test_each_answer_that_will_not_do_has_its_own_entry(district: Any) -> None:
    asked()
    refused = district.report(area=AREA, item=ITEM, answers={"litres": "many", "colour": 1})
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_answers")
    assert {each["field"]: each["detail_zh"] for each in refused.json()["errors"]} == {
        "answers.colour": "没有这个问题。",
        "answers.fuel": "请回答此问题。",
        "answers.litres": "请填数字，最多 15 位整数、4 位小数。",
    }
    no_item = district.report(area=AREA, answers={"fuel": "petrol"})
    assert no_item.status_code == 422
