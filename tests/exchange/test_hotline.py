"""12345: each order one case, whatever happens on the way; each of our steps counts once."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from huying.cases.models import Case, CaseText
from huying.cases.publishing import publish as publish_cases
from huying.intake import hotline, hotline_pushing
from huying.intake.models import HotlineOrder, Source, UsedNonce
from huying.intake.signing import forget_nonces
from huying.notices import sending, webhooks
from huying.notices.models import Outgoing
from tests.cases.town import FACTORY, GRID_1, SPOTS, TOWN, jpeg
from tests.exchange.simulator import Hotline, applied
from tests.notices.stub import running

if TYPE_CHECKING:
    from tests.cases.town import Town

LON, LAT = SPOTS[GRID_1]


def order(number: str = "20260305-0001", **more: Any) -> dict[str, Any]:
    return {
        "id": f"m-{number}",
        "type": "order",
        "order": number,
        "text": f"市民反映厂房配电箱没有门（{number}）",
        "caller": {"name": "李四", "phone": "13900139000"},
        "position": {"lon": LON, "lat": LAT},
        "item": FACTORY,
    } | more


def evidence(town: Town, verb: str) -> dict[str, Any]:
    """The photos that the item demands of its handling."""
    if verb != "handle":
        return {}
    kinds = ("photo_before", "photo_after")
    return {"photos": [town.photo(kind).pk for kind in kinds]}


@pytest.fixture
def connected(town: Town) -> Any:
    def to(url: str = "https://127.0.0.1/none", seed: int = 0) -> tuple[Hotline, str]:
        now = timezone.now() - timedelta(minutes=5)
        _source, theirs, ours = hotline.connect("p12345", "12345", url, area=TOWN, now=now)
        return Hotline("p12345", theirs, seed), ours

    return to


def test_each_order_is_one_case_though_the_line_repeats_mixes_up_and_loses(connected: Any) -> None:
    line, _ours = connected(seed=7)
    orders = [order(f"20260305-{n:04}") for n in range(12)]
    later = [
        {"id": f"s-{each['order']}", "type": "supplement", "order": each["order"], "text": "补充"}
        for each in orders
    ]
    twins = [each | {"id": f"again-{each['order']}"} for each in orders[:4]]
    heard = line.say_all([*later, *orders, *twins])
    assert Case.objects.count() == HotlineOrder.objects.count() == len(orders)
    for each in orders:
        case = HotlineOrder.objects.get(number=each["order"]).case
        assert {heard[key]["case"] for key in heard if key.endswith(each["order"])} == {case.number}
        assert case.texts.filter(kind="comment").count() == 1
        assert case.channel == "hotline"
        assert case.contacts.get().phone_masked != "13900139000"


def test_each_step_arrives_at_least_once_and_counts_once(connected: Any, town: Town) -> None:
    bad = [(500, {}), "stall", (200, {}), (503, {}), (200, {})] * 4
    with running(*bad, (200, {})) as stub:
        line, ours = connected(stub.url + "/12345")
        line.post(order())
        line.post(order("20260305-0002"))
        first, second = (each.case for each in HotlineOrder.objects.order_by("number"))
        town.now = timezone.now()
        for verb in ("accept", "dispatch", "sign_for", "request_extension", "grant_extension",
                     "handle", "check_pass", "close"):  # fmt: skip
            said = {"result": "已协调处理，业主13926187754已签字"} if verb == "handle" else {}
            first = town.do(verb, first, **evidence(town, verb), **said)
        town.do("decline", second, reason="不属于本区")
        now = timezone.now() + timedelta(minutes=1)
        made = hotline_pushing.publish(now=now)
        assert made == 8
        assert hotline_pushing.publish(now=now) == 0
        assert publish_cases(now=now) == 0  # the hotline is no subscriber of cases
        for _hour in range(30):
            now += timedelta(hours=2)
            sending.send_due(now=now)
        assert set(Outgoing.objects.values_list("state", flat=True)) == {"sent"}
        assert len(stub.sent()) > made  # some came more than once
        steps = applied(stub, ours)
        assert steps["20260305-0001"] == [
            "accepted", "dispatched", "signed", "extension_requested", "extension_granted",
            "result", "closed",
        ]  # fmt: skip
        assert steps["20260305-0002"] == ["returned"]
        words = {each["data"]["what"]: each["data"] for each in stub.bodies()}
        # A third person's number does not leave the house with the result.
        assert words["result"]["words"] == "已协调处理，业主139****7754已签字"
        assert len(words["result"]["attachments"]) == 2
        assert words["returned"]["words"] == "不属于本区"
        # Whoever lost it all reads it again, or has it sent again.
        told = line.get("orders/20260305-0001").json()
        assert [each["what"] for each in told["steps"]] == steps["20260305-0001"]
        before = len(stub.sent())
        assert hotline_pushing.replay(HotlineOrder.objects.get(case=first), now=now) == 7
        sending.send_due(now=now + timedelta(hours=1))
        assert len(stub.sent()) == before + 7
        assert applied(stub, ours) == steps


def test_only_what_is_signed_now_and_new_is_believed(connected: Any) -> None:
    line, _ours = connected()
    now = timezone.now()
    assert line.post(order(), nonce="nonce-0001").status_code == 200
    again = line.post(order(), nonce="nonce-0001")
    assert (again.status_code, again.json()["code"]) == (401, "replayed")
    for away in (timedelta(seconds=-310), timedelta(seconds=310)):
        late = line.post(order(), at=now + away)
        assert (late.status_code, late.json()["code"]) == (401, "wrong_time")
    stranger = Hotline("p12345", "whsec_" + base64.b64encode(b"x" * 32).decode())
    assert stranger.post(order("2")).json()["code"] == "bad_signature"
    assert Hotline("other", line.secret).post(order("2")).status_code == 401
    assert line.client.post("/exchange/hotline/p12345", b"{}", "text/plain").status_code == 401
    assert line.client.get("/exchange/hotline/p12345/orders/x").status_code == 401
    assert Case.objects.count() == 1
    assert UsedNonce.objects.count() == 1
    assert forget_nonces(now=now + timedelta(minutes=12)) == 1


def test_a_number_with_other_content_is_refused(connected: Any) -> None:
    line, _ours = connected()
    line.post(order())
    changed = order(text="别的事") | {"id": "m-2"}
    assert line.post(changed).json()["code"] == "idempotency_key_reused"
    assert line.post(order(text="别的事")).status_code == 409
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        b"[]",
        b"{",
        order(type="other"),
        order(text=""),
        order(text=5),
        order(text="a\0b"),
        order(position={"lon": "x", "lat": 1}),
        order(position={"lon": 1.0, "lat": 2.0}),
        order(occurred_at="2026-03-05"),
        order(pictures=["!!"]),
        order(pictures=[base64.b64encode(b"no picture").decode()]),
        order(item="9999"),
        order(caller="李四"),
    ],
)
def test_what_is_wrong_is_told_and_makes_nothing(connected: Any, wrong: Any) -> None:
    line, _ours = connected()
    answer = line.post(wrong)
    assert answer.status_code == 422, answer.content
    assert answer.json()["detail_zh"]
    assert not Case.objects.exists()


def test_pictures_come_in_and_go_out_signed(connected: Any) -> None:
    line, _ours = connected()
    shot = base64.b64encode(jpeg().getvalue()).decode()
    line.post(order(pictures=[shot]))
    more = {"id": "a-1", "type": "supplement", "order": "20260305-0001", "text": "又一张"}
    line.post(more | {"pictures": [shot]})
    case = Case.objects.get()
    photos = list(case.attachments.all())
    assert len(photos) == 2
    assert line.get(f"attachments/{photos[0].pk}")["Content-Type"] == "image/jpeg"
    path = f"/exchange/hotline/p12345/attachments/{photos[0].pk}"
    assert line.client.get(path).status_code == 401


def test_a_call_back_is_kept_and_may_begin_the_case_again(connected: Any, town: Town) -> None:
    line, _ours = connected()
    line.post(order())
    case = Case.objects.get()
    town.now = timezone.now()
    for verb in ("accept", "dispatch", "sign_for", "handle", "check_pass", "close"):
        case = town.do(verb, case, **evidence(town, verb))
    told = {"id": "c-1", "type": "callback", "order": "20260305-0001", "responded": True,
            "resolved": False, "satisfied": False, "reopen": True, "text": "仍未解决"}  # fmt: skip
    assert line.post(told).status_code == 200
    assert line.post(told).status_code == 200  # said twice, reopened once
    kept = HotlineOrder.objects.get()
    assert (kept.responded, kept.resolved, kept.satisfied) == (True, False, False)
    case.refresh_from_db()
    assert case.state == "accepted"
    assert CaseText.objects.filter(case=case, body="仍未解决").count() == 1
    assert hotline_pushing.standing(kept)["steps"][-1]["what"] == "reopened"


def test_the_hotline_decides_on_more_time_and_withdraws(connected: Any, town: Town) -> None:
    line, _ours = connected()
    line.post(order())
    case = Case.objects.get()
    town.now = timezone.now()
    for verb in ("accept", "dispatch", "sign_for", "request_extension"):
        case = town.do(verb, case)
    due = case.handle_due
    decision = {"id": "e-1", "type": "extension_decision", "order": "20260305-0001"}
    assert line.post(decision).status_code == 422  # neither yes nor no
    assert line.post(decision | {"granted": False}).status_code == 422  # no reason
    assert line.post(decision | {"granted": False, "text": "理由不充分"}).status_code == 200
    case.refresh_from_db()
    assert (case.extension_asked, case.handle_due) == (False, due)
    again = line.post(decision | {"id": "e-2", "granted": True})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")  # nobody asks
    case = town.do("request_extension", case)
    assert line.post(decision | {"id": "e-3", "granted": True}).status_code == 200
    case.refresh_from_db()
    assert case.extensions == 1
    assert case.handle_due > due
    told = [each["what"] for each in hotline_pushing.standing(HotlineOrder.objects.get())["steps"]]
    assert told[-4:] == [
        "extension_requested", "extension_refused", "extension_requested", "extension_granted",
    ]  # fmt: skip
    # The unit has begun: nobody takes it back any more. Before that, one may.
    back = {"id": "w-1", "type": "withdraw", "order": "20260305-0001", "text": "来电人已自行解决"}
    late = line.post(back)
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    line.post(order("20260305-0002"))
    assert line.post(back | {"id": "w-2", "order": "20260305-0002"}).status_code == 200
    second = HotlineOrder.objects.get(number="20260305-0002")
    assert second.case.state == "withdrawn"
    assert hotline_pushing.standing(second)["steps"][-1]["what"] == "withdrawn"


def test_secrets_change_without_a_gap(connected: Any) -> None:
    line, _ours = connected()
    source, now = Source.objects.get(), timezone.now()
    theirs, ours = hotline.rotate(source, grace_hours=1, now=now)
    assert line.post(order()).status_code == 200  # with the old one
    fresh = Hotline("p12345", theirs)
    assert fresh.post(order("20260305-0002")).status_code == 200
    assert ours.startswith("whsec_")
    told = source.subscription
    assert len(webhooks.signatures(told, "m", 1, b"", now).split()) == 2
    Source.objects.update(old_until=now - timedelta(seconds=1))
    assert line.post(order("20260305-0003")).json()["code"] == "bad_signature"
    assert fresh.post(order("20260305-0003")).status_code == 200


def test_what_the_hotline_heard_stands_on_the_page_of_call_backs(
    connected: Any, town: Town
) -> None:
    from django.db.models import F

    from huying.desk.callbacks import _heard_by_hotline
    from huying.response.calling_back import to_call

    line, _ours = connected()
    line.post(order())
    case = Case.objects.get()
    town.now = timezone.now()
    for verb in ("accept", "dispatch", "sign_for", "handle", "check_pass", "close"):
        case = town.do(verb, case, **evidence(town, verb))
    now, desk = case.ended_at + timedelta(minutes=1), town.dispatcher
    assert [each.pk for each in to_call(desk, now)] == [case.pk]
    assert _heard_by_hotline(desk, now) == []
    line.post({"id": "c-1", "type": "callback", "order": "20260305-0001", "responded": True,
               "resolved": True, "text": ""})  # fmt: skip
    assert [each.three for each in _heard_by_hotline(desk, now)] == [(True, True, None)]
    assert _heard_by_hotline(town.other_town_dispatcher, now) == []
    # Nobody is rung up twice. (The town's clock runs ahead of the wall's.)
    HotlineOrder.objects.update(called_back_at=now)
    heard = to_call(desk, now).exclude(hotline_order__called_back_at__gte=F("ended_at"))
    assert not heard.exists()
