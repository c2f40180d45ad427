"""The door for apps: what they may ask, what they may tell, and what never comes out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import xmltodict
from django.test import Client
from django.utils import timezone

from huying import limiting
from huying.cases.models import Case, CaseContact
from huying.cases.states import END_STATES, State
from huying.catalogue.versions import snapshot
from huying.forms import versions
from huying.open311 import keys
from huying.open311.models import Open311Request
from huying.people.acting import SYSTEM
from huying.places.locating import refresh
from tests.cases.town import FACTORY, GRID_1, OPINION, SPOTS, XIAOLONG, Town

QUESTIONS = {
    "questions": [
        {"id": "place", "kind": "section", "label": "现场情况"},
        {
            "id": "sort",
            "kind": "one_of",
            "label": "噪声来源",
            "required": True,
            "choices": [{"value": "site", "label": "工地"}, {"value": "shop", "label": "商铺"}],
        },
        {"id": "hours", "kind": "several_of", "label": "时段",
         "choices": [{"value": "day", "label": "白天"}, {"value": "night", "label": "夜间"}]},
        {"id": "since", "kind": "date", "label": "从哪天开始"},
        {"id": "loud", "kind": "yes_no", "label": "影响睡眠吗"},
        {"id": "spot", "kind": "position", "label": "声源位置"},
        {"id": "night_only", "kind": "number", "label": "每晚几次", "required": True, "unit": "次",
         "when": 'sort = "site"'},
        {"id": "phone", "kind": "phone", "label": "电话"},
    ]
}  # fmt: skip


@pytest.fixture
def town(db: None) -> Town:
    made = Town()
    refresh()
    return made


@pytest.fixture(autouse=True)
def _uncounted() -> Iterator[None]:
    limiting.forget()
    yield
    limiting.forget()


@pytest.fixture
def api_key(db: None) -> str:
    return keys.issue("城市随手拍", per_minute=100, now=timezone.now())[1]


Post = Callable[..., Any]


@pytest.fixture
def post(client: Client, town: Town, api_key: str) -> Post:
    def sent(form: str = "json", headers: dict[str, str] | None = None, **more: Any) -> Any:
        lon, lat = SPOTS[GRID_1]
        usual = {
            "api_key": api_key, "service_code": OPINION, "lat": lat, "long": lon,
            "description": "张三家楼下夜间加压泵太吵，电话13800138000",
            "last_name": "张", "first_name": "三", "phone": "13800138000",
        }  # fmt: skip
        body = {name: value for name, value in (usual | more).items() if value is not None}
        return client.post(f"/open311/v2/requests.{form}", body, headers=headers or {})

    return sent


def ask(client: Client, path: str, **query: Any) -> Any:
    return client.get(f"/open311/{path}", query)


def publish(definition: dict[str, Any]) -> None:
    versions.write(f"item:{OPINION}", definition, by=SYSTEM, now=timezone.now())
    versions.publish(f"item:{OPINION}", by=SYSTEM, now=timezone.now())


def test_an_app_finds_its_way_from_the_discovery_to_a_request(client: Client, post: Post) -> None:
    publish(QUESTIONS)
    endpoint = ask(client, "discovery.json").json()["endpoints"][0]
    assert endpoint["url"] == "http://testserver/open311/v2"
    root = xmltodict.parse(ask(client, "discovery.xml").content)["discovery"]
    assert root["@xmlns"] == "http://api.open311.org/discovery"
    listed = {each["service_code"]: each for each in ask(client, "v2/services.json").json()}
    assert listed[OPINION]["metadata"] is True
    assert listed[FACTORY]["metadata"] is False
    asked = ask(client, f"v2/services/{OPINION}.json").json()["attributes"]
    kinds = {each["code"]: each["datatype"] for each in asked}
    assert kinds["sort"] == "singlevaluelist"
    assert kinds["hours"] == "multivaluelist"
    assert kinds["since"] == "datetime"
    assert kinds["night_only"] == "number"
    assert [each["code"] for each in asked if each["required"]] == ["sort"]
    xml = xmltodict.parse(ask(client, f"v2/services/{OPINION}.xml").content)["service_definition"]
    assert xml["attributes"]["attribute"][1]["values"]["value"][0]["key"] == "site"

    answer = post(
        **{
            "attribute[sort]": "site",
            "attribute[hours][]": ["night", "day"],
            "attribute[since]": "2026-03-05T00:00:00+08:00",
            "attribute[loud]": "yes",
            "attribute[spot]": "22.905, 113.405",
            "attribute[night_only]": "3",
            "attribute[phone]": "13800138000",
        }
    )
    assert answer.status_code == 201, answer.content.decode()
    case = Case.objects.get(number=answer.json()[0]["service_request_id"])
    assert case.grid_code == GRID_1
    assert case.channel == "api"
    assert case.item_code == OPINION
    kept = case.answers.get()
    assert json.loads(kept.body) == {
        "sort": "site", "hours": ["day", "night"], "since": "2026-03-05", "loud": True,
        "spot": {"lat": 22.905, "lon": 113.405}, "night_only": 3,
    }  # fmt: skip
    assert CaseContact.objects.get(case=case).phone_masked != "13800138000"


def test_nothing_of_a_person_comes_out(client: Client, post: Post) -> None:
    number = post(address_string="和兴路18号张三家", media_url="https://a.example/x.jpg").json()[0][
        "service_request_id"
    ]
    row = ask(client, f"v2/requests/{number}.json").json()[0]
    said = ask(client, "v2/requests.xml").content.decode() + str(row)
    for secret in ("张三", "13800138000", "加压泵", "和兴路", "a.example"):
        assert secret not in said
    lon, lat = SPOTS[GRID_1]
    assert (row["long"], row["lat"]) == (round(lon, 3), round(lat, 3))
    assert row["address_id"] == XIAOLONG
    assert row["status"] == "open"
    assert row["status_notes"] == "已收到，将予核实。"
    assert datetime.fromisoformat(row["requested_datetime"]).utcoffset() == timedelta(hours=8)


def test_cases_of_other_doors_are_not_shown(client: Client, town: Town) -> None:
    case = town.report(item=OPINION)
    assert ask(client, f"v2/requests/{case.number}.json").status_code == 404
    assert ask(client, "v2/requests.json", service_request_id=case.number).json() == []


def test_what_is_sent_again_is_one_request(post: Post) -> None:
    first, again = post(), post()
    assert first.json() == again.json()
    assert Case.objects.count() == 1
    other = post(description="另一件事")
    assert other.json() != first.json()
    keyed = post(headers={"Idempotency-Key": "k1"})
    assert keyed.json() != first.json()  # the app says that it is another one
    changed = post(headers={"Idempotency-Key": "k1"}, description="换了内容")
    assert changed.status_code == 409
    assert changed.json()[0]["code"] == 409
    assert Case.objects.count() == Open311Request.objects.count() == 3


def test_a_token_leads_to_the_request(client: Client, post: Post) -> None:
    answer = post(headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert "service_request_id" not in answer.json()[0]
    found = ask(client, f"v2/tokens/{answer.json()[0]['token']}.json").json()[0]
    assert found["service_request_id"] == Case.objects.get().number
    for token in (str(uuid.uuid4()), "x"):
        assert ask(client, f"v2/tokens/{token}.json").status_code == 404


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        (403, {"api_key": None}),
        (403, {"api_key": "o3_unknown"}),
        (400, {"service_code": None}),
        (404, {"service_code": "9999"}),
        (404, {"jurisdiction_id": "brookline"}),
        (400, {"lat": None}),
        (400, {"lat": None, "long": None}),
        (400, {"lat": "nan"}),
        (400, {"lat": "51.5", "long": "0.1"}),
        (400, {"lat": None, "long": None, "address_id": "999999"}),
        (400, {"description": "长" * 4001}),
        (400, {"description": "a\0b"}),
        (400, {"media_url": "http://user@10.0.0.1/x"}),
        (400, {"media_url": "file:///etc/passwd"}),
        (400, {"attribute[none]": "1"}),
    ],
)
def test_a_refusal_is_told_in_both_forms(post: Post, code: int, wrong: dict[str, Any]) -> None:
    answer = post(**wrong)
    assert (answer.status_code, answer.json()[0]["code"]) == (code, code)
    assert answer.json()[0]["description"]
    xml = xmltodict.parse(post(form="xml", **wrong).content)
    assert xml["errors"]["error"]["code"] == str(code)
    assert not Case.objects.exists()


def test_a_picture_is_an_address_in_words_and_is_never_fetched(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*args: Any, **more: Any) -> Any:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.getaddrinfo", asked)
    post(media_url="http://169.254.169.254/latest/meta-data")
    assert "http://169.254.169.254/latest/meta-data" in Case.objects.get().texts.get().body


def test_several_pictures_are_several_addresses(post: Post) -> None:
    ten = [f"https://example.org/{n}.jpg" for n in range(10)]
    assert post(media_url=ten).status_code == 400
    assert post(media_url=ten[:3]).status_code == 201
    body = Case.objects.get().texts.get().body
    assert all(each in body for each in ten[:3])


def test_the_services_are_those_that_residents_may_report(client: Client, town: Town) -> None:
    from huying.public.report_form import ReportForm

    offered = {each["service_code"] for each in ask(client, "v2/services.json").json()}
    form = ReportForm()
    assert offered == {code for _name, rows in form.items for code, _label in rows}


def test_an_address_alone_will_do(post: Post) -> None:
    for number, more in enumerate(({"address_string": "和兴路18号"}, {"address_id": XIAOLONG})):
        answer = post(lat=None, long=None, **more)
        case = Case.objects.get(number=answer.json()[0]["service_request_id"])
        assert case.area_code == ("440113", XIAOLONG)[number]


def test_an_item_that_demands_a_photo_is_reported_without_its_questions(post: Post) -> None:
    publish({"questions": [{"id": "shot", "kind": "photo", "label": "照片", "required": True}]})
    assert post().status_code == 201
    assert post(**{"attribute[shot]": "x"}).status_code == 400


def test_filters_and_pages(client: Client, post: Post, town: Town) -> None:
    numbers = [
        post(description=f"第{n}件", service_code=code).json()[0]["service_request_id"]
        for n, code in enumerate((OPINION, OPINION, FACTORY))
    ]
    now = timezone.now()
    rows = Open311Request.objects.in_bulk(field_name="case_id")
    for days, case in zip((100, 10, 1), Case.objects.order_by("received_at"), strict=True):
        row = rows[case.pk]
        row.requested_at = now - timedelta(days=days)
        row.save()
    Case.objects.filter(number=numbers[1]).update(state="withdrawn")

    def found(**query: Any) -> list[str]:
        answer = ask(client, "v2/requests.json", **query)
        assert answer.status_code == 200, answer.content
        return [each["service_request_id"] for each in answer.json()]

    assert found() == [numbers[2], numbers[1]]  # of the last 90 days, the newest first
    assert found(status="open") == [numbers[2]]
    assert found(status="closed") == [numbers[1]]
    assert found(status="open,closed", page=2, page_size=1) == [numbers[1]]
    assert found(service_code=f"{FACTORY},9999") == [numbers[2]]
    assert set(found(service_request_id=",".join(numbers))) == set(numbers)
    old = (now - timedelta(days=120)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert found(start_date=old) == [numbers[0]]  # and 90 days on from there
    assert found(start_date="0001-01-01T00:00:00Z") == []
    for wrong in (
        {"start_date": old, "end_date": now.isoformat()},
        {"start_date": "2026-03-05"},
        {"start_date": "9999-12-31T23:59:59Z"},
        {"status": "new"},
        {"page": "0"},
        {"page_size": "x"},
    ):
        assert ask(client, "v2/requests.json", **wrong).status_code == 400, wrong


def test_the_form_of_an_answer(client: Client, town: Town) -> None:
    assert ask(client, "v2/services.json")["Content-Type"] == "application/json; charset=utf-8"
    assert ask(client, "v2/services.xml")["Content-Type"] == "text/xml; charset=utf-8"
    named = client.get("/open311/v2/services", headers={"Accept": "application/json"})
    assert named["Content-Type"].startswith("application/json")
    assert client.get("/open311/v2/services")["Content-Type"].startswith("text/xml")
    assert ask(client, "v2/services.html").status_code == 404
    assert ask(client, "v2/nothing.json").status_code == 404
    assert client.delete("/open311/v2/requests.json").status_code == 405


def test_a_key_is_limited_and_revoked(post: Post, town: Town) -> None:
    key, secret = keys.issue("慢的", per_minute=2, now=timezone.now())
    assert secret.encode() not in bytes(key.digest)
    codes = [post(api_key=secret, description=f"第{n}件").status_code for n in range(3)]
    assert codes == [201, 201, 429]
    keys.revoke(key.pk, now=timezone.now())
    limiting.forget()
    assert post(api_key=secret).status_code == 403


def test_notes_follow_the_case(client: Client, post: Post, town: Town) -> None:
    number = post().json()[0]["service_request_id"]
    item = snapshot(timezone.now())[OPINION].version_id
    told = set()
    for state in State.values:
        Case.objects.filter(number=number).update(
            state=state, lead_unit=town.safety, item_version=item
        )
        row = ask(client, f"v2/requests/{number}.json").json()[0]
        assert row["status"] == ("closed" if state in END_STATES else "open")
        told.add(row["status_notes"])
    assert len(told) == len(State.values)
