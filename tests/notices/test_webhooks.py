"""Webhooks: what other systems are sent, how they know from whom, and where they may not be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from huying.cases.publishing import TYPES, publish
from huying.errors import BadInput
from huying.notices import sending, signing, webhooks
from huying.notices.models import Outgoing, Subscription
from tests.notices.stub import Stub, running

if TYPE_CHECKING:
    from tests.cases.town import Town

DOCS = Path(__file__).resolve().parents[2] / "docs" / "notices.md"


@pytest.fixture
def loopback(settings: Any) -> Callable[..., None]:
    def to(**chosen: Any) -> None:
        usual = {"outside_timeout_seconds": 0.3, "webhook_networks": "127.0.0.0/8"}
        settings.HUYING = settings.HUYING.model_copy(update=usual | chosen)

    to()
    return to


def subscribe(stub: Stub, **more: Any) -> tuple[Subscription, str]:
    fields: dict[str, Any] = {"name": "省平台", "url": stub.url + "/hook", "area_code": "440113120"}
    row = Subscription(**(fields | more))
    row.created_at = row.told_until = timezone.now() - timedelta(seconds=1)
    secret = signing.give_secret(row)
    row.save()
    return row, secret


def later() -> Any:
    """When the time to undo is over."""
    return timezone.now() + timedelta(seconds=30)


def test_a_subscriber_is_sent_the_events_of_its_area_signed(town: Town, loopback: Any) -> None:
    with running((500, {}), (200, {})) as stub:
        _row, secret = subscribe(stub)
        case = town.bring_to("dispatched")
        now = later()
        made = publish(now=now)
        assert made >= 3
        assert publish(now=now) == 0  # looked at twice, sent once
        sending.send_due(now=now)
        sending.send_due(now=now + timedelta(hours=1))
        events = stub.bodies()
        assert events[0]["id"] in [each["id"] for each in events[1:]]  # failed, and came again
        last = next(each for each in events if each["type"] == "huying.case.dispatch")
        path, headers, body = stub.sent()[1]
    assert last["subject"] == case.number
    assert last["data"]["state"] == "dispatched"
    assert last["data"]["unit"] == town.safety.code
    assert len(last["data"]["area"]) == 12
    # Nobody and no words of anybody.
    assert not re.search("厂房|配电箱|account|actor", json.dumps(events, ensure_ascii=False))
    assert path == "/hook"
    assert headers["content-type"].startswith("application/cloudevents+json")
    stamp = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signing.signature(
        secret, headers["webhook-id"], stamp, body
    )
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"sent"}


def test_types_and_area_are_chosen_and_an_undone_step_is_none(town: Town, loopback: Any) -> None:
    with running() as stub:
        subscribe(stub, types=["huying.case.dispatch"])
        subscribe(stub, name="外镇", area_code="440113102")
        case = town.bring_to("accepted")
        town.do("dispatch", case)
        town.do("undo", case)
        town.bring_to("dispatched")
        assert publish(now=later()) == 1
    assert "huying.case.dispatch" in TYPES
    assert "huying.case.undo" not in TYPES


def test_while_a_secret_changes_both_sign(town: Town, loopback: Any) -> None:
    with running() as stub:
        row, old = subscribe(stub)
    now = town.now
    new = signing.rotate(row, grace_hours=24, now=now)
    row.refresh_from_db()
    both = webhooks.signatures(row, "id", 1, b"{}", now + timedelta(hours=23)).split()
    assert both == [signing.signature(each, "id", 1, b"{}") for each in (new, old)]
    after = webhooks.signatures(row, "id", 1, b"{}", now + timedelta(hours=25))
    assert after == signing.signature(new, "id", 1, b"{}")


@pytest.mark.parametrize(
    ("address", "scheme", "fine"),
    [
        ("8.8.8.8", "https", True),
        ("8.8.8.8", "http", False),
        ("10.1.2.3", "https", False),
        ("169.254.169.254", "https", False),
        ("127.0.0.1", "https", False),
        ("::ffff:127.0.0.1", "https", False),
        ("::1", "https", False),
        ("::", "https", False),
        ("::127.0.0.1", "https", False),
        ("2002:7f00:1::", "https", False),
        ("64:ff9b::a9fe:a9fe", "https", False),
        ("64:ff9b::808:808", "https", True),
        ("fe80::1", "https", False),
        ("fd00::1", "https", False),
        ("100.64.0.1", "https", False),
        ("0.0.0.0", "https", False),  # noqa: S104
        ("224.0.0.1", "https", False),
        ("10.9.0.1", "http", True),
    ],
)
def test_where_webhooks_may_go(loopback: Any, address: str, scheme: str, fine: bool) -> None:
    loopback(webhook_networks="10.9.0.0/16")
    assert webhooks.allowed(ip_address(address), scheme) is fine


def test_an_address_inside_is_refused_at_saving_and_at_sending(town: Town, loopback: Any) -> None:
    with running() as stub:
        _row, _secret = subscribe(stub)
        town.town_case()
        loopback(webhook_networks="")
        for url in (stub.url, "https://localhost/x", "ftp://a.example/", "https://me@a.example/"):
            with pytest.raises(BadInput):
                webhooks.check_url(url)
        publish(now=later())
        sending.send_due(now=later())
        assert not stub.requests
    assert {each.trouble for each in Outgoing.objects.all()} == {"address not allowed"}
    assert {each.state for each in Outgoing.objects.all()} == {"dead"}


def test_the_documented_check_accepts_ours_and_refuses_others() -> None:
    """The receiver's function of docs/notices.md is run as it stands there."""
    block = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert block is not None
    scope: dict[str, Any] = {}
    exec(block[1], scope)  # noqa: S102
    check, secret, body = scope["is_from_huying"], signing.new_secret(), b'{"id":"1"}'
    signed = signing.signature(secret, "m", 1_000_000, body)
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": "1000000",
        "webhook-signature": f"v1,AAAA {signed}",
    }
    assert check(secret, headers, body, now=1_000_100)
    assert not check(secret, headers, body + b" ", now=1_000_100)
    assert not check(signing.new_secret(), headers, body, now=1_000_100)
    assert not check(secret, headers, body, now=1_000_000 + webhooks.WINDOW_S + 1)
    assert not check(secret, headers | {"webhook-id": "n"}, body, now=1_000_100)
