"""The queue: whose turn it is, in which order, page after page, found by what one remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.cases.models import Case
from huying.desk import changes, queue
from huying.desk.filters import Filters
from huying.dispatch import duplicates
from huying.dispatch.models import LikelyDuplicate
from huying.dispatch.standing import exactly, standing
from tests.desk.world import GRID, ITEM, World

As = Callable[..., Client]


def listed(client: Client, query: str) -> list[str]:
    page = client.get(f"/desk/?{query}").content.decode()
    return [part.split('"')[0] for part in page.split('data-row="')[1:]]


def test_the_lists_are_never_mixed(world: World, as_: As) -> None:
    waiting = world.held_by_town(world.reported())
    away = world.dispatched()
    elsewhere = world.reported()
    Case.objects.filter(pk=elsewhere.pk).update(holder_code=GRID[:12])
    desk = as_("dispatcher")
    assert listed(desk, "tab=mine") == [waiting.number]
    assert set(listed(desk, "tab=held")) == {waiting.number, away.number}
    assert set(listed(desk, "tab=area")) == {waiting.number, away.number, elsewhere.number}
    assert listed(as_("handler"), "tab=mine") == [away.number]
    assert listed(as_("far_dispatcher"), "tab=area") == []


def test_what_may_be_a_double_is_marked_while_nobody_was_sent(world: World, as_: As) -> None:
    first, second = (world.held_by_town(world.reported("东街路灯不亮")) for _ in range(2))
    duplicates.look(second.pk, timezone.now())
    desk = as_("dispatcher")

    def marked(query: str, mark: str = "疑似重复") -> list[str]:
        page = desk.get(f"/desk/?{query}").content.decode()
        return [part.split('"')[0] for part in page.split('data-row="')[1:] if mark in part]

    assert marked("tab=mine") == marked("tab=held") == [second.number]
    assert marked("tab=mine&words=路灯") == [second.number]
    assert "疑似重复" not in as_("checker").get("/desk/?tab=area").content.decode()
    # Another desk's is not this one's to join; what comes again was closed before.
    Case.objects.filter(pk=first.pk).update(holder_code=GRID[:12])
    assert marked("tab=held") == []
    Case.objects.filter(pk=first.pk).update(holder_code=second.holder_code)
    LikelyDuplicate.objects.filter(case=second).update(repeat=True)
    assert marked("tab=held") == []
    assert marked("tab=held", "重复发生") == [second.number]
    LikelyDuplicate.objects.filter(case=second).update(repeat=False)
    assert marked("tab=held") == [second.number]
    second.refresh_from_db()
    second = world.do(second, "accept", "dispatcher", item=ITEM)
    world.do(second, "dispatch", "dispatcher", unit=world.units["lead"].pk)
    assert marked("tab=held") == []


def test_a_checker_is_not_asked_to_check_own_work(world: World, as_: As) -> None:
    case = world.handled()
    assert listed(as_("checker"), "tab=mine") == [case.number]
    Case.objects.filter(pk=case.pk).update(handler=world.accounts["checker"])
    assert listed(as_("checker"), "tab=mine") == []


def test_the_least_time_left_comes_first_on_every_page(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 3)
    now = timezone.now()
    cases = [world.held_by_town(world.reported()) for _ in range(8)]
    for number, case in enumerate(cases):
        due = None if number in (1, 6) else now + timedelta(minutes=(number * 37) % 100)
        Case.objects.filter(pk=case.pk).update(due_at=due)
    wanted = [case.number for case in Case.objects.by_time_left()]
    client, query, seen = as_("dispatcher"), "tab=held", []
    for _ in range(4):
        page = client.get(f"/desk/?{query}").content.decode()
        seen += [part.split('"')[0] for part in page.split('data-row="')[1:]]
        if 'rel="next"' not in page:
            break
        link = page[: page.index('" rel="next"')].rsplit('href="?', 1)[1]
        query = link.replace("&amp;", "&")
    assert seen == wanted


@pytest.mark.parametrize("cursor", ["x", "AAAA", "fHx8", "MjAyNi0wMS0wMXwyMDI2LTAxLTAxfHg"])
def test_a_cursor_that_somebody_typed_begins_at_the_start(
    cursor: str, world: World, as_: As
) -> None:
    case = world.held_by_town(world.reported())
    assert listed(as_("dispatcher"), f"tab=held&after={cursor}") == [case.number]


def test_found_by_number_last_digits_address_and_words(world: World, as_: As) -> None:
    one = world.held_by_town(world.reported("下水道井盖缺失", address="东街 12 号"))
    world.held_by_town(world.reported("路灯不亮"))
    desk = as_("dispatcher")
    spaced = f"{one.number[:9]} {one.number[9:17]} {one.number[17:]}"
    for words in (one.number, one.number[-8:], spaced, "东街 12", "井盖缺失"):
        assert listed(desk, f"tab=held&q={words}") == [one.number], words
    assert listed(desk, "tab=held&q=没有这回事") == []


def test_filters_stand_in_the_address_and_are_remembered(world: World, as_: As) -> None:
    case = world.accepted()
    world.held_by_town(world.reported())
    desk = as_("dispatcher")
    assert listed(desk, "tab=held&state=accepted") == [case.number]
    again = desk.get("/desk/")
    assert again.status_code == 302
    assert parse_qs(urlsplit(again.url).query) == {"tab": ["held"], "state": ["accepted"]}


def test_nonsense_in_the_address_is_dropped(world: World) -> None:
    query = QueryDict("tab=x&state=y&item=12345&area=99x&light=blue&channel=z&q=%00")
    assert Filters.read(query, world.actor("dispatcher")) == Filters(tab="mine")


def test_rows_that_are_as_they_were_are_not_sent_again(world: World, as_: As) -> None:
    world.held_by_town(world.reported())
    desk = as_("dispatcher")
    first = desk.get("/desk/?tab=mine&rows=1")
    seen = {"X-Seen": first.headers["X-Version"]}
    assert desk.get("/desk/?tab=mine&rows=1", headers=seen).status_code == 204
    world.held_by_town(world.reported())
    assert desk.get("/desk/?tab=mine&rows=1", headers=seen).status_code == 200


def test_a_longer_queue_asks_no_more_questions(world: World) -> None:
    actor, now = world.actor("dispatcher"), timezone.now()
    view = Filters(tab="held")

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            queue.page(view, actor, now)
        return len(asked)

    world.handling()
    questions()  # the calendar and the names are read once
    few = questions()
    for _ in range(5):
        world.handling()
    questions()  # on a busy machine more than one thing is a second old
    assert questions() <= few + 1, "a second may have passed, and the calendar be looked at"


def test_counts_stop_at_a_thousand(world: World, monkeypatch: pytest.MonkeyPatch, as_: As) -> None:
    monkeypatch.setattr(queue, "MOST_COUNTED", 2)
    for _ in range(4):
        world.held_by_town(world.reported())
    assert (
        '<span class="count">2+</span>' in as_("dispatcher").get("/desk/?tab=held").content.decode()
    )


def test_the_row_and_the_whole_deadline_say_the_same(world: World) -> None:
    from huying.cases.deadlines import dues_of
    from huying.clock.reading import calendar_for

    for case in (
        world.reported(),
        world.accepted(),
        world.dispatched(),
        world.handling(),
        world.handled(),
    ):
        case.refresh_from_db()
        for hours in (0, 1, 5, 30, 200):
            now = timezone.now() + timedelta(hours=hours)
            whole = exactly(dues_of(case), now, calendar_for(case.district_code))
            assert standing(case, now) == whole, (case.state, hours)


# --- what has changed


def asked(client: Client, mark: str, *, shown: str = "", tab: str = "area") -> HttpResponse:
    return client.get(f"/desk/?tab={tab}&rows=1&since={mark}", headers={"X-Shown": shown})


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look goes to the database, and none goes back further than its mark."""
    monkeypatch.setattr(changes, "EVERY_S", 0.0)
    monkeypatch.setattr(changes, "OVERLAP", timedelta(0))


def test_nothing_new_costs_no_look_at_the_list(world: World, as_: As, at_once: None) -> None:
    world.reported()
    client = as_("dispatcher")
    mark = asked(client, "")["X-Mark"]
    answer = asked(client, mark)
    assert answer.status_code == 204
    assert answer["X-Mark"] >= mark


def test_a_new_case_is_told_to_its_own_town_alone(world: World, as_: As, at_once: None) -> None:
    near, far = as_("dispatcher"), as_("far_dispatcher")
    marks = asked(near, "")["X-Mark"], asked(far, "")["X-Mark"]
    case = world.reported()
    answer = asked(near, marks[0])
    assert answer.status_code == 200
    assert case.number in answer.content.decode()
    assert asked(far, marks[1]).status_code == 204


def test_a_case_that_has_left_ones_sight_leaves_the_page(
    world: World, as_: As, at_once: None
) -> None:
    case = world.dispatched()
    client = as_("handler")
    assert case.number in asked(client, "", tab="unit").content.decode()
    mark = asked(client, "", tab="unit")["X-Mark"]
    other = world.units["second"].pk
    world.do(
        case, "return", "handler", reason="属环卫", reason_code="not_ours", suggested_unit=other
    )
    answer = asked(client, mark, shown=case.number, tab="unit")
    assert answer.status_code == 200
    assert case.number not in answer.content.decode()


@pytest.mark.parametrize("mark", ["", "x", "0", "-1", "9" * 30, "1e5"])
def test_an_odd_mark_is_answered_with_a_full_look(
    world: World, as_: As, at_once: None, mark: str
) -> None:
    case = world.reported()
    answer = asked(as_("dispatcher"), mark)
    assert answer.status_code == 200
    assert case.number in answer.content.decode()


def test_many_desks_cost_one_look_at_the_log(world: World, as_: As) -> None:
    client = as_("dispatcher")
    mark = asked(client, "")["X-Mark"]
    with CaptureQueriesContext(connection) as queries:
        for _ in range(5):
            asked(client, mark)
    assert sum("case_event" in each["sql"] for each in queries) <= 1
