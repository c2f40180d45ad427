"""A desk plans a patrol; who walks it checks in, finds something, and is tracked on duty only."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from huying.audit.models import AccessLog
from huying.cases.answers import owner_of
from huying.cases.models import Channel
from huying.clock.calendar import CIVIL_TZ
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.forms import versions
from huying.forms.answering import WrongAnswers
from huying.patrol import covering, duty, planning, tracking, visiting
from huying.patrol.due import Rhythm, Why
from huying.patrol.models import DutySpan, PatrolPlace, PatrolPlan, PatrolVisit, TrackPoint
from huying.patrol.planning import Spot, Told
from huying.patrol.tracking import Point
from huying.patrol.visiting import Shown
from huying.people.acting import SYSTEM
from huying.people.models import Account
from tests.cases.town import DAY, DISPUTE, FACTORY, GRID_1, GRID_2, PETROL, SPOTS

if TYPE_CHECKING:
    from tests.cases.town import Town

LON, LAT = SPOTS[GRID_1]
POINTS = ("消防通道畅通", "灭火器在有效期内")


def planned(
    town: Town, *, by: Any = None, rhythm: str = Rhythm.WORKDAY, times: int = 1, **more: Any
) -> Any:
    told = Told(FACTORY, "仓库消防巡查", rhythm, times, DAY - timedelta(days=21), **more)
    return planning.make(told, by=by or town.village_dispatcher, now=town.now)


def placed(town: Town, plan: PatrolPlan | None = None, **more: Any) -> PatrolPlace:
    spot = Spot(**({"name": "东街仓库", "lon": LON, "lat": LAT, "points": POINTS} | more))
    plan = plan or planned(town)
    (place,) = planning.put(plan.pk, [spot], by=town.village_dispatcher, now=town.now)
    return place


def visit(town: Town, place: PatrolPlace, *, by: Any = None, **more: Any) -> PatrolVisit:
    given = {
        "visit": uuid.uuid4(),
        "by": by or town.worker,
        "now": town.now,
        "shown": Shown(lon=LON, lat=LAT, accuracy_m=10),
        "answers": [True, False],
    }
    return visiting.check_in(place.pk, **(given | more))


def test_a_place_lies_in_the_grid_that_holds_it_and_within_the_plans_area(town: Town) -> None:
    plan = planned(town)
    lon, lat = SPOTS[GRID_2]
    rows = planning.rows_of(f"祠堂，{LON}，{LAT}\n\n加油站\t{lon}\t{lat}\n")
    first, second = planning.put(plan.pk, rows, by=town.village_dispatcher, now=town.now)
    assert (first.grid_code, second.grid_code) == (GRID_1, GRID_2)
    assert first.code != second.code
    assert first.item_codes == [FACTORY]
    with pytest.raises(BadInput, check=lambda error: error.field == "lon"):
        placed(town, plan, lat=22.915)  # the next village
    with pytest.raises(BadInput, check=lambda error: error.field == "name"):
        placed(town, plan, name="祠堂")
    with pytest.raises(BadInput, match="2"):
        planning.rows_of(f"祠堂,{LON},{LAT}\n没有位置")
    with pytest.raises(NotAllowed):
        planned(town, by=town.worker)
    with pytest.raises(NotFound):
        planning.stop(plan.pk, by=town.other_town_dispatcher, now=town.now)
    assert planning.stop(plan.pk, by=town.dispatcher, now=town.now).stopped_at  # those above may


def test_one_checks_in_within_the_radius_and_what_the_phone_does_not_know(town: Town) -> None:
    place = placed(town)
    near = Shown(lon=LON, lat=LAT + 0.0007, accuracy_m=40)  # some 78 m off
    assert visit(town, place, shown=near).distance_m == pytest.approx(78, abs=2)
    with pytest.raises(BadInput, match=r"78.*18"):
        visit(town, place, shown=Shown(lon=LON, lat=LAT + 0.0007, accuracy_m=10))
    with pytest.raises(BadInput):  # a phone that knows nothing shows nothing
        visit(town, place, shown=Shown(lon=LON, lat=LAT + 0.01, accuracy_m=5000))
    with pytest.raises(Missing):
        visit(town, place, shown=Shown())
    with pytest.raises(NotFound):
        visit(town, place, by=town.next_worker)


def test_the_code_on_the_label_does_instead_of_a_position(town: Town) -> None:
    place = placed(town)
    seen = visit(town, place, shown=Shown(code=place.code.lower()))
    assert (seen.by_code, seen.distance_m) == (True, None)
    with pytest.raises(BadInput, check=lambda error: error.field == "code"):
        visit(town, place, shown=Shown(code="AAAAAAAA"))


def test_a_visit_sent_again_is_the_same_and_counts_for_the_day_it_was_made(town: Town) -> None:
    place, name = placed(town), uuid.uuid4()
    yesterday = town.now - timedelta(days=1)
    first = visit(town, place, visit=name, at=yesterday)
    again = visit(town, place, visit=name, at=yesterday)
    assert first.pk == again.pk
    assert PatrolVisit.objects.get().day == DAY - timedelta(days=1)
    ahead = visit(town, place, at=town.now + timedelta(hours=1))
    assert ahead.at == town.now


def test_what_is_found_is_a_case_that_knows_its_place_and_visit(town: Town) -> None:
    place, name = placed(town), uuid.uuid4()
    photo = [town.photo(by="worker").pk]
    case = town.report(by=town.worker, channel=Channel.PATROL, lon=LON, lat=LAT, photos=photo)
    # The report was sent before the check-in had arrived.
    visiting.found(place.pk, by=town.worker, number=case.number, visit=name)
    seen = visit(town, place, visit=name)
    visiting.found(place.pk, by=town.worker, number=case.number, visit=name)
    assert case.found_on_patrol.place == place
    assert list(seen.found.values_list("case__number", flat=True)) == [case.number]
    with pytest.raises(NotFound):
        visiting.found(place.pk, by=town.head, number=case.number)


def test_coverage_counts_what_is_over_and_says_none_where_nothing_was_wanted(town: Town) -> None:
    place, plan = placed(town), planned(town, rhythm=Rhythm.MONTH)
    idle = placed(town, plan, name="水闸")
    PatrolPlace.objects.update(made_at=town.now - timedelta(days=20))
    for days in (1, 2, 9):
        visit(town, place, at=town.now - timedelta(days=days), now=town.now - timedelta(days=days))
    visit(town, place)
    found = covering.cover(town.village_dispatcher, town.now, 7)
    busy, quiet = sorted(found, key=lambda each: each.place.name != place.name)
    # Five working days before this Thursday, two of them with a visit.
    assert (busy.wanted, busy.done, busy.due.why) == (5, 2, Why.VISITED)
    assert (quiet.place, quiet.wanted, quiet.missing) == (idle, 0, False)
    assert covering.in_all([quiet]).ratio is None
    grid = covering.by_grid(found)[GRID_1]
    assert (grid.ratio, grid.today_done, grid.places) == (40, 1, 2)
    (worker,) = covering.by_worker(town.village_dispatcher, found, town.now, 7)
    assert (worker.area_code, worker.visits, worker.sum.ratio) == (GRID_1, 3, 40)
    assert covering.cover(town.other_town_dispatcher, town.now, 7) == []
    planning.remove(idle.pk, by=town.village_dispatcher, now=town.now)
    assert len(covering.cover(town.village_dispatcher, town.now, 7)) == 1


def test_hours_on_duty_are_of_the_days_whose_visits_are_counted(town: Town) -> None:
    placed(town)
    midnight = town.now.astimezone(CIVIL_TZ).replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight - timedelta(days=7)
    for begun in (first - timedelta(hours=30), first - timedelta(hours=3)):
        duty.go_on(by=town.worker, now=begun)
        duty.go_off(by=town.worker, now=begun + timedelta(hours=5))
    duty.go_on(by=town.worker, now=town.now - timedelta(hours=1))
    found = covering.cover(town.village_dispatcher, town.now, 7)
    (worker,) = covering.by_worker(town.village_dispatcher, found, town.now, 7)
    # Two of the five hours about the first midnight, and the one that runs.
    assert worker.hours == pytest.approx(3)


def points(town: Town, *minutes: int) -> list[Point]:
    return [Point(town.now + timedelta(minutes=each), LON, LAT, 8.0) for each in minutes]


def test_no_position_is_ever_kept_outside_of_duty(town: Town) -> None:
    later = town.now + timedelta(minutes=90)
    assert tracking.store(points(town, 0, 1), by=town.worker, now=later) == 0
    duty.go_on(by=town.worker, now=town.now)
    assert tracking.store(points(town, -1, 0, 5, 500), by=town.worker, now=later) == 2
    assert tracking.store(points(town, 0, 5), by=town.worker, now=later) == 0  # sent again
    assert tracking.store(points(town, 6), by=town.next_worker, now=later) == 0
    assert tracking.store(points(town, 70), by=town.worker, now=later) == 1
    # The phone says only now that it went off duty after an hour: what came after goes.
    duty.go_off(by=town.worker, now=later, at=town.now + timedelta(minutes=60))
    assert tracking.store(points(town, 61, 65), by=town.worker, now=later) == 0
    assert tracking.store(points(town, 55), by=town.worker, now=later) == 1  # waited on the phone
    kept = set(TrackPoint.objects.values_list("at", flat=True))
    assert kept == {each.at for each in points(town, 0, 5, 55)}


def test_forgotten_duty_ends_by_itself_and_points_are_kept_for_a_set_time(town: Town) -> None:
    first = duty.go_on(by=town.worker, now=town.now)
    assert duty.go_on(by=town.worker, now=(town.now + timedelta(hours=1))).pk == first.pk
    tracking.store(points(town, 0), by=town.worker, now=town.now)
    tomorrow = town.now + timedelta(hours=20)
    assert duty.on_duty(town.worker, tomorrow) is None
    duty.go_on(by=town.worker, now=tomorrow)
    first.refresh_from_db()
    assert first.ended_at == first.ends_by
    with pytest.raises(IntegrityError), transaction.atomic():
        DutySpan.objects.create(
            account_id=town.worker.account_id, district_code="440113", area_code=GRID_1,
            began_at=tomorrow, ends_by=tomorrow + timedelta(hours=1),
        )  # fmt: skip
    assert tracking.tidy(now=(town.now + timedelta(days=29))) == 0
    assert tracking.tidy(now=(town.now + timedelta(days=31))) == 1
    assert not DutySpan.objects.filter(ended_at=None).exists()


def test_who_looks_at_a_track_says_why_and_it_is_written_down(town: Town) -> None:
    duty.go_on(by=town.worker, now=town.now)
    tracking.store(points(town, 0, 5), by=town.worker, now=(town.now + timedelta(hours=1)))
    account = town.worker.account_id
    asked = {
        "account": account,
        "first": town.now - timedelta(hours=1),
        "last": (town.now + timedelta(hours=1)),
        "now": (town.now + timedelta(hours=1)),
        "words": "居民投诉没有人来过",
    }
    for wrong in ({"purpose": ""}, {"purpose": "complaint", "words": " "}):
        with pytest.raises(Missing):
            tracking.look(**(asked | {"by": town.community_leader} | wrong))
    for stranger in (town.other_town_dispatcher, town.head, town.next_worker):
        with pytest.raises(NotFound):
            tracking.look(**asked, by=stranger, purpose="complaint")
    assert not AccessLog.objects.filter(action="see_track").exists()
    _who, spans, track = tracking.look(**asked, by=town.community_leader, purpose="complaint")
    assert (len(spans), len(track)) == (1, 2)
    log = AccessLog.objects.get(action="see_track")
    assert (log.subject_id, log.purpose) == (str(account), "complaint")
    assert "投诉" not in str(log.__dict__)


def test_the_map_draws_some_places_and_counts_all(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(town, rhythm=Rhythm.DAY)
    visit(town, placed(town, plan, name="仓库甲"), now=timezone.now())
    placed(town, plan, name="仓库乙")
    monkeypatch.setattr("huying.desk.patrol.MOST_ON_MAP", 1)
    client.force_login(Account.objects.get(pk=town.village_dispatcher.account_id))
    answer = client.get(reverse("map_patrol")).json()
    assert [each["name"] for each in answer["places"]] == ["仓库乙"]  # what is due comes first
    assert (answer["today"], answer["done"], answer["all"]) == (2, 1, 2)


def test_the_page_names_who_walks_each_grid(town: Town, client: Client) -> None:
    town.now = timezone.now()  # a place of today: no stretch of its is over
    placed(town)
    account = Account.objects.get(pk=town.village_dispatcher.account_id)
    client.force_login(account)
    page = client.get("/desk/patrol/coverage").content.decode()
    name = Account.objects.get(pk=town.worker.account_id).name
    assert f"<td>{name}</td>" in page
    assert "暂无网格员" not in page
    assert "无数据" in page


DEPTH = {"id": "depth", "kind": "number", "label": "水深", "unit": "厘米", "required": True}
COLOUR = {
    "id": "colour", "kind": "one_of", "label": "水色",
    "choices": [{"value": "clear", "label": "清"}, {"value": "black", "label": "黑"}],
}  # fmt: skip


def published(town: Town, item: str, *questions: dict[str, Any]) -> int:
    versions.write(owner_of(item), {"questions": list(questions)}, by=SYSTEM, now=town.now)
    return versions.publish(owner_of(item), by=SYSTEM, now=town.now).id


def test_a_plan_names_a_form_as_its_checklist_and_visits_keep_the_answers(
    town: Town, client: Client
) -> None:
    asks = published(town, FACTORY, COLOUR, DEPTH)
    secret = published(town, PETROL, {"id": "owner", "kind": "phone", "label": "电话"})
    with pytest.raises(BadInput, check=lambda error: error.field == "form"):
        planned(town, form=secret)  # what tells of a person is sealed with a case
    place = placed(town, planned(town, form=asks))
    with pytest.raises(WrongAnswers):
        visit(town, place, form=asks, given={"colour": "black"})
    with pytest.raises(BadInput, check=lambda error: error.field == "form"):
        visit(town, place, form=secret, given={})
    seen = visit(town, place, form=asks, given={"colour": "black", "depth": "30"})
    assert (seen.form_id, seen.said, seen.answers) == (asks, {"colour": "black", "depth": 30}, [])
    # A phone that waited answers the version that it had; the plan keeps its own.
    published(town, FACTORY, DEPTH)
    assert visit(town, place, form=asks, given={"depth": 5}).said == {"depth": 5}
    client.force_login(Account.objects.get(pk=town.village_dispatcher.account_id))
    page = client.get(reverse("patrol_place", args=[place.pk])).content.decode()
    for words in ("水色", "黑", "30 厘米"):
        assert words in page
    assert "第 1 版" in client.get(reverse("patrol_plan", args=[place.plan_id])).content.decode()
    file = client.get(reverse("patrol_visits", args=[place.plan_id]))
    assert AccessLog.objects.filter(action="export_visits").count() == 1
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
    title, *rows = book.get_sheet_by_index(0).to_python()
    assert title[-2:] == ["水色", "水深"]
    assert sorted(row[-1] for row in rows) == [5, 30]
    assert {row[1] for row in rows} == {"东街仓库"}


def test_a_desk_says_what_may_be_found_at_a_place(town: Town, client: Client) -> None:
    plan = planned(town)
    client.force_login(Account.objects.get(pk=town.village_dispatcher.account_id))
    sent = {"name": "祠堂", "lon": LON, "lat": LAT, "items": [DISPUTE, FACTORY]}
    added = client.post(reverse("patrol_plan_step", args=[plan.pk, "places"]), sent)
    assert added.status_code == 302
    place = plan.places.get()
    assert place.item_codes == [FACTORY, DISPUTE]  # the plan's own is what a report begins with
    url = reverse("patrol_place", args=[place.pk])
    assert f'value="{DISPUTE}"' in client.get(url).content.decode()
    assert client.post(url, sent | {"items": [DISPUTE]}).status_code == 302
    place.refresh_from_db()
    assert place.item_codes == [DISPUTE]


def test_points_and_items_changed_later_say_nothing_else_of_what_was(
    town: Town, client: Client
) -> None:
    plan, by = planned(town), town.village_dispatcher
    place = placed(town, plan)
    visit(town, place)
    other = Spot("东街仓库", LON, LAT, points=("门窗完好", "货物离地"), items=(FACTORY, DISPUTE))
    place = planning.change_place(place.pk, other, by=by, now=town.now)
    plain = placed(town, plan, name="祠堂")
    client.force_login(Account.objects.get(pk=by.account_id))
    page = client.get(reverse("patrol_place", args=[place.pk])).text
    told = client.get(reverse("patrol_visits", args=[plan.pk])).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(told)).get_sheet_by_index(0).to_python()
    for said in (page, str(rows[1])):
        assert POINTS[1] in said
    assert "货物离地" not in str(rows[1])
    # The plan turns to another item: a report from its places begins with that one.
    anew = Told(PETROL, plan.title, plan.rhythm, plan.times, plan.starts_on)
    planning.change(plan.pk, anew, by=by, now=town.now)
    place.refresh_from_db()
    plain.refresh_from_db()
    assert (plain.item_codes, place.item_codes[0]) == ([PETROL], PETROL)
    assert {FACTORY, DISPUTE} < set(place.item_codes)
