"""Who may stand before the wall, and what it shows them: figures, and nobody."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from huying.assessment import present, rolled
from huying.assessment.following import follow
from huying.assessment.left_out import LeftOut
from huying.assessment.tallies import Tally
from huying.cases.models import Case
from huying.errors import BadInput, Missing, NotAllowed
from huying.people.acting import SYSTEM, Actor, ActorKind
from huying.people.models import Role
from huying.places.models import Level
from huying.wall import counting, picture, screens
from huying.wall.here import COOKIE
from huying.wall.models import WallScreen
from huying.wall.urls import urlpatterns
from tests.desk import methods
from tests.desk.test_permissions import PEOPLE, postless
from tests.desk.world import DISTRICT, ELSEWHERE, GRID, TOWN, World
from tests.security.test_doors import OPEN_TO_ALL, addresses

__all__ = ["postless"]

PAGE, PART, SHAPES = "/wall", "/wall/now", "/wall/shapes"
LOOKS = {"dispatcher", "leader", "far_dispatcher"}


@pytest.fixture(autouse=True)
def looked_anew() -> Iterator[None]:
    picture.forget()
    yield
    picture.forget()


def made(area: str = TOWN, days: int = 30) -> str:
    return screens.make("值班室", area_code=area, days=days, by=SYSTEM, now=timezone.now())[1]


def screen(secret: str) -> Client:
    """A screen that was given its secret."""
    client = Client()
    client.post("/wall/enter", {"secret": secret})
    return client


def test_every_address_of_the_wall_for_everyone(
    world: World, postless: None, as_: Callable[..., Client]
) -> None:
    tried = {("wall", "GET"), ("wall_now", "GET"), ("wall_shapes", "GET")}
    assert methods.of(urlpatterns) == tried | {("wall_enter", "GET"), ("wall_enter", "POST")}
    for name in PEOPLE:
        if name == "auditor":  # led to a second factor first; tests/people tells of it
            assert as_(name).get(PAGE).status_code == 302
            continue
        client = Client() if name == "nobody" else as_(name)
        looks = name in LOOKS
        assert client.get(PAGE).status_code == (200 if looks else 302), name
        assert client.get(PART).status_code == (200 if looks else 401), name
        assert client.get(SHAPES).status_code == (200 if looks else 401), name
        assert client.get("/wall/enter").status_code == (302 if looks else 200), name
        assert client.post("/wall/enter", {"secret": "hyw_x"}).status_code == 422, name
    for secret, answer in ((made(), 200), (made(ELSEWHERE), 200), ("hyw_" + "x" * 43, 401)):
        client = screen(secret)
        assert client.get(PART).status_code == client.get(SHAPES).status_code == answer


def test_a_screen_reads_the_wall_and_nothing_else(world: World) -> None:
    """With its cookie sent everywhere, which no browser does, it is still nobody."""
    let_in = []
    client = screen(made(DISTRICT))
    for url, name in addresses():
        status = client.get(url).status_code
        assert status < 500, url
        if status < 300 and name not in OPEN_TO_ALL and not url.startswith(PAGE):
            let_in.append(url)
    public = ("/api/docs", "/api/v1/openapi.json", "/accounts/login", "/admin/", "/i18n/")
    assert not [url for url in let_in if not url.startswith(public)]
    assert client.post("/desk/cases/new", {"text": "x"}).status_code == 302


def test_the_secret_is_given_once_and_stays_out_of_every_address(world: World) -> None:
    secret, client = made(), Client()
    entered = client.post("/wall/enter", {"secret": f" {secret} "})
    assert entered.headers["Location"] == PAGE
    cookie = client.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["path"] == PAGE
    assert cookie["samesite"] == "Strict"
    assert client.get("/wall/enter").headers["Location"] == PAGE
    row = WallScreen.objects.get()
    assert secret.encode() not in bytes(row.digest)
    assert len(row.hint) < 12
    assert row.seen_on == timezone.localdate()
    for answer in (client.get(PAGE), client.get(PART)):
        assert secret not in answer.content.decode()


def test_a_screen_goes_dark_when_its_secret_ends_or_is_taken_back(world: World) -> None:
    for end in (
        lambda row: screens.revoke(row.pk, by=SYSTEM, now=timezone.now()),
        lambda row: WallScreen.objects.filter(pk=row.pk).update(
            made_at=timezone.now() - timedelta(days=9), expires_at=timezone.now()
        ),
    ):
        client = screen(made())
        assert client.get(PART).status_code == 200
        end(WallScreen.objects.latest("pk"))
        assert client.get(PART).status_code == 401
        assert client.get(PAGE).headers["Location"] == "/wall/enter"
        assert "到期或被撤销" in client.get("/wall/enter?ended=1").content.decode()


def test_screens_are_made_by_who_grants_rights(world: World) -> None:
    now = timezone.now()
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.DISPATCHER, Role.DISTRICT_LEADER):
        by = Actor(ActorKind.ACCOUNT, role=role, area_code=DISTRICT)
        with pytest.raises(NotAllowed):
            screens.make("大厅", area_code=TOWN, days=1, by=by, now=now)
        with pytest.raises(NotAllowed):
            screens.revoke(1, by=by, now=now)
    by = Actor(ActorKind.ACCOUNT, role=Role.SECURITY_ADMINISTRATOR, area_code=DISTRICT)
    assert screens.make("大厅", area_code=TOWN, days=1, by=by, now=now)[0].area_code == TOWN
    for area in (GRID, "999999", "", "x"):
        with pytest.raises(BadInput):
            screens.make("大厅", area_code=area, days=1, by=by, now=now)
    with pytest.raises(BadInput):
        screens.make("大厅", area_code=TOWN, days=0, by=by, now=now)
    with pytest.raises(Missing):
        screens.make(" ", area_code=TOWN, days=1, by=by, now=now)


def test_the_command_makes_lists_and_revokes(world: World) -> None:
    from huying.cli import wall

    parser = argparse.ArgumentParser()
    wall.arguments(parser)

    def run(*words: str) -> dict[str, Any]:
        return wall.run(parser.parse_args(words))

    told = run("make", "值班室", "--area", TOWN)
    assert told["path"] == f"/wall/enter#{told['secret']}"
    assert told["secret"] in wall.text(told)
    listed = run("list")
    assert told["secret"] not in wall.text(listed)
    assert "值班室" in wall.text(listed)
    client = screen(told["secret"])
    assert client.get(PART).status_code == 200
    assert run("revoke", str(told["id"]))["revoked_at"]
    assert client.get(PART).status_code == 401


def test_the_wall_counts_what_is_there_and_names_nobody(world: World) -> None:
    words = {"text": "李四家楼下臭气熏天", "contact_name": "王五", "contact_phone": "13800138000"}
    late = world.dispatched(**words, address="祠堂东街八号")
    urgent = world.held_by_town(world.reported(text="闻到煤气味", item="0203"))
    world.closed()
    now = timezone.now()
    Case.objects.filter(pk=late.pk).update(due_at=now - timedelta(hours=30))
    follow()
    client = screen(made())
    page, part = client.get(PAGE), client.get(PART)
    shown = page.content.decode() + part.content.decode() + client.get(SHAPES).content.decode()
    shown += client.get(PAGE, {"form": "table"}).content.decode()
    for nobody in (*words.values(), "祠堂", "闻到", *(a.name for a in world.accounts.values())):
        assert nobody not in shown
    assert late.number not in shown
    assert late.number[-6:] in shown
    live = page.context["live"]
    assert (live.reported, live.counts.open, live.counts.overdue) == (3, 2, 1)
    assert live.counts.unsigned == (1 if Case.objects.get(pk=urgent.pk).emergency_words else 0)
    assert [each.tail for each in live.latest] == [late.number[-6:]]
    assert live.latest[0].place == "小龙村 第1网格"
    assert live.warm == {GRID: 2}
    assert [(each.name, each.counts.overdue) for each in live.places if each.counts.open] == [
        ("小龙村", 1)
    ]
    # The curve ends with the last whole day: a day that has just begun is no fall.
    assert page.context["past"].days[-1].day == timezone.localdate(now) - timedelta(days=1)
    assert "/desk/" not in part.content.decode()


def test_a_screen_shows_its_own_area_alone(world: World, as_: Callable[..., Client]) -> None:
    world.accepted()
    follow()
    far = screen(made(ELSEWHERE))
    assert far.get(PAGE).context["live"].counts.open == 0
    assert far.get(PAGE, {"area": TOWN}).context["area"] == ELSEWHERE
    assert as_("dispatcher").get(PAGE, {"area": ELSEWHERE}).context["area"] == TOWN
    nearer = as_("dispatcher").get(PAGE, {"area": GRID[:12]})
    assert nearer.context["live"].counts.open == 1
    assert "/desk/?tab=area" in nearer.content.decode()


def test_what_did_not_change_is_not_sent_again(world: World) -> None:
    client = screen(made())
    never = client.get(PART)
    assert float(never.headers["X-Age"]) > 3600, "figures that nobody summed up are no figures"
    follow()
    picture.forget()
    first = client.get(PART)
    assert float(first.headers["X-Age"]) < 60
    assert first.headers["X-At"]
    assert float(first.headers["X-Age"]) >= 0
    mark = {"If-None-Match": first.headers["ETag"]}
    assert client.get(PART, headers=mark).status_code == 304
    world.accepted()
    assert client.get(PART, headers=mark).status_code == 304, "some seconds it is kept"
    follow()
    picture.forget()
    again = client.get(PART, headers=mark)
    assert again.status_code == 200
    assert again.headers["ETag"] != first.headers["ETag"]
    assert client.get(PART, {"form": "table"}).status_code == 200


def test_who_is_signed_in_opens_every_figure_down_to_cases(
    world: World, as_: Callable[..., Client]
) -> None:
    world.closed()
    late = world.accepted()
    Case.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    follow()
    leader = as_("leader")
    part = leader.get(PART).content.decode()
    found = {unescape(each) for each in re.findall(r'href="(/[^"]+)"', part)}
    pages = {each.split("?")[0] for each in found}
    assert pages >= {"/desk/", "/desk/process/", "/desk/figures/", "/desk/teams/", "/wall"}
    assert f"/desk/cases/{late.number}" in pages
    for each in found:
        assert leader.get(each).status_code == 200, each


def test_thirty_days_are_one_question_and_say_what_each_day_says(
    world: World, django_assert_num_queries: Any
) -> None:
    """One of the closings does not count any more; it leaves its day's figure and no other."""
    world.accepted()
    left, _other = (world.closed() for _ in range(2))
    follow()
    LeftOut.objects.create(
        district_code=DISTRICT, case=left, seq=0, tallies=[str(Tally.CLOSINGS)],
        why=LeftOut.Why.UNUSUAL, source_id=left.pk, since=timezone.now(),
    )  # fmt: skip
    last = timezone.localdate()
    first = last - timedelta(days=picture.TREND_DAYS - 1)
    for area in (DISTRICT, TOWN, GRID[:12], ELSEWHERE):
        level = Level.COMMUNITY if len(area) == 12 else Level.TOWN
        with django_assert_num_queries(1):
            found = counting.days(area, first, last)
        assert [each.day for each in found] == [first + timedelta(n) for n in range(30)]
        for each in found:
            alone = rolled.rolled(area, each.day, each.day, tallies=[Tally.CLOSINGS])
            came = present.states(area, each.day, each.day, level)
            assert each.reported == sum(states.total() for states in came.values())
            assert each.closed == sum(counts.total() for counts in alone.values())
        assert (found[-1].reported, found[-1].closed) == ((0, 0) if area == ELSEWHERE else (3, 1))
