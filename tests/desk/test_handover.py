"""交接班: what is open gathers by itself, a note is taken over once, and nobody else reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.utils import timezone

from huying.audit.models import AccessLog
from huying.cases.models import Case, CaseEvent
from huying.desk import handing, watching
from huying.desk.handing import Words
from huying.desk.models import Handover, MatterSort, WatchMark
from huying.errors import BadInput, HuyingError, Missing, NotAllowed, WrongState
from huying.notices.models import Notice
from huying.response import standing
from tests.desk.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("16:50", "2026-03-03 08:00"),  # before the change at 17:30: for the night
        ("17:45", "2026-03-03 08:00"),  # a little late: still for the night
        ("07:55", "2026-03-02 17:30"),
    ],
)
def test_a_note_is_for_the_shift_that_comes(written: str, until: str) -> None:
    now = datetime.fromisoformat(f"2026-03-02 {written}").replace(tzinfo=SHANGHAI)
    ends = datetime.fromisoformat(until).replace(tzinfo=SHANGHAI)
    assert handing.next_shift_end(now) == ends


def test_the_open_matters_of_a_desk_gather_by_themselves(world: World) -> None:
    world.colleague()
    dispatcher, now = world.actor("dispatcher"), timezone.now()
    urgent, late, soon, unsigned, watched, quiet, paused = (
        world.dispatched() if n == 3 else world.accepted() for n in range(7)
    )
    suspended = world.do(
        paused, "suspend", "dispatcher", until=now + timedelta(minutes=5), reason="等材料"
    )
    far, near = now + timedelta(days=30), now + timedelta(minutes=5)
    held = Case.objects.filter(pk__in=[each.pk for each in (urgent, unsigned, watched, quiet)])
    held.update(due_at=far)
    Case.objects.filter(pk=urgent.pk).update(emergency=True)
    Case.objects.filter(pk=late.pk).update(due_at=now - timedelta(hours=1))
    Case.objects.filter(pk=soon.pk).update(due_at=near)
    watching.mark(watched, dispatcher, "明早先打电话", now)
    watching.mark(urgent, dispatcher, "等检测", now)
    problem = standing.blow(
        by=dispatcher,
        now=now,
        title="旧市场消防通道被占",
        sort="joint",
        units=[world.units["second"].pk],
        text="联合清理",
    )
    found = handing.open_matters(dispatcher, now)
    assert [(each.sort, each.row.case.pk if each.row else each.key[1:]) for each in found] == [
        (MatterSort.EMERGENCY, urgent.pk),
        (MatterSort.OVERDUE, late.pk),
        (MatterSort.DUE, soon.pk),
        (MatterSort.WHISTLE, str(problem.pk)),
        (MatterSort.UNSIGNED, unsigned.pk),
        (MatterSort.WAKES, suspended.pk),
        (MatterSort.WATCHED, watched.pk),
    ]
    # A case stands once, with every reason; what presses on nobody does not stand there.
    assert found[0].sorts == [MatterSort.EMERGENCY, MatterSort.WATCHED]
    assert found[0].watch == "等检测"
    assert handing.open_matters(world.actor("far_dispatcher"), now) == []


def test_a_note_is_written_taken_over_once_and_never_changed(world: World) -> None:
    dispatcher, second, now = world.actor("dispatcher"), world.colleague(), timezone.now()
    case = world.dispatched()
    matters = handing.open_matters(dispatcher, now)
    events = CaseEvent.objects.count()
    words = Words(ticked=[], remarks={f"c{case.pk}": "张三 13800001111 等回电"}, free="交班")
    first = handing.write(dispatcher, now, to=second.account_id, matters=matters, words=words)
    told = Notice.objects.get(kind="handover")
    assert (told.account_id, told.path) == (second.account_id, f"/desk/handover/{first.pk}")
    assert CaseEvent.objects.count() == events  # no word of it in the log of any case
    assert "13800001111" not in str(told.data)

    # Its writer may write another in its place, a colleague takes over first.
    with pytest.raises(WrongState):
        handing.write(second, now, to=dispatcher.account_id, matters=[], words=Words(free="我也写"))
    note = handing.write(dispatcher, now, to=second.account_id, matters=matters, words=words)
    for who, which in ((second, first), (dispatcher, note)):
        with pytest.raises(WrongState):
            handing.take_over(which, who, now)
    with pytest.raises(NotAllowed):
        handing.take_over(note, world.actor("far_dispatcher"), now)
    taking = handing.take_over(note, second, now + timedelta(minutes=3))
    assert (taking.account_id, taking.taken_at) == (second.account_id, now + timedelta(minutes=3))
    assert Notice.objects.get(kind="handover_taken").account_id == dispatcher.account_id
    with pytest.raises(WrongState):
        handing.take_over(Handover.objects.get(pk=note.pk), second, now)
    assert handing.waiting(second) is None

    # The database itself refuses to change a word; to erase them it does not.
    for statement in (
        "UPDATE handover SET written_at = now()",
        "UPDATE handover_matter SET ticked = true",
        "UPDATE handover_taking SET taken_at = now()",
        "UPDATE handover_text SET body = ''",
        "DELETE FROM handover",
    ):
        refused = pytest.raises(Error, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(Missing):
        handing.erase_words(note, second, now, why="")
    with pytest.raises(NotAllowed):
        handing.erase_words(note, world.actor("far_dispatcher"), now, why="asked")
    assert handing.erase_words(note, second, now, why="asked") == 2
    assert not note.texts.exists()
    assert note.matters.get().number == case.number
    logged = AccessLog.objects.get(action="erase_handover")
    assert (logged.account_id, logged.subject_id) == (second.account_id, str(note.pk))
    assert (logged.purpose, logged.fields) == ("asked", ["free", "remark"])
    with pytest.raises(WrongState):
        handing.erase_words(note, second, now, why="asked")


def test_a_desk_of_one_leaves_its_note_to_whoever_comes(
    world: World, as_: Callable[..., Client]
) -> None:
    page = as_("dispatcher")
    assert 'value="anyone" checked' in page.get("/desk/handover").text
    assert page.post("/desk/handover", {"words": "夜里平安"}).status_code == 422
    assert page.post("/desk/handover", {"words": "夜里平安", "to": "anyone"}).status_code == 302
    note = Handover.objects.get()
    assert (note.to, Notice.objects.filter(kind="handover").count()) == (None, 0)
    assert "接班的人" in page.get(f"/desk/handover/{note.pk}").text
    # A stand-in comes: the note waits over the queue, and is erased by who finds a name in it.
    world.colleague()
    stand_in = as_("second_dispatcher")
    assert "夜里平安" in stand_in.get("/desk/?tab=held").text
    stand_in.post(f"/desk/handover/{note.pk}/take")
    assert note.taking.account == world.accounts["second_dispatcher"]
    stand_in.post(f"/desk/handover/{note.pk}/erase", {"why": "personal"})
    assert "夜里平安" not in stand_in.get(f"/desk/handover/{note.pk}").text


@pytest.mark.parametrize(
    ("changed", "error", "field"),
    [
        ({"to": -1}, BadInput, "to"),
        ({"words": Words(free="字" * 4001)}, BadInput, "words"),
        ({"words": Words(free="a\0b")}, BadInput, "words"),
    ],
)
def test_what_is_no_note(
    world: World, changed: dict[str, Any], error: type[HuyingError], field: str
) -> None:
    second = world.colleague()
    given = {"to": second.account_id, "matters": [], "words": Words(free="好")} | changed
    with pytest.raises(error) as caught:
        handing.write(world.actor("dispatcher"), timezone.now(), **given)
    assert caught.value.field == field


def test_from_one_shift_to_the_next_on_the_pages(world: World, as_: Callable[..., Client]) -> None:
    world.colleague()
    case = world.dispatched()
    page = as_("dispatcher")
    key, second = f"c{case.pk}", world.accounts["second_dispatcher"]
    assert "李梅" in page.get("/desk/handover").text
    sent = {"to": second.pk, "words": "电话打不通", f"remark-{key}": "催签收"}
    # What came up after the page was opened must be looked at first, and nothing typed is lost.
    answer = page.post("/desk/handover", sent)
    assert answer.status_code == 409
    assert "电话打不通" in answer.text
    assert "催签收" in answer.text
    assert page.post("/desk/handover", sent | {"matter": key, f"on-{key}": "1"}).status_code == 302
    note = Handover.objects.get()
    assert note.matters.get().ticked
    assert "您给下一班的留言" in page.get("/desk/?tab=held").text

    page = as_("second_dispatcher")
    queue = page.get("/desk/?tab=held").text
    assert "电话打不通" in queue
    assert f"/desk/handover/{note.pk}/take" in queue
    for name in ("leader", "handler", "far_dispatcher", "district_dispatcher"):
        assert "电话打不通" not in as_(name).get("/desk/?tab=area").text
    assert page.post(f"/desk/handover/{note.pk}/take", {"next": "/desk/"}).url == "/desk/"
    assert "电话打不通" not in page.get("/desk/?tab=held").text
    sheet = page.get(f"/desk/handover/{note.pk}").text
    assert "催签收" in sheet
    assert f"/desk/cases/{case.number}" in sheet
    assert "李梅 接班" in page.get("/desk/handover").text


def test_a_case_is_marked_to_watch_until_it_is_not(
    world: World, as_: Callable[..., Client]
) -> None:
    case, page = world.accepted(), as_("dispatcher")
    url = f"/desk/cases/{case.number}/watch"
    assert page.post(url, {"words": "  明早\n先打电话 "}).status_code == 302
    assert "明早 先打电话" in page.get(f"/desk/cases/{case.number}").text
    assert "明早 先打电话" not in as_("leader").get(f"/desk/cases/{case.number}").text
    assert page.post(url, {"words": "字" * 121}).status_code == 422
    assert page.post(url, {"remove": "1"}).status_code == 302
    assert not WatchMark.objects.exists()
