"""Where cases were, and words of tasks, handovers and entries, go by rule; what counts stays."""

from __future__ import annotations

from datetime import timedelta

from huying.audit.verifying import verify
from huying.cases.models import Attachment, Case, CaseAddressWords
from huying.desk.models import Handover, HandoverText
from huying.people.acting import SYSTEM
from huying.requests import taking
from huying.response.whistles import Whistle
from huying.retention import deciding, running
from huying.surveys import answers, collecting
from huying.tasks.models import GridTask, Task
from tests.cases.town import GRID_1, SPOTS, TOWN, Town
from tests.retention.test_retention import closed, run, switched_on
from tests.surveys.test_surveys import GIVEN, enter, opened
from tests.tasks.test_tasks import done, issued, part

LON, LAT = SPOTS[GRID_1]


def test_the_exact_place_of_a_closed_case_becomes_its_grid_and_the_log_stays_whole(
    town: Town,
) -> None:
    case = closed(town, address="东街12号3栋502", lon=LON, lat=LAT)
    Case.objects.filter(pk=case.pk).update(told_lon=LON, told_lat=LAT, accuracy_m=8)
    going_on = town.report(address="东街14号", lon=LON, lat=LAT)
    grid = Case.objects.get(pk=case.pk).grid_code
    assert grid
    switched_on("case_places")
    assert run(case.ended_at + timedelta(days=1094), "case_places")["case_places"]["gone"] == 0
    later = case.ended_at + timedelta(days=1096)
    assert run(later, "case_places", dry=True)["case_places"]["due"] == 1
    assert Case.objects.get(pk=case.pk).address == "东街12号3栋502"
    assert run(later, "case_places")["case_places"]["gone"] == 1
    row = Case.objects.get(pk=case.pk)
    assert (row.address, row.lon, row.lat, row.told_lon, row.told_lat, row.accuracy_m) == (
        "", None, None, None, None, None,
    )  # fmt: skip
    assert (row.grid_code, row.area_code) == (grid, grid)
    assert not CaseAddressWords.objects.filter(case=case).exists()
    assert not Attachment.objects.filter(case=case, lon__isnull=False).exists()
    assert case.events.filter(verb="erased", data__place="erased").count() == 1
    assert verify().ok
    # What goes on keeps its place, and a second run finds nothing.
    assert Case.objects.get(pk=going_on.pk).address == "东街14号"
    assert run(later, "case_places", dry=True)["case_places"]["due"] == 0


def test_a_case_under_hold_keeps_its_place(town: Town) -> None:
    case = closed(town, address="东街12号", lon=LON, lat=LAT)
    later = case.ended_at + timedelta(days=1200)
    deciding.hold(
        "case", case.number, reason="litigation", words="", by=town.administrator, now=town.now
    )
    told = run(later, "case_places", dry=True)["case_places"]
    assert (told["due"], told["held"]) == (0, {"litigation": 1})


def test_words_of_handovers_go_and_the_handover_stays(town: Town) -> None:
    account = town.accounts["dispatcher"]
    note = Handover.objects.create(
        district_code=TOWN[:6], area_code=TOWN, serial=1, written_by=account,
        written_at=town.now, next_ends_at=town.now + timedelta(hours=8),
    )  # fmt: skip
    HandoverText.objects.create(handover=note, kind="free", body="张三丰家属会再来电")
    switched_on("handover_words")
    assert run(town.now + timedelta(days=364), "handover_words")["handover_words"]["gone"] == 0
    assert run(town.now + timedelta(days=366), "handover_words")["handover_words"]["gone"] == 1
    assert not HandoverText.objects.exists()
    assert Handover.objects.filter(pk=note.pk).exists()


def test_words_of_tasks_go_once_nobody_is_at_them(town: Town) -> None:
    task = issued(town)
    done(town, task)
    codes = ("task_orders", "task_results")
    switched_on(*codes)
    later = task.due_at + timedelta(days=1826)
    # Another grid has not done its part yet: what is asked stays readable.
    told = run(later, *codes)
    assert {code: each["gone"] for code, each in told.items()} == {
        "task_orders": 0, "task_results": 1,
    }  # fmt: skip
    one = part(task)
    assert (one.words, one.answers, one.state) == ("***", {}, one.state)
    GridTask.objects.filter(task=task, done_at=None).update(state="cancelled", climb_at=None)
    assert run(later, *codes)["task_orders"]["gone"] == 1
    kept = Task.objects.get(pk=task.pk)
    assert (kept.words, kept.title) == ("***", task.title)
    assert sum(each["due"] for each in run(later, *codes, dry=True).values()) == 0


def test_words_in_entries_go_and_figures_stay(town: Town) -> None:
    survey = opened(town)
    ended, living = enter(town, survey), enter(town, survey)
    collecting.end(ended.pk, by=town.worker, now=town.now)
    switched_on("entry_answers")
    later = town.now + timedelta(days=1830)
    assert run(later, "entry_answers", dry=True)["entry_answers"]["due"] == 1
    assert run(later, "entry_answers")["entry_answers"]["gone"] == 1
    ended.refresh_from_db()
    assert (ended.name, ended.place, ended.words, ended.lon) == ("***", "", "", None)
    assert answers.latest(ended).plain == {"lived_in": True, "people": 3}
    living.refresh_from_db()
    assert living.name == "东街菜棚"
    assert run(later, "entry_answers", dry=True)["entry_answers"]["due"] == 0


def test_a_whistle_of_the_case_forgets_where_it_called_to(town: Town) -> None:
    case = closed(town, address="东街12号", lon=LON, lat=LAT)
    Whistle.objects.create(
        district_code=TOWN[:6], case=case, sort="joint", caller_code=TOWN, area_code=GRID_1,
        address="东街12号", lon=LON, lat=LAT, blown_at=town.now,
    )  # fmt: skip
    switched_on("case_places")
    row = running.begin(
        dry=False, by=SYSTEM, now=case.ended_at + timedelta(days=1200), rules=["case_places"]
    )
    running.do(row, now=case.ended_at + timedelta(days=1200))
    called = Whistle.objects.get()
    assert (called.address, called.lon, called.lat, called.area_code) == ("", None, None, GRID_1)


def test_an_entry_that_somebody_asks_about_stays_meanwhile(town: Town) -> None:
    survey = opened(town)
    ended = enter(town, survey, given=GIVEN | {"owner": "13800138000"})
    collecting.end(ended.pk, by=town.worker, now=town.now)
    told = taking.Told("see", "called_back", "张三丰", phone="13800138000")
    row = taking.take(told, by=town.dispatcher, now=town.now)
    assert row.records.get().subject_id == ended.pk
    later = town.now + timedelta(days=1900)
    for code in ("ended_entries", "entry_answers"):
        found = run(later, code, dry=True)[code]
        assert (found["due"], found["held"]) == (0, {"request": 1})
