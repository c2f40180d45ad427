"""Alarms of devices: folded, shown, and nothing but a person makes a case of one."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from huying.cases.attaching import file_of
from huying.cases.models import Case
from huying.errors import HuyingError, NotAllowed, NotFound, WrongState
from huying.intake import device_alarms
from huying.intake.models import DeviceAlarm, Source
from tests.cases.test_photos import photo_that_tells_everything
from tests.cases.town import GRID_1, OPINION, SPOTS
from tests.exchange.simulator import headers

if TYPE_CHECKING:
    from tests.cases.town import Town

LON, LAT = SPOTS[GRID_1]


@pytest.fixture
def send(town: Town) -> Any:
    _source, secret = device_alarms.connect("cams", "村口摄像头", now=timezone.now())
    client = Client()

    def sent(name: str = "a-1", **more: Any) -> Any:
        message = {
            "id": name,
            "device": "cam-1",
            "kind": "垃圾堆积",
            "time": (timezone.now() - timedelta(minutes=1)).isoformat(),
            "position": {"lon": LON, "lat": LAT},
            "confidence": 0.87,
        } | more
        body = json.dumps(message).encode()
        return client.post(
            "/exchange/alarms/cams", body, "application/json", headers=headers(secret, body)
        )

    return sent


def test_the_same_again_is_folded_and_nothing_is_a_case(send: Any) -> None:
    near, far = {"lon": LON + 0.0003, "lat": LAT}, {"lon": LON + 0.002, "lat": LAT}
    old = (timezone.now() - timedelta(hours=30)).isoformat()
    folded = [
        send(f"a-{n}", **more).json()["folded"]
        for n, more in enumerate(
            ({}, {}, {"position": near}, {"position": far}, {"device": "cam-2"},
             {"kind": "占道经营"}, {"time": old})
        )
    ]  # fmt: skip
    assert folded == [False, True, True, False, False, False, False]
    assert DeviceAlarm.objects.order_by("received_at").first().count == 3
    moment = timezone.now().isoformat()
    first = send("again", device="cam-3", time=moment)
    assert send("again", device="cam-3", time=moment).json() == first.json()
    assert DeviceAlarm.objects.get(device="cam-3").count == 1
    assert not Case.objects.exists()


def test_a_person_makes_a_case_of_it_once_and_its_picture_tells_nothing(
    send: Any, town: Town
) -> None:
    shot = base64.b64encode(photo_that_tells_everything().getvalue()).decode()
    pk = DeviceAlarm.objects.get(pk=send(image=shot).json()["alarm"]).pk
    with Image.open(device_alarms.picture_file(pk)) as kept:
        assert not kept.getexif()
    now = timezone.now()
    refusals: list[tuple[str, type[HuyingError]]] = [
        ("town_leader", NotAllowed),
        ("worker", NotFound),
        ("other_town_dispatcher", NotFound),
    ]
    for who, error in refusals:
        with pytest.raises(error):
            device_alarms.confirm(pk, by=town.actor(who), now=now)
    case = device_alarms.confirm(pk, by=town.dispatcher, now=now, item=OPINION)
    assert "cam-1" in case.texts.get().body
    with Image.open(file_of(case.attachments.get().pk)) as kept:
        assert not kept.getexif()
    with pytest.raises(WrongState):
        device_alarms.confirm(pk, by=town.second_dispatcher, now=now)
    assert Case.objects.count() == 1
    assert send("a-2").json()["folded"] is True  # it is known, and counted


def test_a_person_dismisses_it_with_a_reason(send: Any, town: Town) -> None:
    pk = DeviceAlarm.objects.get(pk=send().json()["alarm"]).pk
    now = timezone.now()
    with pytest.raises(HuyingError):
        device_alarms.dismiss(pk, by=town.dispatcher, now=now, reason="because")
    device_alarms.dismiss(pk, by=town.dispatcher, now=now, reason="false")
    with pytest.raises(WrongState):
        device_alarms.confirm(pk, by=town.dispatcher, now=now)
    assert not Case.objects.exists()
    assert device_alarms.tidy(now=now + timedelta(days=91)) == 1


def test_what_is_wrong_is_told(send: Any) -> None:
    for wrong in ({"device": ""}, {"time": "now"}, {"time": None}, {"position": None},
                  {"position": {"lon": 1.0, "lat": 2.0}}, {"confidence": 2},
                  {"confidence": True}, {"image": "!"}):  # fmt: skip
        assert send(**wrong).status_code == 422, wrong
    assert not DeviceAlarm.objects.exists()


def test_the_desk_is_told_of_a_grave_one_once(send: Any, town: Town) -> None:
    from huying.notices.models import Notice

    told = Notice.objects.filter(kind="device_alarm")
    send("a-1", kind="垃圾堆积")
    assert not told.exists()
    send("a-2", kind="燃气泄漏")
    send("a-3", kind="燃气泄漏")  # folded: counted, not told again
    notice = told.get(account_id=town.dispatcher.account_id)
    assert notice.alarm
    assert notice.path == f"/desk/device-alarms/{DeviceAlarm.objects.get(kind='燃气泄漏').pk}"
    # And of those that the source's list names.
    Source.objects.update(grave_kinds="区域入侵，水位超限")
    send("a-4", kind="水位超限")
    assert told.filter(account_id=town.dispatcher.account_id).count() == 2
