"""Open pages that ask whether anything is new: in one breath when nothing is, and never wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from huying.cases.finding import Place
from huying.cases.models import Case, CaseEvent
from huying.cases.reading import Sight
from huying.desk import changes, knocking, lines, queue
from huying.desk.changes import Change
from huying.desk.filters import Filters
from huying.desk.knocking import Asked
from huying.people.acting import Actor, ActorKind
from huying.people.models import Post, Role
from tests.desk.world import COMMUNITY, DISTRICT, ELSEWHERE, GRID, TOWN, World

As = Callable[..., Client]
LEAK = "闻到很浓的煤气味，怀疑泄漏"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look goes to the database."""
    monkeypatch.setattr(changes, "EVERY_S", -1.0)


def knock(client: Client, world: World, path: str, name: str = "dispatcher") -> HttpResponse:
    sent = {"X-Background": "1", "X-Post": str(world.posts[name].pk)}
    return client.get(path, headers=sent)


def mark_of(client: Client, world: World) -> str:
    """The mark of a page that has just looked, so that its reader is known."""
    return knock(client, world, "/desk/?tab=held&rows=1")["X-Mark"]


def test_a_page_for_which_nothing_is_new_is_answered_without_a_question(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "EVERY_S", 60.0)
    desk = as_("dispatcher")
    rows = f"/desk/?tab=held&rows=1&since={mark_of(desk, world)}"
    case = world.held_by_town(world.reported())
    pulse = f"/desk/cases/{case.number}/pulse?seq={case.last_seq}"
    pulse += f"&since={knock(desk, world, pulse)['X-Mark']}"
    knock(desk, world, "/desk/emergencies")
    with CaptureQueriesContext(connection) as asked:
        for path in (rows, pulse, "/desk/emergencies", "/desk/inbox/news?known="):
            assert knock(desk, world, path).status_code == 204, path
    assert len(asked) == 0


def test_who_is_not_known_or_stands_on_another_post_goes_the_whole_way(
    world: World, as_: As
) -> None:
    desk = as_("dispatcher")
    rows = f"/desk/?tab=held&rows=1&since={mark_of(desk, world)}"
    for client, name in ((desk, "far_dispatcher"), (as_("dispatcher"), "dispatcher")):
        with CaptureQueriesContext(connection) as asked:
            assert knock(client, world, rows, name).status_code == 204
        assert any("django_session" in each["sql"] for each in asked)
    assert knock(Client(), world, rows).status_code == 302


def test_a_post_that_ended_gets_nothing_but_that_nothing_is_new(
    world: World, as_: As, at_once: None
) -> None:
    desk = as_("dispatcher")
    rows = f"/desk/?tab=held&rows=1&since={mark_of(desk, world)}"
    case = world.held_by_town(world.reported())
    yesterday = timezone.localdate() - timedelta(days=1)
    Post.objects.filter(pk=world.posts["dispatcher"].pk).update(ends_on=yesterday)
    answer = knock(desk, world, rows)
    assert answer.status_code == 403
    assert case.number not in answer.content.decode()
    assert knock(desk, world, rows).status_code == 403


def test_what_is_new_is_told_at_once_and_once(world: World, as_: As, at_once: None) -> None:
    desk, far = as_("dispatcher"), as_("far_dispatcher")
    here, there = mark_of(desk, world), far.get("/desk/?tab=held&rows=1")["X-Mark"]
    case = world.held_by_town(world.reported(LEAK, item="0203"))
    answer = knock(desk, world, f"/desk/?tab=held&rows=1&since={here}")
    assert case.number in answer.content.decode()
    again = knock(desk, world, f"/desk/?tab=held&rows=1&since={answer['X-Mark']}")
    assert again.status_code == 204
    rows = f"/desk/?tab=held&rows=1&since={there}"
    assert knock(far, world, rows, "far_dispatcher").status_code == 204
    assert case.number in knock(desk, world, "/desk/emergencies").content.decode()


def test_another_process_tells_again_what_the_first_may_not_have_seen(
    world: World, as_: As, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = as_("dispatcher")
    case = world.held_by_town(world.reported())
    rows = f"/desk/?tab=held&rows=1&since={mark_of(desk, world)}"
    assert knock(desk, world, rows).status_code == 204
    monkeypatch.setattr(changes, "_me", "another")
    assert case.number in knock(desk, world, rows).content.decode()


@pytest.mark.parametrize("process", ["the same", "another"])
def test_a_commit_that_had_to_wait_for_its_standby_is_told_to_every_page(
    world: World, as_: As, at_once: None, process: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment that it carries is older than all that a page has been told of."""
    case = world.held_by_town(world.reported())
    mark = mark_of(as_("dispatcher"), world)
    told = CaseEvent.objects.filter(case_id=case.pk).latest("seq")
    fields = {each.attname: getattr(told, each.attname) for each in CaseEvent._meta.concrete_fields}
    patience = timedelta(seconds=settings.HUYING.database_patience_seconds)
    late = {"seq": told.seq + 1, "written_at": datetime.now(UTC) - patience}
    CaseEvent(**(fields | late)).save(force_insert=True)
    if process == "another":
        monkeypatch.setattr(changes, "_me", "another")
    found, _next = changes.since(mark)
    assert found is not None
    assert late["written_at"] in {each.written_at for each in found}
    again, _next = changes.since(_next)
    if process == "the same":
        assert again == []


def test_a_case_in_memory_is_open_to_whom_the_database_opens_it(world: World) -> None:
    cases = [world.reported(), world.held_by_town(world.reported()), world.handling()]
    Case.objects.filter(pk=cases[0].pk).update(area_code=ELSEWHERE, holder_code=DISTRICT)
    ids = [(case.pk, datetime.now(UTC)) for case in cases]
    found = changes._seen_first(ids, datetime.now(UTC))
    assert {each.case for each in found} == {case.pk for case in cases}
    for name in world.posts:
        actor = world.actor(name)
        seen = set(Case.objects.visible_to(actor).values_list("pk", flat=True))
        assert {each.case for each in found if each.sight.is_open_to(actor)} == seen, name


def test_a_list_waits_while_others_are_drawn_but_not_for_long(
    world: World, as_: As, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = as_("dispatcher")
    mark = mark_of(desk, world)
    rows = f"/desk/?tab=held&rows=1&since={mark}"
    case = world.held_by_town(world.reported(LEAK, item="0203"))
    monkeypatch.setattr(knocking, "MOST_DRAWN", 0)
    for who in (desk, as_("dispatcher")):  # known, and not yet known
        answer = knock(who, world, rows)
        assert (answer.status_code, answer.get("X-Mark")) == (204, None)
        assert answer["X-Emergencies"], "of the emergency it is told at once"
    monkeypatch.setattr(knocking, "LATE_S", 0.0)
    assert case.number in knock(desk, world, rows).content.decode()


def test_a_line_is_drawn_anew_when_anything_in_it_has_changed(world: World) -> None:
    case, now = world.held_by_town(world.reported()), timezone.now()

    def line(words: str = "", *, bulk: bool = False, later: int = 0) -> str:
        at = now + timedelta(minutes=later)
        (row,) = queue.rows([Case.objects.for_pages().get(pk=case.pk)], at)
        made = lines.drawn([row], words=words, bulk=bulk)
        assert row.standing.left in made
        return made

    lines._kept.clear()
    first = line()
    assert line() == first
    assert line(later=1) != first, "less time is left"
    assert len(lines._kept) == 1, "and nothing else was drawn for it"
    assert "<mark>垃圾</mark>" in line("垃圾")
    assert 'name="number"' in line(bulk=True)
    assert "bar-red" in line(later=100 * 60)
    Case.objects.filter(pk=case.pk).update(address="兴业大道 9 号")
    assert "兴业大道 9 号" in line()
    Case.objects.filter(pk=case.pk).update(supervised=True)
    assert "督办" in line()
    with translation.override("en"):
        assert "supervised" in line()


def test_a_page_is_read_anew_when_its_next_light_turns(world: World) -> None:
    case, now = world.held_by_town(world.reported()), timezone.now()
    soon = {"yellow_at": now - timedelta(minutes=1), "due_at": now + timedelta(seconds=20)}
    Case.objects.filter(pk=case.pk).update(**soon)
    page = queue.page(HELD, world.actor("dispatcher"), now)
    assert page.turns_in(now) == 21
    assert page.turns_in(now + timedelta(minutes=1)) == 3601


NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CHANGE = Change(
    case=UUID(int=7),
    number="7",
    state="reported",
    due_at=NOON,
    received_at=NOON,
    sight=Sight(GRID, TOWN, (), ()),
    written_at=NOON,
    seen_at=NOON,
)
DESK = Actor(ActorKind.ACCOUNT, account_id=1, post_id=1, role=Role.DISPATCHER, area_code=TOWN)
HELD = Filters(tab="held")


def asked(*shown: str, last: Place | None = None) -> Asked:
    return Asked(mark="", shown=frozenset(shown), last=last)


@pytest.mark.parametrize(
    ("change", "filters", "page", "concerned"),
    [
        (CHANGE, HELD, asked(), True),
        (replace(CHANGE, sight=Sight(GRID, COMMUNITY, (), ())), HELD, asked(), False),
        (replace(CHANGE, sight=Sight(GRID, COMMUNITY, (), ())), HELD, asked("7"), True),
        (replace(CHANGE, sight=Sight(GRID, COMMUNITY, (), ())), Filters("area"), asked(), True),
        (replace(CHANGE, sight=Sight(ELSEWHERE, TOWN, (), ())), Filters("area"), asked(), False),
        (replace(CHANGE, state="closed"), HELD, asked(), False),
        (replace(CHANGE, state="closed"), HELD, asked("7"), True),
        (replace(CHANGE, state="closed"), Filters("area", ended=True), asked(), True),
        (CHANGE, Filters("held", area=ELSEWHERE), asked(), False),
    ],
)  # fmt: skip
def test_a_page_is_concerned_by_what_may_stand_on_it(
    change: Change, filters: Filters, page: Asked, concerned: bool
) -> None:
    assert page.concern(change, filters, DESK) is concerned


@pytest.mark.parametrize(
    ("due_at", "concerned"),
    [
        (NOON - timedelta(minutes=1), True),
        (NOON + timedelta(minutes=1), False),
        (None, False),
        (NOON, False),  # the same moment: the later id comes later
    ],
)
def test_a_full_page_is_not_concerned_by_what_comes_after_its_last_line(
    due_at: datetime | None, concerned: bool
) -> None:
    page = asked("1", last=Place(NOON, NOON, UUID(int=6)))
    assert page.concern(replace(CHANGE, due_at=due_at), HELD, DESK) is concerned
