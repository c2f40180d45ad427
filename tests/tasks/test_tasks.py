"""A town gives its grids a task; how it is done, given back, looked at, pressed for and late."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.attaching import sweep
from huying.cases.models import Attachment, Channel
from huying.errors import BadInput, HuyingError, Missing, NotAllowed, NotFound, WrongState
from huying.forms.answering import WrongAnswers
from huying.notices.models import Notice
from huying.notices.telling import tell_later
from huying.tasks import checking, climbing, doing, issuing
from huying.tasks.asking import Asked
from huying.tasks.concerned import said
from huying.tasks.models import GridTask, State, Task, TaskStep, TaskText
from tests.cases.town import DISTRICT, GRID_1, GRID_2, GRID_3, LINGBIAN, TOWN, XIAOLONG

if TYPE_CHECKING:
    from tests.cases.town import Town

FIRE_TALK = "0302"
QUESTIONS = (Asked("走访了几户？", "number"), Asked("有无隐患？", "one_of", "无，有"))
ANSWERS = {"q1": 12, "q2": "无"}


def issued(town: Town, **more: Any) -> Task:
    """A task of the town for 小龙村, due in 100 hours."""
    given = {
        "by": town.dispatcher,
        "now": town.now,
        "item": FIRE_TALK,
        "title": "电动车入户充电入户宣传",
        "words": "逐户上门讲解，签承诺书。",
        "areas": [XIAOLONG],
        "due_at": town.now + timedelta(hours=100),
    }
    return issuing.issue(**(given | more))


def part(task: Task, grid: str = GRID_1) -> GridTask:
    return GridTask.objects.get(task=task, grid_code=grid)


def done(town: Town, task: Task, **more: Any) -> GridTask:
    photo = town.photo(by="worker").pk
    given = {
        "by": town.worker,
        "now": town.later(hours=1),
        "words": "走访十二户",
        "photos": [photo],
    }
    return doing.complete(part(task).pk, **(given | more))


def told() -> dict[str, set[str]]:
    """Who was told what since it was last asked: kinds, and the user names of those told."""
    for job in ProcrastinateJob.objects.filter(task_name="tell").order_by("id"):
        tell_later(**job.args)
    ProcrastinateJob.objects.all().delete()
    found: dict[str, set[str]] = {}
    for kind, name in Notice.objects.values_list("kind", "account__username"):
        found.setdefault(kind, set()).add(name.removeprefix("town-"))
    Notice.objects.all().delete()
    return found


def refused(error: type[HuyingError], field: str | None = None) -> Any:
    return pytest.raises(error, check=lambda caught: field is None or caught.field == field)


def test_each_live_grid_of_the_areas_gets_a_part_and_its_worker_is_told(town: Town) -> None:
    task = issued(town, areas=[XIAOLONG, GRID_1, GRID_3])
    grids = list(task.parts.values_list("grid_code", flat=True))
    assert grids == [GRID_1, GRID_2, GRID_3]
    assert told() == {"task_issued": {"worker", "next_worker", "far_worker"}}
    assert set(TaskStep.objects.values_list("verb", flat=True)) == {"issue"}


def test_who_may_issue_and_what(town: Town) -> None:
    for actor in (town.dispatcher, town.town_leader, town.district_dispatcher):
        assert issued(town, by=actor).issuer_code == actor.area_code
    before = Task.objects.count()
    for actor in (town.village_dispatcher, town.community_leader, town.worker, town.checker):
        with refused(NotAllowed):
            issued(town, by=actor)
    wrong: list[tuple[type[HuyingError], str, dict[str, Any]]] = [
        (BadInput, "item", {"item": "0204"}),
        (Missing, "title", {"title": " "}),
        (Missing, "words", {"words": ""}),
        (Missing, "due_at", {"due_at": None}),
        (BadInput, "due_at", {"due_at": town.now}),
        (Missing, "grids", {"areas": []}),
        (BadInput, "grids", {"areas": ["440113102"]}),
        (BadInput, "questions", {"questions": [Asked("选哪个？", "one_of", "")]}),
    ]
    for error, field, more in wrong:
        with refused(error, field):
            issued(town, **more)
    assert Task.objects.count() == before


def test_a_part_is_done_with_photo_words_and_answers_by_who_walks_the_grid(town: Town) -> None:
    task = issued(town, questions=QUESTIONS)
    mine, photo = part(task).pk, town.photo(by="worker").pk
    with refused(NotFound):
        doing.complete(mine, by=town.next_worker, now=town.now, words="x", photos=[photo])
    with refused(NotAllowed):
        doing.complete(mine, by=town.dispatcher, now=town.now, words="x", photos=[photo])
    with refused(Missing, "photos"):
        done(town, task, photos=[], answers=ANSWERS)
    with refused(Missing, "words"):
        done(town, task, words="", answers=ANSWERS)
    with refused(WrongAnswers):
        done(town, task, answers={"q1": "许多", "q2": "无"})
    with refused(BadInput, "photos"):
        done(town, task, photos=[town.photo(by="next_worker").pk], answers=ANSWERS)
    found = done(town, task, answers=ANSWERS, photos=[photo], lon=113.4, lat=22.9)
    assert (found.state, found.answers, found.climb_at) == (State.DONE, ANSWERS, None)
    # The photo belongs to the task now: no sweep takes it, no case can.
    sweep(now=town.now + timedelta(days=9))
    assert Attachment.objects.get(pk=photo).held
    with refused(BadInput, "photos"):
        town.report(by=town.worker, channel=Channel.PATROL, lon=113.405, lat=22.905, photos=[photo])
    with refused(WrongState):
        done(town, task, answers=ANSWERS)


def test_given_back_with_a_reason_it_is_asked_for_again_or_recalled(town: Town) -> None:
    task = issued(town)
    told()
    with refused(Missing, "reason"):
        doing.give_back(part(task).pk, by=town.worker, now=town.now, reason=" ")
    doing.give_back(part(task).pk, by=town.worker, now=town.now, reason="本格已拆迁，无住户")
    assert told() == {"task_given_back": {"dispatcher", "second_dispatcher", "village_dispatcher"}}
    with refused(NotAllowed):
        checking.ask_again(part(task).pk, by=town.worker, now=town.now, reason="x")
    again = checking.ask_again(
        part(task).pk, by=town.village_dispatcher, now=town.now, reason="仍有三户"
    )
    assert (again.state, again.round) == (State.OPEN, 1)
    assert told() == {"task_again": {"worker"}}
    recalled = issuing.recall(
        task.pk, by=town.town_leader, now=town.now, reason="与区里任务合并", part=again.pk
    )
    assert recalled == 1
    assert told() == {"task_recalled": {"worker"}}
    assert list(TaskText.objects.order_by("pk").values_list("body", flat=True)) == [
        "本格已拆迁，无住户",
        "仍有三户",
        "与区里任务合并",
    ]


def test_somebody_else_looks_at_it_and_lets_it_pass_or_wants_it_again(town: Town) -> None:
    task = issued(town)
    found = done(town, task)
    with refused(NotFound):
        checking.let_pass(found.pk, by=town.other_town_dispatcher, now=town.now)
    again = checking.ask_again(found.pk, by=town.checker, now=town.now, reason="照片看不清")
    assert (again.words, again.done_at, again.climb_at is not None) == ("", None, True)
    assert again.due_at >= town.now + checking.MORE_TIME
    passed = checking.let_pass(done(town, task).pk, by=town.community_leader, now=town.now)
    assert passed.state == State.PASSED
    with refused(WrongState):
        checking.ask_again(passed.pk, by=town.checker, now=town.now, reason="x")


def test_the_database_has_the_last_word(town: Town) -> None:
    task = issued(town)
    found, worker = done(town, task), town.accounts["worker"].pk
    rows = GridTask.objects.filter(pk=found.pk)
    for wrong in (
        {"state": "passed", "checked_at": town.now, "checked_by": worker},
        {"grid_code": "440113102001001"},
        {"done_by": None},
        {"climb_at": town.now},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(item_code="0204")


def test_who_is_late_climbs_rung_by_rung_each_told_once(town: Town) -> None:
    task = issued(town, areas=[XIAOLONG, LINGBIAN])
    begun = town.now
    done(town, task)
    told()

    def at(hours: float) -> dict[str, set[str]]:
        climbing.climb_all(now=begun + timedelta(hours=hours))
        return told()

    late = {"next_worker", "far_worker"}
    assert at(74) == {}
    assert at(76) == {"task_due_soon": late}
    assert at(77) == {}
    assert at(101) == {"task_late": late, "task_late_here": {"village_dispatcher"}}
    town_desk = {"dispatcher", "second_dispatcher"}
    assert at(201) == {"task_long_late": town_desk}
    assert at(999) == {}
    assert not GridTask.objects.to_climb(begun + timedelta(days=999)).exists()


def test_a_run_that_was_missed_is_made_up_for_and_districts_learn_of_their_own(
    town: Town,
) -> None:
    issued(town, by=town.district_dispatcher, areas=[XIAOLONG])
    told()
    climbing.climb_all(now=town.now + timedelta(hours=500))
    found = told()
    assert set(found) == {"task_due_soon", "task_late", "task_late_here", "task_long_late"}
    assert found["task_long_late"] == {"dispatcher", "second_dispatcher", "district_dispatcher"}
    # One notice for both grids of the village, with their number.
    assert Notice.objects.count() == 0


def test_pressing_is_for_the_office_once_an_hour_and_for_those_who_are_not_done(
    town: Town,
) -> None:
    task = issued(town)
    done(town, task)
    told()
    with refused(NotAllowed):
        issuing.urge(task.pk, by=town.village_dispatcher, now=town.now)
    assert issuing.urge(task.pk, by=town.dispatcher, now=town.now) == 1
    assert told() == {"task_urged": {"next_worker"}}
    with refused(WrongState):
        issuing.urge(task.pk, by=town.dispatcher, now=town.now)
    assert issuing.urge(task.pk, by=town.dispatcher, now=town.later(hours=2)) == 1


def test_each_is_pressed_with_the_deadline_of_its_own_part(town: Town) -> None:
    task = issued(town)
    done(town, task)
    later = town.now + timedelta(days=9)
    checking.ask_again(
        part(task).pk, by=town.checker, now=town.now, reason="照片看不清", until=later
    )
    told()
    assert issuing.urge(task.pk, by=town.dispatcher, now=town.now) == 2
    for job in ProcrastinateJob.objects.filter(task_name="tell"):
        tell_later(**job.args)
    heard = dict(Notice.objects.values_list("account__username", "data__due"))
    for name, due in (("worker", later), ("next_worker", task.due_at)):
        assert heard[f"town-{name}"] == said(due)


def test_recalling_asks_the_database_no_more_for_many_grids_than_for_one(town: Town) -> None:
    asked = []
    for areas in ([GRID_1], [XIAOLONG, LINGBIAN]):
        task = issued(town, areas=areas)
        with CaptureQueriesContext(connection) as seen:
            issuing.recall(task.pk, by=town.dispatcher, now=town.now, reason="改期")
        asked.append(len(seen))
        assert set(task.parts.values_list("state", "climb_at", "last_seq")) == {
            ("cancelled", None, 2)
        }
        steps = TaskStep.objects.filter(part__task=task, verb="recall")
        assert set(steps.values_list("seq", flat=True)) == {2}
        words = TaskText.objects.filter(part__task=task).values_list("seq", "body")
        assert list(words) == [(2, "改期")] * task.parts.count()
    assert asked[0] == asked[1]


def test_recalled_whole_it_leaves_what_is_done_and_climbs_no_more(town: Town) -> None:
    task = issued(town)
    done(town, task)
    with refused(NotFound):
        issuing.recall(task.pk, by=town.other_town_dispatcher, now=town.now, reason="x")
    assert issuing.recall(task.pk, by=town.dispatcher, now=town.now, reason="改期") == 1
    states = dict(task.parts.values_list("grid_code", "state"))
    assert states == {GRID_1: "done", GRID_2: "cancelled"}
    with refused(WrongState):
        issuing.recall(task.pk, by=town.dispatcher, now=town.now, reason="改期")


def test_a_case_comes_only_of_what_was_found_and_knows_its_task(town: Town) -> None:
    task = issued(town)
    photo = town.photo("photo_before", by="worker").pk
    case = town.report(
        "充电线从窗口拉下", by=town.worker, channel=Channel.PATROL, photos=[photo],
        lon=113.405, lat=22.905,
    )  # fmt: skip
    for _again in range(2):
        doing.found(part(task).pk, by=town.worker, now=town.now, number=case.number)
    assert case.found_by_task.part == part(task)
    assert TaskStep.objects.filter(verb="found").count() == 1
    others = town.report("别人的")
    with refused(NotFound):
        doing.found(part(task).pk, by=town.worker, now=town.now, number=others.number)


def test_who_sees_which_parts(town: Town) -> None:
    issued(town, areas=[XIAOLONG, LINGBIAN])

    def grids(name: str) -> list[str]:
        seen = GridTask.objects.visible_to(town.actor(name))
        return list(seen.values_list("grid_code", flat=True))

    assert grids("worker") == [GRID_1]
    assert grids("head") == grids("village_dispatcher") == [GRID_1, GRID_2]
    assert grids("district_leader") == [GRID_1, GRID_2, GRID_3]
    for nobody in ("handler", "other_town_dispatcher", "auditor", "administrator"):
        assert grids(nobody) == []
        assert not Task.objects.visible_to(town.actor(nobody)).exists()
    assert (town.dispatcher.area_code[:6], town.dispatcher.area_code) == (DISTRICT, TOWN)


def test_questions_are_lines_that_become_a_form(town: Town) -> None:
    task = issued(town, questions=[*QUESTIONS, Asked(" ", "text")])
    assert task.form is not None
    assert [row["id"] for row in task.form.definition["questions"]] == ["q1", "q2"]
    assert issued(town).form is None
    with refused(BadInput, "questions"):
        issued(town, questions=[Asked(f"第{n}问", "text") for n in range(7)])
