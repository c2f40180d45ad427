"""Answers to an item's questions: part of the case, masked where they tell of a person."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from huying.audit.models import AccessLog
from huying.audit.revealing import Purpose
from huying.audit.verifying import verify
from huying.cases.answers import (
    CaseAnswers,
    answers_of,
    reveal_answers,
    said_of,
    said_of_many,
)
from huying.cases.models import Case, CaseEvent, Channel
from huying.dispatch.awaiting import awaiting
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.forms import versions
from huying.forms.answering import WrongAnswers
from huying.intake.reporting import owner_of
from huying.people.acting import SYSTEM
from tests.cases.town import DISPUTE, FACTORY, GRID_1, NOW, PETROL, SPOTS, Town

FORM = {
    "questions": [
        {"id": "fuel", "kind": "one_of", "label": "油品", "required": True,
         "choices": [{"value": "petrol", "label": "汽油"}, {"value": "diesel", "label": "柴油"}]},
        {"id": "litres", "kind": "number", "label": "约多少升", "unit": "升", "min": 1},
        {"id": "upstairs", "kind": "yes_no", "label": "楼上有人住", "required": True,
         "when": "litres >= 100"},
        {"id": "owner", "kind": "phone", "label": "店主电话"},
        {"id": "shot", "kind": "photo", "label": "油桶照片"},
    ]
}  # fmt: skip
GOOD = {"fuel": "petrol", "litres": "1500", "upstairs": "yes", "owner": "138 0000 1111"}


@pytest.fixture(autouse=True)
def form(town: Town) -> versions.Form:
    owner = owner_of(PETROL)
    versions.write(owner, FORM, by=SYSTEM, now=NOW)
    return versions.publish(owner, by=SYSTEM, now=NOW)


def words(case: Case) -> list[tuple[str, str]]:
    return [(each.label, each.words) for each in said_of(answers_of(case))]


def test_a_caller_tells_of_a_petrol_store(town: Town) -> None:
    case = town.report(item=PETROL, answers=GOOD)
    told = [
        ("油品", "汽油"),
        ("约多少升", "1500 升"),
        ("楼上有人住", "是"),
        ("店主电话", "138****1111"),
    ]
    assert words(case) == told
    # The event names the row by its digest; no answer stands in it.
    data = CaseEvent.objects.get(case=case).data
    row = CaseAnswers.objects.get(case=case)
    assert data["answers"] == [{"id": str(row.pk), "digest": bytes(row.digest).hex()}]
    assert "1500" not in str(data)
    assert "petrol" not in str(data)
    assert b"13800001111" not in bytes(row.sealed or b"")
    # The next version asks otherwise; what was answered is said as it was asked.
    versions.write(row.form.owner, {"questions": FORM["questions"][:1]}, by=SYSTEM, now=NOW)
    versions.publish(row.form.owner, by=SYSTEM, now=NOW)
    assert words(case) == told
    assert verify().ok


def test_photos_among_the_answers_become_the_cases(town: Town) -> None:
    photo = town.photo("photo_before", by="second_dispatcher").pk
    case = town.report(item=PETROL, answers=GOOD | {"shot": [str(photo)]})
    assert [each.pk for each in case.attachments.all()] == [photo]
    assert words(case)[-1] == ("油桶照片", "1 张照片")
    with pytest.raises(BadInput):
        town.report(item=PETROL, answers=GOOD | {"shot": [str(photo)]})


@pytest.mark.parametrize(
    ("item", "answers", "wrong"),
    [
        (PETROL, {}, {"fuel"}),
        (PETROL, {"fuel": "gas", "litres": 0}, {"fuel", "litres"}),
        (PETROL, {"fuel": "petrol", "litres": 200}, {"upstairs"}),
        (PETROL, {"fuel": "petrol", "colour": "red"}, {"colour"}),
        (FACTORY, {"fuel": "petrol"}, {"fuel"}),
    ],
)
def test_answers_that_will_not_do_are_refused_question_by_question(
    town: Town, item: str, answers: dict[str, Any], wrong: set[str]
) -> None:
    with pytest.raises(WrongAnswers) as refused:
        town.report(item=item, answers=answers)
    assert set(refused.value.troubles) == wrong
    assert not Case.objects.exists()


def test_a_door_that_does_not_ask_demands_nothing(town: Town) -> None:
    case = town.report(item=PETROL)
    assert answers_of(case) is None
    other = town.report(item=PETROL, answers={"fuel": "diesel"})
    assert set(said_of_many([case.pk, other.pk])) == {other.pk}


def test_every_look_at_what_is_masked_is_recorded_first(town: Town) -> None:
    case = town.report(item=PETROL, answers=GOOD)
    plain = town.report(item=PETROL, answers={"fuel": "diesel"})
    shown = reveal_answers(case, by=town.dispatcher, purpose=Purpose.MEET, now=NOW)
    assert [(each.label, each.words) for each in shown] == [("店主电话", "13800001111")]
    log = AccessLog.objects.get(action="reveal_answers")
    assert (log.subject_id, log.purpose, log.fields) == (str(case.pk), "meet", ["owner"])
    for by, of, purpose, error in (
        (town.other_town_dispatcher, case, "meet", NotFound),
        (town.town_leader, case, "meet", NotAllowed),
        (town.dispatcher, case, "", Missing),
        (town.dispatcher, plain, "meet", NotFound),
    ):
        with pytest.raises(error):
            reveal_answers(of, by=by, purpose=purpose, now=NOW)
    assert AccessLog.objects.filter(action="reveal_answers").count() == 1


def test_answers_are_proved_like_words_and_can_be_erased_like_them(town: Town) -> None:
    case = town.report(item=PETROL, answers=GOOD)
    row = CaseAnswers.objects.get(case=case)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE case_answers SET body = '{}' WHERE id = %s", [row.pk])
    assert [each.kind for each in verify().breaks] == ["text"]
    case = town.do("erased", case, answers=[row.pk])
    assert answers_of(case) is None
    found = verify()
    assert (found.ok, found.erased) == (True, 1)


# --- asked for after the report


def test_the_worker_who_reported_is_asked_answers_and_the_earlier_answers_stay(
    town: Town,
) -> None:
    photo = town.photo("photo_before", by="worker").pk
    case = town.report(
        item=PETROL, by=town.worker, channel=Channel.PATROL, lon=SPOTS[GRID_1][0],
        lat=SPOTS[GRID_1][1], photos=[photo], answers=GOOD,
    )  # fmt: skip
    mine = Case.objects.filter(awaiting(town.worker))
    assert not mine.exists()
    desk = town.desk_of(case)
    case = town.do("ask_questions", case, by=desk, text="楼上还有人吗？")
    assert list(mine.all()) == [case]
    with town.refused(WrongState):
        town.do("ask_questions", case, by=desk)
    with town.refused(NotAllowed):
        town.do("answer_questions", case, by="handler", answers=GOOD)
    with town.refused(WrongAnswers, "answers.fuel"):
        town.do("answer_questions", case, by="worker", answers={"litres": 3})
    # What tells of a person need not be typed again: it stays, and stays sealed.
    new = {"fuel": "diesel", "litres": "20", "owner": "", "shot": [str(photo)]}
    case = town.do("answer_questions", case, by="worker", answers=new)
    assert not case.questions_asked
    assert not mine.exists()
    assert words(case) == [
        ("油品", "柴油"), ("约多少升", "20 升"), ("店主电话", "138****1111"),
        ("油桶照片", "1 张照片"),
    ]  # fmt: skip
    first, latest = CaseAnswers.objects.filter(case=case).order_by("seq")
    assert first.shown["litres"] == 1500
    assert (latest.seq, town.last(case).actor_id) == (case.last_seq, town.worker.account_id)
    assert verify(number=case.number).ok


def test_the_desk_answers_for_who_telephones_and_the_resident_on_the_page(town: Town) -> None:
    case = town.followed(town.report(item=PETROL))
    desk = town.desk_of(case)
    case = town.do("answer_questions", case, by=desk, answers={"fuel": "petrol"})
    assert words(case) == [("油品", "汽油")]
    case = town.do("ask_questions", case, by=desk)
    case = town.do("answer_questions", case, by="resident", answers={"fuel": "diesel"})
    assert (words(case), case.questions_asked) == ([("油品", "柴油")], False)
    other = plain(town)
    with town.refused(Missing, "answers"):
        town.do("answer_questions", other, by=town.desk_of(other), answers={})


def test_a_number_typed_into_words_and_what_hangs_on_a_sealed_answer_stay_too(town: Town) -> None:
    note = {"id": "note", "kind": "text", "label": "说明", "required": True}
    hours = {
        "id": "hours", "kind": "text", "label": "何时可联系", "required": True,
        "when": "answered(owner)",
    }  # fmt: skip
    ask(PETROL, [*FORM["questions"], note, hours])
    told = GOOD | {"note": "店主 13800001111", "hours": "上午"}
    case = town.report(item=PETROL, answers=told)
    desk = town.desk_of(case)
    again = {"fuel": "diesel", "owner": "", "note": "", "hours": "下午"}
    case = town.do("answer_questions", case, by=desk, answers=again)
    assert words(case) == [
        ("油品", "柴油"), ("店主电话", "138****1111"), ("说明", "店主 138****1111"),
        ("何时可联系", "下午"),
    ]  # fmt: skip
    # What a later version asks in the open stays sealed as it was given.
    owner = {"id": "owner", "kind": "text", "label": "店主"}
    ask(PETROL, [FORM["questions"][0], owner])
    case = town.do("answer_questions", case, by=desk, answers={"fuel": "petrol"})
    row = answers_of(case)
    assert row is not None
    assert row.sealed_names == ("owner",)
    assert "13800001111" not in str(row.shown)
    # And what no longer will do is asked for.
    ask(PETROL, [owner | {"kind": "date", "required": True}])
    with town.refused(WrongAnswers, "answers.owner"):
        town.do("answer_questions", case, by=desk, answers={})


def test_what_a_resident_leaves_empty_stays_as_the_desk_or_the_report_said_it(town: Town) -> None:
    photo = town.photo("photo_before", by="second_dispatcher").pk
    case = town.followed(town.report(item=PETROL, answers=GOOD | {"shot": [str(photo)]}))
    case = town.do("ask_questions", case, by=town.desk_of(case))
    case = town.do("answer_questions", case, by="resident", answers={"litres": "200"})
    assert words(case) == [
        ("油品", "汽油"), ("约多少升", "200 升"), ("楼上有人住", "是"),
        ("店主电话", "138****1111"), ("油桶照片", "1 张照片"),
    ]  # fmt: skip


def ask(item: str, questions: list[dict[str, Any]]) -> None:
    versions.write(owner_of(item), {"questions": questions}, by=SYSTEM, now=NOW)
    versions.publish(owner_of(item), by=SYSTEM, now=NOW)


def plain(town: Town) -> Case:
    """A case whose item asks one thing that need not be answered."""
    ask(DISPUTE, [FORM["questions"][1]])
    return town.report(item=DISPUTE)


def test_where_nothing_is_asked_or_the_item_changes_there_is_nothing_to_answer(
    town: Town,
) -> None:
    nothing = town.report(item=FACTORY)
    with town.refused(WrongState):
        town.do("answer_questions", nothing, by=town.desk_of(nothing), answers={"fuel": "petrol"})
    case = town.report(item=PETROL)
    desk = town.desk_of(case)
    case = town.do("ask_questions", case, by=desk)
    case = town.do("change_item", case, by=desk, item=FACTORY, reason="并非油品")
    assert not case.questions_asked
