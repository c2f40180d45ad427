"""Out of the house: gateways that fail, stall and repeat; limits; a sender that is killed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.notices import addresses, channels, outbox, sending
from huying.notices.kinds import Group, kind
from huying.notices.models import (
    WEBHOOK,
    Channel,
    Notice,
    NoticeAddress,
    NoticeChoice,
    NoticeTemplate,
    Outgoing,
)
from huying.notices.telling import Whom, tell
from tests.notices.stub import Stub, running
from tests.plans import rows_looked_at

if TYPE_CHECKING:
    from tests.cases.town import Town

STEP = kind("tests_step", _("Dispatch"), "{item}：{unit}", group=Group.TASKS)
FIRE = kind("tests_blaze", "燃气泄漏", "{unit}请立即处置：{item}", alarm=True)
DATA = {"unit": "应急管理办", "item": "占道经营"}
PHONE = "13926187753"

Set = Callable[..., None]


@pytest.fixture
def choose(settings: Any) -> Iterator[Set]:
    channels.forget_tokens()

    def to(**chosen: Any) -> None:
        usual = {"outside_timeout_seconds": 0.3, "outside_tries": 3}
        settings.HUYING = settings.HUYING.model_copy(update=usual | chosen)

    yield to
    channels.forget_tokens()


def wecom(stub: Stub) -> dict[str, Any]:
    return {
        "wecom_url": stub.url,
        "wecom_corp_id": "corp",
        "wecom_secret": "s",
        "wecom_agent_id": 7,
    }


def reach(town: Town, name: str, channel: Channel, value: str) -> None:
    addresses.put(town.accounts[name], channel, value, now=town.now)


def told(town: Town, name: str = "handler", what: Any = STEP, **more: Any) -> None:
    tell(
        what,
        Whom(accounts=(town.accounts[name].pk,)),
        key=uuid.uuid4().hex,
        district_code="440113",
        now=more.pop("now", town.now),
        data=DATA,
        **more,
    )


def states() -> list[str]:
    return list(Outgoing.objects.order_by("id").values_list("state", flat=True))


def test_wecom_gets_the_words_once_and_the_token_is_kept(town: Town, choose: Set) -> None:
    with running((200, {"errcode": 0})) as stub:
        choose(**wecom(stub), site_url="https://hy.example.cn")
        reach(town, "handler", Channel.WECOM, "ZhangSan")
        case = town.bring_to("dispatched")
        told(town, case_id=case.pk, case_number=case.number)
        told(town, what=FIRE)
        assert sending.send_due(now=town.now) == 2
        assert sending.send_due(now=town.now) == 0
    first, second = stub.bodies()  # the alarm goes first
    assert (first["touser"], first["agentid"]) == ("ZhangSan", 7)
    assert "燃气泄漏" in first["text"]["content"]
    notice = Notice.objects.get(kind=STEP.name)
    words = f"【呼应】派遣：占道经营：应急管理办（案件…{case.number[17:]}）"
    assert second["text"]["content"] == f"{words} https://hy.example.cn/desk/inbox/{notice.pk}"
    assert [each[0] for each in stub.requests if "gettoken" in each[0]] == [
        "/cgi-bin/gettoken?corpid=corp&corpsecret=s"
    ]


def test_the_worker_is_woken_once_for_all_that_is_to_leave(town: Town, choose: Set) -> None:
    with running((200, {"errcode": 0})) as stub:
        choose(**wecom(stub))
        reach(town, "handler", Channel.WECOM, "a")
        told(town)
        told(town)
        (job,) = ProcrastinateJob.objects.filter(task_name=outbox.SENDER)
        assert job.queueing_lock == outbox.SENDER
        Outgoing.objects.update(next_at=town.now)
        assert sending.send_now() == 2


def test_an_expired_token_is_renewed_at_once(town: Town, choose: Set) -> None:
    with running((200, {"errcode": 42001}), (200, {"errcode": 0})) as stub:
        choose(**wecom(stub))
        reach(town, "handler", Channel.WECOM, "ZhangSan")
        told(town)
        assert sending.send_due(now=town.now) == 1
        tokens = [each[0].partition("access_token=")[2] for each in stub.sent()]
    assert tokens == ["token-1", "token-2"]


def test_a_member_that_wecom_does_not_know_is_not_tried_again(town: Town, choose: Set) -> None:
    with running((200, {"errcode": 0, "invaliduser": "Nobody"})) as stub:
        choose(**wecom(stub))
        reach(town, "handler", Channel.WECOM, "Nobody")
        told(town)
        sending.send_due(now=town.now)
    assert states() == ["dead"]
    assert Outgoing.objects.get().trouble == "WeCom: no such member"


def test_an_sms_gateway_that_fails_and_stalls_is_tried_again_until_it_takes_it(
    town: Town, choose: Set
) -> None:
    with running((503, {}), "stall", (200, {"data": {"code": 0}})) as stub:
        choose(sms_url=stub.url + "/send", sms_success="data.code=0", outside_tries=5)
        reach(town, "handler", Channel.SMS, PHONE)
        told(town, what=FIRE)
        now = town.now
        seen = []
        while states() == ["waiting"]:
            sending.send_due(now=now)
            row = Outgoing.objects.get()
            seen.append(row.trouble)
            now = row.next_at
    assert seen == ["HTTP 503", "timeout", ""]
    assert states() == ["sent"]
    bodies = stub.bodies()
    assert {each["phone"] for each in bodies} == {PHONE}
    assert len({each["id"] for each in bodies}) == 1  # the receiver can tell it is the same


def test_a_refusing_gateway_ends_in_failure_that_is_tried_anew_or_dropped(
    town: Town, choose: Set
) -> None:
    with running((200, {"code": "full"})) as stub:
        choose(sms_url=stub.url, sms_success="code=0")
        reach(town, "handler", Channel.SMS, PHONE)
        told(town, what=FIRE)
        now = town.now
        for _try in range(3):
            sending.send_due(now=now)
            now += timedelta(hours=1)
        assert states() == ["dead"]
        assert len(stub.requests) == 3
        row = Outgoing.objects.get()
        assert row.trouble == "SMS gateway: refused"
        assert sending.retry(row, now=now)
        stub.answers = [(200, {"code": "0"})]
        assert sending.send_due(now=now) == 1
    assert not sending.drop(row, "号码停用", now=now)  # it was sent meanwhile


def test_a_target_that_is_down_is_not_knocked_at_by_every_message(town: Town, choose: Set) -> None:
    with running("stall") as stub:
        choose(**wecom(stub))
        for name in ("handler", "colleague", "fireman"):
            reach(town, name, Channel.WECOM, name)
            told(town, name)
        sending.send_due(now=town.now)
        assert len(stub.sent()) == 1
    assert sorted(Outgoing.objects.values_list("tries", flat=True)) == [0, 0, 1]


def test_a_members_limit_lets_the_rest_wait_a_minute(town: Town, choose: Set) -> None:
    with running((200, {"errcode": 0})) as stub:
        choose(**wecom(stub), wecom_member_per_minute=2, wecom_per_minute=3)
        reach(town, "handler", Channel.WECOM, "a")
        reach(town, "colleague", Channel.WECOM, "b")
        for _number in range(4):
            told(town)
        told(town, "colleague")
        told(town, "colleague")
        sending.send_due(now=town.now)
        assert [each["touser"] for each in stub.bodies()] == ["a", "a", "b"]
        later = town.now + timedelta(seconds=61)
        sending.send_due(now=later)
        assert [each["touser"] for each in stub.bodies()[3:]].count("a") == 2
    assert Outgoing.objects.filter(state="waiting", tries=0).count() == 0


def test_a_killed_senders_message_is_sent_by_the_next_once_its_lease_is_over(
    town: Town, choose: Set
) -> None:
    with running((200, {"errcode": 0})) as stub:
        choose(**wecom(stub))
        reach(town, "handler", Channel.WECOM, "a")
        told(town)
        taken = sending.claim(town.now, set())  # and then it is killed
        assert taken is not None
        assert sending.send_due(now=town.now) == 0  # nobody else sends it meanwhile
        later = town.now + sending.lease() + timedelta(seconds=1)
        assert sending.send_due(now=later) == 1
        # The one that was thought dead comes back: it changes nothing any more.
        assert not sending.settle(taken, channels.Outcome(False, "late"), later)
        assert len(stub.sent()) == 1
    assert states() == ["sent"]


def test_what_is_gathered_goes_as_one_and_without_what_was_read(town: Town, choose: Set) -> None:
    with running((200, {"errcode": 0})) as stub:
        choose(**wecom(stub))
        reach(town, "handler", Channel.WECOM, "a")
        account = town.accounts["handler"]
        NoticeChoice.objects.create(account=account, channel="wecom", group="tasks", how="hourly")
        for _number in range(3):
            told(town)
        Notice.objects.filter(pk=Notice.objects.latest("id").pk).update(read_at=town.now)
        assert sending.send_due(now=town.now) == 0
        hour = town.now.replace(minute=0) + timedelta(hours=1)
        assert sending.send_due(now=hour) == 1
        assert stub.bodies()[0]["text"]["content"] == "【呼应】您有 2 条未读通知：派遣 2 条。"
        # Read before the hour is over, nothing is sent.
        told(town, now=hour)
        Notice.objects.filter(account=account).update(read_at=hour)
        assert sending.send_due(now=hour + timedelta(hours=1)) == 0
    assert states() == ["sent", "needless"]


def test_of_a_case_out_of_sight_only_the_kind_leaves(town: Town, choose: Set) -> None:
    with running((200, {"errcode": 0})) as stub:
        choose(**wecom(stub))
        reach(town, "other_town_dispatcher", Channel.WECOM, "a")
        case = town.bring_to("dispatched")
        told(town, "other_town_dispatcher", case_id=case.pk, case_number=case.number)
        sending.send_due(now=town.now)
        assert stub.bodies()[0]["text"]["content"] == "【呼应】派遣"


def test_a_template_of_the_kind_and_channel_is_used(town: Town, choose: Set) -> None:
    NoticeTemplate.objects.create(kind=STEP.name, channel="", text="{title}")
    NoticeTemplate.objects.create(kind=STEP.name, channel="wecom", text="请办理{item}。")
    with running((200, {"errcode": 0})) as stub:
        choose(**wecom(stub))
        reach(town, "handler", Channel.WECOM, "a")
        told(town)
        sending.send_due(now=town.now)
        assert stub.bodies()[0]["text"]["content"] == "请办理占道经营。"


def test_apprise_takes_what_nobody_else_does(town: Town, choose: Set) -> None:
    with running((200, {})) as stub:
        choose(apprise_url=stub.url.replace("http://", "json://") + "/{address}")
        reach(town, "handler", Channel.APPRISE, "zhang@example.cn")
        told(town)
        assert sending.send_due(now=town.now) == 1
        ((path, _headers, body),) = stub.sent()
    assert path == "/zhang@example.cn"
    assert "占道经营" in json.loads(body)["message"]


def test_addresses_are_encrypted_masked_and_checked(town: Town) -> None:
    reach(town, "handler", Channel.SMS, "139 2618 7753")
    row = NoticeAddress.objects.get()
    assert (addresses.clear(row), row.masked) == (PHONE, "139****7753")
    assert PHONE.encode() not in bytes(row.value_enc)
    from huying.errors import BadInput

    with pytest.raises(BadInput):
        reach(town, "handler", Channel.SMS, "三九")
    reach(town, "handler", Channel.SMS, "")
    assert not NoticeAddress.objects.exists()


def test_without_a_channel_nothing_is_planned(town: Town) -> None:
    reach(town, "handler", Channel.SMS, PHONE)
    told(town, what=FIRE)
    assert outbox.enqueue(Notice.objects.all(), town.now) == 0
    assert not Outgoing.objects.exists()


def test_what_was_sent_long_ago_is_forgotten_and_what_failed_is_not(
    town: Town, choose: Set
) -> None:
    def row(state: str, ended: datetime) -> None:
        Outgoing.objects.create(
            channel="sms", target="sms", account=town.accounts["handler"], key=uuid.uuid4().hex,
            body={}, state=state, next_at=ended, created_at=ended, ended_at=ended,
        )  # fmt: skip

    old = town.now - sending.KEPT - timedelta(days=1)
    row("sent", old)
    row("dead", old)
    row("sent", town.now)
    assert sending.tidy(now=town.now) == 1
    assert sorted(states()) == ["dead", "sent"]


def test_the_next_message_is_found_by_indexes_however_many_wait_and_were_sent(
    db: None, choose: Set
) -> None:
    now = datetime.now(UTC)
    rows = [
        Outgoing(
            channel=WEBHOOK, target="webhook:1", key=f"{state}:{number}", body={}, state=state,
            next_at=now - timedelta(hours=1, seconds=-number / 10), created_at=now,
            ended_at=None if state == "waiting" else now - timedelta(seconds=90 + number),
        )
        for state in ("waiting", "sent")
        for number in range(3000)
    ]  # fmt: skip
    Outgoing.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outgoing")
    # A minute that is full: none of those that wait is touched.
    choose(webhook_per_minute=5)
    Outgoing.objects.filter(state="sent", key__in=[f"sent:{n}" for n in range(5)]).update(
        ended_at=now
    )
    with CaptureQueriesContext(connection) as asked:
        assert sending.claim(now, set()) is None
    assert len(asked) < 12
    choose(webhook_per_minute=60)
    with CaptureQueriesContext(connection) as asked:
        assert sending.claim(now, set()) is not None
    looked_at = sum(
        rows_looked_at(each["sql"].replace("%", "%%"))
        for each in asked.captured_queries
        if "SELECT" in each["sql"] and '"outgoing"' in each["sql"]
    )
    assert looked_at < 100
