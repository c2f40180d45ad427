"""What leaves the house, on the admin site: words, webhooks and their secrets, what failed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from huying.audit.models import AccessLog
from huying.notices.models import NoticeTemplate, Outgoing, Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(person: Any, signed_in: Any) -> Any:
    return signed_in(person("as-administrator", "administrator"), second=True)


def test_a_template_with_an_unknown_name_is_refused(administrator: Any) -> None:
    url = "/admin/huying/noticetemplate/add/"
    typed = {"kind": "dispatched", "channel": "sms", "text": "{item}，请{phone}"}
    refused = administrator.post(url, typed)
    assert "此处不能使用这些名称：phone" in refused.content.decode()
    for odd in ("{item.__class__}", "{item!r}", "{", "{0}"):
        assert administrator.post(url, typed | {"text": odd}).status_code == 200
    assert not NoticeTemplate.objects.exists()
    assert administrator.post(url, typed | {"text": "请签收{item}"}).status_code == 302
    assert NoticeTemplate.objects.get().text == "请签收{item}"


def test_a_webhooks_secret_is_shown_once_and_changed(
    administrator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_knows(*_: Any, **__: Any) -> Any:
        raise OSError

    monkeypatch.setattr("socket.getaddrinfo", nobody_knows)
    url = "/admin/huying/subscription/"
    typed = {
        "name": "省平台",
        "url": "https://hooks.example.cn/in",
        "area_code": "440113",
        "types": ["huying.case.dispatch"],
        "active": "on",
    }
    refused = administrator.post(f"{url}add/", typed | {"url": "http://hooks.example.cn/in"})
    assert refused.status_code == 200
    made = administrator.post(f"{url}add/", typed)
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", made.content.decode())
    assert "no-store" in made.headers["Cache-Control"]
    row = Subscription.objects.get()
    assert row.types == ["huying.case.dispatch"]
    page = administrator.get(f"{url}{row.pk}/change/").content.decode()
    assert secret not in page
    changed = administrator.post(f"{url}{row.pk}/rotate/", {"grace_hours": "24"})
    (second,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", changed.content.decode())
    assert second != secret
    assert AccessLog.objects.filter(action="rotate_webhook_secret").exists()


def test_what_failed_is_tried_again_or_dropped_with_a_reason(administrator: Any) -> None:
    now = timezone.now()
    rows = [
        Outgoing.objects.create(
            channel="sms", target="sms", key=str(number), body={}, state="dead", tries=10,
            next_at=now, created_at=now, ended_at=now, trouble="HTTP 503",
        )
        for number in range(2)
    ]  # fmt: skip
    assert "有 2 条外发消息发送失败" in administrator.get("/admin/").content.decode()
    url = "/admin/huying/outgoing/"
    administrator.post(url, {"action": "retry", "_selected_action": [str(rows[0].pk)]})
    asked = administrator.post(url, {"action": "drop", "_selected_action": [str(rows[1].pk)]})
    assert administrator.post(asked.url, {"reason": ""}).status_code == 200
    assert administrator.post(asked.url, {"reason": "号码停用"}).status_code == 302
    for row in rows:
        row.refresh_from_db()
    assert (rows[0].state, rows[0].tries) == ("waiting", 0)
    assert (rows[1].state, rows[1].reason) == ("dropped", "号码停用")
    assert set(AccessLog.objects.values_list("action", flat=True)) >= {
        "retry_outgoing",
        "drop_outgoing",
    }
    assert administrator.get("/admin/huying/outgoing/drop/?ids=x,y").status_code == 200
