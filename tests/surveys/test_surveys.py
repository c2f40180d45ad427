"""An office designs a survey; grids enter what they find; somebody else looks at a sample."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from huying.audit.models import AccessLog
from huying.cases.attaching import stage
from huying.errors import (
    BadInput,
    HuyingError,
    KeyReused,
    Missing,
    NotAllowed,
    NotFound,
    StalePage,
    WrongState,
)
from huying.forms import versions
from huying.forms.answering import WrongAnswers
from huying.notices.models import Notice
from huying.notices.telling import tell_later
from huying.people.acting import SYSTEM
from huying.places.freshness import raise_versions
from huying.places.models import Grid
from huying.registry import addressing
from huying.surveys import (
    answers,
    climbing,
    collecting,
    designing,
    following,
    loading,
    looking,
    progress,
    targeting,
)
from huying.surveys.collecting import Spot
from huying.surveys.designing import Told
from huying.surveys.models import State, Survey, SurveyEntry, SurveyTarget
from tests.cases.town import DISTRICT, GRID_1, GRID_2, GRID_3, LINGBIAN, SPOTS, TOWN, XIAOLONG
from tests.desk.world import picture
from tests.registry.living import village

if TYPE_CHECKING:
    from tests.cases.town import Town

QUESTIONS = {
    "questions": [
        {"id": "name", "kind": "text", "label": "名称", "required": True},
        {"id": "lived_in", "kind": "yes_no", "label": "是否住人", "required": True},
        {"id": "people", "kind": "number", "label": "住了几人", "required": True,
         "when": "lived_in = yes", "min": 1},
        {"id": "owner", "kind": "text", "label": "负责人", "sensitive": True},
        {"id": "shot", "kind": "photo", "label": "照片"},
    ]
}  # fmt: skip
GIVEN = {"name": "东街菜棚", "lived_in": "yes", "people": 3, "owner": "张三丰"}
HERE = Spot(*SPOTS[GRID_1], "东街口鱼塘边")


def designed(town: Town, *, by: Any = None, **more: Any) -> Survey:
    told = {"kind": "survey", "title": "窝棚排查", "due_at": town.now + timedelta(days=8),
            "sample_percent": 100, "areas": [XIAOLONG]} | more  # fmt: skip
    made = designing.make(Told(**told), by=by or town.dispatcher, now=town.now)
    designing.write_questions(made.pk, QUESTIONS, by=by or town.dispatcher, now=town.now, seen=None)
    return made


def opened(town: Town, *, targets: str = "", **more: Any) -> Survey:
    made = designed(town, **more)
    if targets:
        targeting.add_lines(made.pk, targets, by=town.dispatcher, now=town.now)
    return designing.open_(made.pk, by=town.dispatcher, now=town.now)


def enter(town: Town, survey: Survey, *, by: Any = None, **more: Any) -> SurveyEntry:
    given = {"entry": uuid.uuid4(), "answers": uuid.uuid4(), "given": GIVEN, "now": town.now,
             "spot": HERE} | more  # fmt: skip
    return collecting.collect(survey.pk, by=by or town.worker, **given)


def photo(town: Town, by: Any = None) -> Any:
    return stage(picture(), kind="other", by=by or town.worker, now=town.now).pk


def told(jobs: Any) -> dict[str, set[str]]:
    """Who was told what since: the kinds, with the accounts."""
    for job in jobs:
        tell_later(**job.args)
    found: dict[str, set[str]] = {}
    for kind, name in Notice.objects.values_list("kind", "account__username"):
        found.setdefault(kind, set()).add(name.removeprefix("town-"))
    Notice.objects.all().delete()
    return found


@pytest.fixture
def jobs(db: None) -> Any:
    from procrastinate.contrib.django.models import ProcrastinateJob

    def waiting() -> list[Any]:
        rows = ProcrastinateJob.objects.filter(task_name=tell_later.name, status="todo")
        found = list(rows.exclude(pk__in=waiting.seen))
        waiting.seen += [each.pk for each in found]
        return found

    waiting.seen = list(ProcrastinateJob.objects.values_list("pk", flat=True))
    return waiting


def test_who_designs_and_who_does_not(town: Town) -> None:
    made = designed(town)
    assert (made.state, made.area_code) == (State.DRAFT, TOWN)
    by_admin = designed(town, by=town.administrator, areas=())
    assert list(by_admin.areas.values_list("code", flat=True)) == [DISTRICT]
    for by in (town.worker, town.village_dispatcher, town.checker, town.auditor):
        with pytest.raises(NotAllowed):
            designing.make(Told("register", "台账"), by=by, now=town.now)
    with pytest.raises(NotFound):
        designing.close(made.pk, by=town.other_town_dispatcher, now=town.now)
    with pytest.raises(BadInput, check=lambda error: error.field == "areas"):
        designed(town, areas=["440113102201"])  # another town's
    with pytest.raises(BadInput, check=lambda error: error.field == "title"):
        designed(town, title="找 13800138000 核实")
    with pytest.raises(Missing, check=lambda error: error.field == "due_at"):
        designed(town, due_at=None)
    # An area within another one is that one.
    both = designed(town, areas=[XIAOLONG, GRID_1, LINGBIAN])
    assert list(both.areas.values_list("code", flat=True)) == [XIAOLONG, LINGBIAN]


def test_a_draft_opens_once_it_asks_something_without_fault(town: Town, jobs: Any) -> None:
    empty = designing.make(
        Told("register", "台账", areas=[GRID_1]), by=town.dispatcher, now=town.now
    )
    with pytest.raises(Missing):
        designing.open_(empty.pk, by=town.dispatcher, now=town.now)
    wrong = {"questions": [{"id": "x", "kind": "one_of", "label": "没有选项"}]}
    designing.write_questions(empty.pk, wrong, by=town.dispatcher, now=town.now, seen=None)
    with pytest.raises(BadInput):
        designing.open_(empty.pk, by=town.dispatcher, now=town.now)
    assert Survey.objects.visible_to(town.worker).filter(pk=empty.pk).count() == 0
    survey = opened(town)
    assert told(jobs()) == {"survey_opened": {"worker", "next_worker"}}
    with pytest.raises(WrongState):
        designing.open_(survey.pk, by=town.dispatcher, now=town.now)
    same = Told("survey", "窝棚排查", due_at=survey.due_at)
    with pytest.raises(StalePage):
        designing.change(survey.pk, same, by=town.dispatcher, now=town.now, version=1)
    with pytest.raises(WrongState):
        designing.discard(survey.pk, by=town.dispatcher)
    designing.discard(empty.pk, by=town.dispatcher)
    assert versions.draft_of(empty.owner) is None
    # Those whom it does not reach do not see it; the office above does.
    for name, sees in {"worker": 1, "far_worker": 0, "other_town_dispatcher": 0, "auditor": 0,
                       "district_leader": 1, "administrator": 1, "handler": 0}.items():  # fmt: skip
        seen = Survey.objects.visible_to(town.actor(name)).filter(pk=survey.pk)
        assert (name, seen.count()) == (name, sees)


def test_an_entry_lies_where_its_pin_is_and_is_there_once(town: Town) -> None:
    survey = opened(town)
    name, said = uuid.uuid4(), uuid.uuid4()
    first = enter(town, survey, entry=name, answers=said)
    again = enter(town, survey, entry=name, answers=said)
    assert (first.pk, again.pk, SurveyEntry.objects.count()) == (name, name, 1)
    assert (first.area_code, first.name, first.place) == (GRID_1, "东街菜棚", "东街口鱼塘边")
    assert (first.source, first.made_by) == ("visit", town.worker.account_id)
    with pytest.raises(KeyReused):
        enter(town, survey, answers=said)
    with pytest.raises(Missing, check=lambda error: error.field == "lon"):
        enter(town, survey, spot=Spot())
    with pytest.raises(BadInput, check=lambda error: error.field == "lon"):
        enter(town, survey, spot=Spot(*SPOTS[GRID_2]))  # the neighbour's grid
    with pytest.raises(NotFound):
        enter(town, survey, by=town.far_worker, spot=Spot(*SPOTS[GRID_3]))
    with pytest.raises(BadInput, check=lambda error: error.field == "lon"):
        enter(town, survey, by=town.dispatcher, spot=Spot(*SPOTS[GRID_3]))  # not asked for there
    with pytest.raises(WrongAnswers, check=lambda error: set(error.troubles) == {"people"}):
        enter(town, survey, given=GIVEN | {"people": None})
    with pytest.raises(NotAllowed):
        enter(town, survey, by=town.checker)


def test_what_tells_of_a_person_is_sealed_and_shown_for_a_purpose(town: Town) -> None:
    survey = opened(town)
    given = GIVEN | {"name": "老李菜棚 13800138000"}
    entry = enter(town, survey, given=given, spot=Spot(*SPOTS[GRID_1], "找 13900139000"))
    row = answers.latest(entry)
    for kept in (row.body, row.masked, entry.name, entry.words, entry.place):
        assert not any(each in kept for each in ("13800138000", "13900139000", "张三丰"))
    assert {each.id: each.words for each in answers.said_of(row)}["owner"] == "张**"
    with pytest.raises(Missing):
        answers.reveal(entry, by=town.worker, purpose="", now=town.now)
    for by, refusal in ((town.next_worker, NotFound), (town.town_leader, NotAllowed)):
        with pytest.raises(refusal):
            answers.reveal(entry, by=by, purpose="visit", now=town.now)
    clear = answers.reveal(entry, by=town.worker, purpose="visit", now=town.now)
    assert {each.id: each.words for each in clear} == {
        "name": "老李菜棚 13800138000", "owner": "张三丰"
    }  # fmt: skip
    log = AccessLog.objects.get(action="reveal_entry")
    assert (log.subject_id, log.fields) == (str(entry.pk), ["name", "owner"])


def test_a_correction_keeps_what_is_sealed_and_photos_and_says_what_changed(town: Town) -> None:
    survey = opened(town)
    shot = photo(town)
    entry = enter(town, survey, given=GIVEN | {"shot": [str(shot)]})
    assert list(entry.photos.values_list("attachment", flat=True)) == [shot]
    with pytest.raises(BadInput, check=lambda error: error.field == "photos"):
        enter(town, survey, given=GIVEN | {"shot": [str(shot)]})  # it is used already
    mended = GIVEN | {"people": 5, "owner": ""}
    with pytest.raises(StalePage):
        enter(town, survey, entry=entry.pk, given=mended, version=7)
    now = enter(town, survey, entry=entry.pk, given=mended, version=1)
    before, after = entry.answers.order_by("seq")
    assert answers.opened(after) == {"owner": "张三丰"}
    assert after.plain["shot"] == [str(shot)]
    assert answers.changed(before, after) == [("住了几人", "3", "5")]
    assert (now.version, SurveyEntry.objects.count()) == (2, 1)
    with pytest.raises(NotFound):
        enter(town, survey, by=town.next_worker, entry=entry.pk, spot=Spot(*SPOTS[GRID_2]))


def test_somebody_else_looks_and_what_is_sent_back_comes_again(town: Town, jobs: Any) -> None:
    survey = opened(town)
    told(jobs())
    entry = enter(town, survey, by=town.village_dispatcher)
    assert entry.sampled
    assert list(looking.queue(survey.pk, town.village_dispatcher)) == []
    assert list(looking.queue(survey.pk, town.checker)) == [entry]
    assert list(looking.queue(survey.pk, town.worker)) == []
    with pytest.raises(NotAllowed):
        looking.let_pass(entry.pk, by=town.village_dispatcher, now=town.now)
    with pytest.raises(NotAllowed):
        looking.let_pass(entry.pk, by=town.worker, now=town.now)
    with pytest.raises(NotFound):
        looking.let_pass(entry.pk, by=town.other_town_checker, now=town.now)
    with pytest.raises(Missing, check=lambda error: error.field == "reason"):
        looking.send_back(entry.pk, by=town.checker, now=town.now, reason=" ")
    back = looking.send_back(entry.pk, by=town.checker, now=town.now, reason="照片看不清")
    assert told(jobs()) == {"survey_sent_back": {"village_dispatcher"}}
    with pytest.raises(WrongState):
        looking.let_pass(back.pk, by=town.checker, now=town.now)
    anew = enter(town, survey, by=town.village_dispatcher, entry=entry.pk, version=back.version)
    assert (anew.state, anew.looked_by) == ("kept", None)
    good = looking.let_pass(anew.pk, by=town.checker, now=town.now)
    assert (good.state, good.checked_by) == ("passed", town.checker.account_id)
    verbs = list(entry.steps.order_by("seq").values_list("verb", flat=True))
    assert verbs == ["enter", "send_back", "correct", "pass"]
    assert entry.texts.get().body == "照片看不清"
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyEntry.objects.filter(pk=entry.pk).update(looked_by=good.told_by)


def test_targets_are_placed_counted_and_entered_once(town: Town) -> None:
    there = village(town)
    lon, lat = SPOTS[GRID_2]
    lines = f"五金店，东街12号3栋\n鱼塘棚,{lon},{lat}\n"
    survey = opened(town, targets=lines)
    shop, pond = SurveyTarget.objects.filter(survey=survey).order_by("area_code")
    assert (shop.area_code, shop.address) == (GRID_1, there.house)
    assert (pond.area_code, pond.address) == (GRID_2, None)
    assert targeting.add_lines(survey.pk, lines, by=town.dispatcher, now=town.now) == 0
    assert targeting.take(survey.pk, "units:shop", by=town.dispatcher, now=town.now) == 1
    assert targeting.take(survey.pk, "rented", by=town.dispatcher, now=town.now) == 1
    with pytest.raises(BadInput, match="2"):
        targeting.add_lines(survey.pk, "好\t东街12号\n没有地方", by=town.dispatcher, now=town.now)
    entry = enter(town, survey, target=shop.pk, spot=Spot())
    assert (entry.name, entry.area_code, entry.address) == ("五金店", GRID_1, there.house)
    with pytest.raises(WrongState):
        enter(town, survey, target=shop.pk)
    with pytest.raises(NotFound):
        enter(town, survey, target=pond.pk)  # the neighbour's
    with pytest.raises(WrongState):
        targeting.remove(shop.pk, by=town.dispatcher)
    for each in SurveyTarget.objects.filter(survey=survey, done_at=None, area_code=GRID_1):
        collecting.hinder(each.pk, by=town.worker, now=town.now, why="gone")
    figures = progress.by_grid(survey, town.dispatcher)
    mine, next_ = figures[GRID_1], figures[GRID_2]
    assert (mine.targets, mine.visited, mine.hindered, mine.through) == (3, 1, 2, 1)
    assert (next_.targets, next_.visited, next_.through) == (1, 0, 0)
    assert progress.in_all(figures.values()).percent == 75
    looking.send_back(entry.pk, by=town.checker, now=town.now, reason="地址不对")
    assert progress.by_grid(survey, town.dispatcher)[GRID_1].percent == 66
    targeting.remove(pond.pk, by=town.dispatcher)


def test_without_targets_a_grid_says_when_it_is_through(town: Town) -> None:
    survey = opened(town)
    assert collecting.finish(survey.pk, by=town.worker, now=town.now)
    assert collecting.finish(survey.pk, by=town.worker, now=town.now)  # again is the same
    how = progress.in_all(progress.by_grid(survey, town.dispatcher).values())
    assert (how.grids, how.through, how.percent) == (2, 1, 50)
    collecting.finish(survey.pk, by=town.worker, now=town.now, undo=True)
    with pytest.raises(NotAllowed):
        collecting.finish(survey.pk, by=town.head, now=town.now)  # the whole village's
    register = opened(town, kind="register", due_at=None)
    with pytest.raises(WrongState):
        collecting.finish(register.pk, by=town.worker, now=town.now)
    lon, lat = SPOTS[GRID_1]
    targeting.add_lines(survey.pk, f"鱼塘棚,{lon},{lat}", by=town.dispatcher, now=town.now)
    with pytest.raises(WrongState):
        collecting.finish(survey.pk, by=town.worker, now=town.now)


def test_the_deadline_tells_who_is_not_through(town: Town, jobs: Any) -> None:
    survey = opened(town)
    collecting.finish(survey.pk, by=town.worker, now=town.now)
    told(jobs())
    assert climbing.climb_all(now=town.now + timedelta(days=5)) == 0
    soon = town.now + timedelta(days=7)
    assert climbing.climb_all(now=soon) == 1
    assert climbing.climb_all(now=soon) == 0
    assert told(jobs()) == {"survey_due_soon": {"next_worker"}}
    climbing.climb_all(now=town.now + timedelta(days=9))
    assert told(jobs()) == {
        "survey_late": {"next_worker"}, "survey_late_here": {"village_dispatcher"}
    }  # fmt: skip
    climbing.climb_all(now=town.now + timedelta(days=17))
    assert told(jobs()) == {"survey_late_here": {"dispatcher", "second_dispatcher"}}


def test_what_was_answered_before_the_end_may_arrive_after_it(town: Town) -> None:
    survey = opened(town)
    form = versions.in_force(survey.owner)
    assert form is not None
    other = {"questions": [*QUESTIONS["questions"], {"id": "new", "kind": "text", "label": "新",
             "required": True}]}  # fmt: skip
    designing.write_questions(survey.pk, other, by=town.dispatcher, now=town.now, seen=None)
    designing.publish_questions(survey.pk, by=town.dispatcher, now=town.now)
    with pytest.raises(WrongAnswers):
        enter(town, survey)
    assert enter(town, survey, form=form.id).name == "东街菜棚"  # the phone had the older ones
    later = town.now + timedelta(hours=2)
    designing.close(survey.pk, by=town.dispatcher, now=town.now + timedelta(hours=1))
    with pytest.raises(WrongState):
        enter(town, survey, form=form.id, now=later)
    assert enter(town, survey, form=form.id, now=later, at=town.now + timedelta(minutes=5))


def test_an_entry_is_confirmed_goes_stale_and_ends(town: Town) -> None:
    survey = opened(town, stale_days=30)
    entry = enter(town, survey)
    assert not entry.is_stale(town.now + timedelta(days=29))
    assert entry.is_stale(town.now + timedelta(days=31))
    entry = collecting.confirm(entry.pk, by=town.worker, now=town.now + timedelta(days=31))
    assert not entry.is_stale(town.now + timedelta(days=40))
    with pytest.raises(NotAllowed):
        collecting.end(entry.pk, by=town.town_leader, now=town.now)
    ended = collecting.end(entry.pk, by=town.worker, now=town.now)
    assert not ended.is_living
    with pytest.raises(NotFound):
        collecting.confirm(entry.pk, by=town.worker, now=town.now)


def test_entries_follow_grids_that_are_drawn_anew_and_buildings_that_move(town: Town) -> None:
    there, survey = village(town), opened(town, targets="五金店,东街12号3栋")
    following.follow(now=town.now)
    target = survey.targets.get()
    of_target = enter(town, survey, target=target.pk, spot=Spot())
    pinned = enter(town, survey)
    one, other = Grid.objects.get(code=GRID_1), Grid.objects.get(code=GRID_2)
    Grid.objects.filter(code=GRID_1).update(outline=other.outline)
    Grid.objects.filter(code=GRID_2).update(outline=one.outline)
    raise_versions([DISTRICT])
    following.follow(now=town.now)
    pinned.refresh_from_db()
    assert pinned.area_code == GRID_2
    addressing.Address.objects.filter(pk=there.house.pk).update(area_code=GRID_2)
    assert following.follow(now=town.now) == 2
    of_target.refresh_from_db()
    assert of_target.area_code == GRID_2
    assert following.follow(now=town.now) == 0


def test_administrators_design_and_see_nothing_of_what_was_entered(town: Town) -> None:
    enter(town, opened(town))
    for by in (town.administrator, town.auditor, town.handler):
        assert SurveyEntry.objects.visible_to(by).count() == 0
        assert SurveyTarget.objects.visible_to(by).count() == 0
    for by in (town.worker, town.head, town.checker, town.town_leader, town.district_dispatcher):
        assert SurveyEntry.objects.visible_to(by).count() == 1
    assert SurveyEntry.objects.visible_to(town.next_worker).count() == 0


def test_every_district_begins_with_three_registers(town: Town) -> None:
    found = {each.title: each for each in Survey.objects.filter(area_code=DISTRICT)}
    assert set(found) == {"排水户台账", "污染源台账", "窝棚菜棚台账"}
    for each in found.values():
        form = versions.in_force(each.owner)
        assert form is not None
        assert (each.kind, each.state) == ("register", "open")
        # Each asks for a photo, and who answers for it stays sealed.
        assert any(one.kind == "photo" and one.required for one in form.definition.asks)
        assert form.definition.by_id["contact"].sensitive
    assert loading.load_registers() == 0
    sheds = found["窝棚菜棚台账"]
    assert sheds.pk == loading.register_id(DISTRICT, "sheds")
    # Edited afterwards, as any other one.
    designing.write_questions(sheds.pk, QUESTIONS, by=town.administrator, now=town.now, seen=None)
    made = designing.publish_questions(sheds.pk, by=town.administrator, now=town.now)
    assert made.version == 2
    loading.load_registers()
    assert versions.in_force(sheds.owner) == made
    assert SYSTEM.is_system


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_one_target_at_once_make_one_entry() -> None:
    from django.db import connections

    from tests.cases.town import Town

    town = Town()
    lon, lat = SPOTS[GRID_1]
    survey = opened(town, targets=f"鱼塘棚,{lon},{lat}")
    target, start, found = survey.targets.get(), threading.Barrier(2), []

    def go(by: Any) -> None:
        start.wait()
        try:
            found.append(enter(town, survey, by=by, target=target.pk))
        except HuyingError as error:
            found.append(error)
        finally:
            connections.close_all()

    both = [threading.Thread(target=go, args=[by]) for by in (town.worker, town.head)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(type(each).__name__ for each in found) == ["SurveyEntry", "WrongState"]
    assert SurveyEntry.objects.count() == 1
