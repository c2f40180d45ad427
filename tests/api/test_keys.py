"""Idempotency: sent twice, done once, answered the same."""

from __future__ import annotations

import threading
from typing import Any

import pytest

COMMUNITY = "440113120213"


def test_the_same_report_again_gets_the_same_answer(district: Any) -> None:
    from huying.cases.models import Case

    body = {"text": "路灯不亮", "area": COMMUNITY, "contact": {"phone": "13800001234"}}
    first = district.post("/cases", body, key="k1")
    again = district.post("/cases", dict(reversed(body.items())), key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Case.objects.count() == 1


def test_a_key_with_another_body_is_refused(district: Any) -> None:
    district.post("/cases", {"text": "路灯不亮"}, key="k1")
    answer = district.post("/cases", {"text": "井盖松动"}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_another_caller_may_use_the_same_key(caller: Any) -> None:
    numbers = {
        caller(name=name).post("/cases", {"text": "路灯不亮"}, key="k1").json()["number"]
        for name in ("one", "other")
    }
    assert len(numbers) == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "钥匙", "x" * 81, "tab\t"])
def test_a_key_has_its_form(district: Any, key: str) -> None:
    answer = district.post("/cases", {"text": "路灯不亮"}, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_a_write_without_a_key_is_refused(district: Any) -> None:
    assert district.post("/cases", {"text": "路灯不亮"}, key=None).status_code == 400
    number = district.report().json()["number"]
    answer = district.post(f"/cases/{number}/verbs/comment", {"text": "好"}, key=None)
    assert answer.status_code == 400


def test_a_refused_write_leaves_its_key_free(district: Any) -> None:
    assert district.post("/cases", {"text": " "}, key="k1").status_code == 422
    assert district.post("/cases", {"text": "路灯不亮"}, key="k1").status_code == 201


def test_a_verb_again_gets_the_same_answer_even_when_the_case_went_on(district: Any) -> None:
    from huying.cases.models import CaseEvent

    number = district.report().json()["number"]
    first = district.verb(number, "comment", key="k1", text="已电话核对")
    district.verb(number, "comment", text="又一条")
    again = district.verb(number, "comment", key="k1", text="已电话核对")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert CaseEvent.objects.filter(case__number=number).count() == 3
    other = district.verb(number, "comment", key="k1", text="别的话")
    assert other.json()["code"] == "idempotency_key_reused"


def test_a_verb_that_hides_the_case_is_still_answered_again(caller: Any) -> None:
    """A unit that returns a case does not see it any more; its retry must not get a 404."""
    from huying.cases.models import Case, CaseParty
    from huying.people.models import Unit

    units = [
        Unit.objects.create(
            code=f"test-{n}",
            name=f"单位{n}",
            kind="department",
            level="town",
            area_code="440113120",
            district_code="440113",
        )
        for n in range(2)
    ]
    desk = caller("dispatcher", "440113120")
    number = desk.report(area=COMMUNITY, item="0203").json()["number"]
    assert desk.verb(number, "accept", item="0203").status_code == 200
    sent = desk.verb(number, "dispatch", unit=units[0].pk)
    assert sent.status_code == 200, sent.content
    handler = caller("handler", "440113120", unit=units[0])
    inputs = {"reason_code": "not_ours", "suggested_unit": units[1].pk, "reason": "非我单位职责"}
    first = handler.verb(number, "return", key="k1", **inputs)
    assert first.status_code == 200, first.content
    assert handler.get(f"/cases/{number}").status_code == 404
    assert not CaseParty.objects.filter(case__number=number, until_seq=None, unit__isnull=False)
    again = handler.verb(number, "return", key="k1", **inputs)
    assert again.content == first.content
    assert Case.objects.get(number=number).returns == 1


def _at_once(number: int, send: Any) -> list[Any]:
    """Sends the same request from several threads, each with its own connection."""
    from django.db import connections

    start, answers = threading.Barrier(number), []

    def run() -> None:
        try:
            start.wait(10)
            answers.append(send())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_case_and_get_one_answer(caller: Any) -> None:
    from django.test import Client

    from huying.cases.models import Case

    api = caller()

    def send() -> Any:
        return type(api)(Client(), api.headers["Authorization"].split()[1]).post(
            "/cases", {"text": "路灯不亮", "area": COMMUNITY}, key="k1"
        )

    answers = _at_once(6, send)
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 5
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_verb_twice_at_once_is_done_once(caller: Any) -> None:
    from django.test import Client

    from huying.cases.models import CaseEvent

    api = caller()
    number = api.report(area=COMMUNITY).json()["number"]

    def send() -> Any:
        other = type(api)(Client(), api.headers["Authorization"].split()[1])
        return other.verb(number, "comment", key="k1", text="好")

    answers = _at_once(4, send)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert CaseEvent.objects.filter(case__number=number, verb="comment").count() == 1
