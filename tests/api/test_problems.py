"""Every refusal is problem+json with a code, a Chinese and an English sentence, and the field."""

from __future__ import annotations

from typing import Any

import pytest

CHINESE = range(0x4E00, 0x9FFF)


def _check(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert set(body) == {
        "type", "title", "status", "code", "detail", "detail_zh", "field", "extra", "errors",
    }  # fmt: skip
    assert (body["status"], body["code"]) == (status, code)
    assert not any(ord(letter) in CHINESE for letter in body["detail"])
    return body


def _in_chinese(body: dict[str, Any]) -> bool:
    return any(ord(letter) in CHINESE for letter in body["detail_zh"])


@pytest.mark.parametrize("path", ["/api/", "/api/v2/cases", "/api/v1/nothing", "/api/v1/cases/"])
def test_an_unknown_path(anyone: Any, district: Any, path: str) -> None:
    for api in (anyone, district):
        answer = api.client.get(path, headers=api.headers)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert _in_chinese(answer.json())


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_a_method_that_is_not_taken(anyone: Any, district: Any, method: str) -> None:
    for api in (anyone, district):
        answer = getattr(api.client, method)("/api/v1/catalogue", headers=api.headers)
        body = _check(answer, 405, "method_not_allowed")
        assert answer["Allow"] == "GET"
        assert _in_chinese(body)


def test_nobody(anyone: Any, db: None) -> None:
    answer = anyone.get("/cases")
    _check(answer, 401, "not_signed_in")
    assert "WWW-Authenticate" in answer


def test_what_is_no_json(district: Any) -> None:
    body = _check(district.post("/cases", "{"), 400, "malformed")
    assert _in_chinese(body)


def test_several_faults_are_all_named(district: Any) -> None:
    sent = {"text": 1, "area": "x", "position": {"lon": "east", "lat": 91, "datum": "mars"}}
    body = _check(district.post("/cases", sent), 422, "invalid")
    assert [each["field"] for each in body["errors"]] == [
        "text", "position.lon", "position.datum", "area",
    ]  # fmt: skip
    assert body["field"] == "text"
    for each in body["errors"]:
        assert each["detail"] != each["detail_zh"]


def test_a_wrong_filter_is_named_by_its_own_name(district: Any) -> None:
    body = _check(district.get("/cases", limit=1000), 422, "invalid")
    assert body["field"] == "limit"
    body = _check(district.get("/cases", state="asleep"), 422, "invalid")
    assert body["field"].startswith("state")


def test_too_large(district: Any) -> None:
    _check(district.post("/cases", "x" * 3_000_000), 413, "too_large")


def test_a_stale_page_says_who_did_what(district: Any) -> None:
    number = district.report().json()["number"]
    district.verb(number, "comment", text="已联系")
    answer = district.verb(number, "comment", text="好", expect_seq=1)
    body = _check(answer, 409, "stale")
    assert [each["verb"] for each in body["extra"]["since"]] == ["comment"]


def test_a_surprise_is_told_without_its_inside(
    district: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    row = "".join(("张三丰", " 13800001234"))

    def break_down(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(row)

    monkeypatch.setattr("huying.api.catalogue.snapshot", break_down)
    answer = district.get("/catalogue")
    body = _check(answer, 500, "internal")
    assert _in_chinese(body)
    assert "张三丰" not in answer.content.decode() + caplog.text
    assert "RuntimeError" in caplog.text


def test_what_was_sent_is_not_repeated(district: Any) -> None:
    answer = district.report(contact={"phone": "一三八零零零零一二三四"})
    assert answer.status_code == 422
    assert "一三八" not in answer.content.decode()
