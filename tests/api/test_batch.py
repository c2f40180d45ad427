"""Batches: each report with its own key and answer, the order kept."""

from __future__ import annotations

from typing import Any


def _send(api: Any, *reports: Any) -> list[dict[str, Any]]:
    answer = api.post("/cases/batch", {"reports": list(reports)}, key=None)
    assert answer.status_code == 200, answer.content
    answers: list[dict[str, Any]] = answer.json()["answers"]
    return answers


def test_each_report_gets_its_own_answer_in_order(district: Any) -> None:
    from huying.cases.models import Case

    answers = _send(
        district,
        {"key": "a", "text": "路灯不亮"},
        {"key": "b", "text": ""},
        {"text": "没有键"},
        "not a report",
        {"key": "c", "text": "井盖松动", "item": "9999"},
        {"key": "d", "text": "占道经营"},
    )
    assert [each["status"] for each in answers] == [201, 422, 400, 422, 422, 201]
    assert [each["key"] for each in answers] == ["a", "b", None, None, "c", "d"]
    assert [each["problem"] and each["problem"]["code"] for each in answers] == [
        None, "invalid", "idempotency_key_missing", "invalid", "bad_input", None,
    ]  # fmt: skip
    assert Case.objects.count() == 2
    numbers = [each["body"]["number"] for each in answers if each["body"]]
    assert numbers == sorted(numbers)


def test_a_key_twice_in_a_batch_makes_one_case_with_one_answer(district: Any) -> None:
    from huying.cases.models import Case

    one = {"key": "a", "text": "路灯不亮"}
    first, other, again = _send(district, one, {"key": "a", "text": "井盖松动"}, dict(one))
    assert first["status"] == again["status"] == 201
    assert again["body"] == first["body"]
    assert (other["status"], other["problem"]["code"]) == (409, "idempotency_key_reused")
    assert Case.objects.count() == 1


def test_a_batch_sent_again_makes_nothing_new(district: Any) -> None:
    from huying.cases.models import Case

    reports = [{"key": f"k{n}", "text": f"第{n}处路灯不亮"} for n in range(5)]
    first = _send(district, *reports)
    again = _send(district, *reports)
    assert [each["body"] for each in again] == [each["body"] for each in first]
    assert {each["replayed"] for each in again} == {True}
    assert Case.objects.count() == 5


def test_one_and_the_same_key_holds_in_a_batch_and_alone(district: Any) -> None:
    alone = district.post("/cases", {"text": "路灯不亮"}, key="k1")
    batched = _send(district, {"key": "k1", "text": "路灯不亮"})[0]
    assert batched["replayed"]
    assert batched["body"] == alone.json()


def test_five_hundred_and_no_more(district: Any) -> None:
    from huying.cases.models import Case

    reports = [{"key": f"k{n}", "text": "路灯不亮"} for n in range(501)]
    refused = district.post("/cases/batch", {"reports": reports}, key=None)
    assert (refused.status_code, refused.json()["field"]) == (422, "reports")
    assert {each["status"] for each in _send(district, *reports[:500])} == {201}
    assert Case.objects.count() == 500


def test_long_texts_fit(district: Any) -> None:
    """500 messages of 7,000 characters are over 10 MB; Django's usual limit is 2.5."""
    reports = [{"key": f"k{n}", "text": "路" * 7000} for n in range(150)]
    assert {each["status"] for each in _send(district, *reports)} == {201}


def test_what_is_no_batch_is_refused(district: Any) -> None:
    for body, status in (
        ("[", 400),
        ("[]", 422),
        ('{"reports": []}', 422),
        ('{"reports": {}}', 422),
        ('{"reports": [{}], "more": 1}', 422),
        ("", 400),
    ):
        answer = district.post("/cases/batch", body, key=None)
        assert answer.status_code == status, body
        assert answer["Content-Type"] == "application/problem+json"


def test_a_batch_counts_its_reports_against_the_limit(district: Any, monkeypatch: Any) -> None:
    from django.conf import settings

    few = settings.HUYING.model_copy(update={"api_writes_per_minute": 10})
    monkeypatch.setattr(settings, "HUYING", few)
    _send(district, *({"key": f"k{n}", "text": "路灯不亮"} for n in range(8)))
    reports = [{"key": f"m{n}", "text": "路灯不亮"} for n in range(8)]
    refused = district.post("/cases/batch", {"reports": reports}, key=None)
    assert refused.status_code == 429
