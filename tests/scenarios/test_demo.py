"""A small demo, loaded once: that it shows all there is, and that it came about as it should."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from huying.assessment.eventlog import Wanted, write_xes
from huying.assessment.pnml import pnml
from huying.assessment.scores.models import ClosedMonth, ScoreSheet, ScoreVeto, UnitRating
from huying.audit.verifying import verify
from huying.cases.models import (
    Attachment,
    Case,
    CaseContact,
    CaseEvent,
    CaseText,
    Extension,
    Suspension,
)
from huying.cases.net import net
from huying.cases.states import OPEN_STATES, State
from huying.clock.lights import Light
from huying.dispatch.models import Order
from huying.dispatch.standing import standing
from huying.fairness.models import Appeal
from huying.joint.models import (
    JointMeeting,
    JointNeed,
    JointProject,
    JointResolution,
    SharedBooking,
)
from huying.neighbours import figures, hours
from huying.neighbours.models import (
    Circle,
    CircleAttendance,
    HoursCertificate,
    Wish,
    WishClaim,
)
from huying.patrol.covering import cover, in_all
from huying.patrol.models import PatrolVisit, TrackPoint
from huying.people.acting import Actor, ActorKind
from huying.people.demo import AOYUAN, SHOWN_TOWN, SHOWN_VILLAGE, load_demo_people
from huying.people.models import Account, Role
from huying.places import locating, naming
from huying.places.loading import load_demo_grids
from huying.platforms.models import (
    Appointment,
    CanteenDay,
    MealOrder,
    OnlineGuide,
    PlatformActivity,
    ServicePoint,
)
from huying.response.figures import LEAST, PublishedMonth, cells_of
from huying.response.models import HandlingRecord, RecordKind
from huying.response.residents import CallBack, ResidentAsk
from huying.response.whistles import Call, CallState, Sort, Veto, Whistle
from huying.scenarios import demo, demo_plans
from huying.scenarios.demo_branches import load_branches
from huying.scenarios.demo_closed import load_closed
from huying.scenarios.demo_joint import load_joint
from huying.scenarios.demo_neighbours import load_neighbours
from huying.scenarios.demo_patrol import load_patrols
from huying.scenarios.demo_platforms import load_platforms
from huying.scenarios.demo_scores import load_scores
from huying.scenarios.demo_surveys import load_surveys
from huying.scenarios.demo_tasks import load_tasks
from huying.scenarios.demo_words import FIRST_PHONE
from huying.surveys.models import Survey, SurveyEntry
from huying.surveys.progress import by_grid
from huying.surveys.progress import in_all as whole
from huying.tasks.deadlines import Rung
from huying.tasks.models import GridTask
from huying.tasks.models import State as PartState
from tests.scenarios.mining import Mined

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
CASES = 66

pytestmark = pytest.mark.usefixtures("_readable")


@pytest.fixture(scope="module")
def loaded(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[demo.Loaded]:
    folder: Path = tmp_path_factory.mktemp("attachments")
    every_second = cycle((True, False))
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr("huying.cases.attaching.folder", lambda: folder)
        # The draw hangs on the case's id, which no seed gives.
        patch.setattr("huying.response.handling.drawn", lambda *_: next(every_second))
        with transaction.atomic():
            load_demo_grids(NOW)
            locating.refresh()
            naming.refresh()
            load_demo_people(NOW)
            yield demo.load_cases(NOW, CASES)
            transaction.set_rollback(True)
        locating.refresh()
        naming.refresh()


@pytest.fixture
def _readable(loaded: demo.Loaded, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def verbs() -> Counter[str]:
    return Counter(CaseEvent.objects.values_list("verb", flat=True))


def lights(desk: str) -> Counter[Light]:
    cases = Case.objects.open().held_by(desk).for_pages()
    return Counter(Light(standing(case, NOW).light) for case in cases)


def test_there_are_as_many_cases_as_were_asked_for(loaded: demo.Loaded) -> None:
    assert loaded.cases == CASES == Case.objects.count() == demo.cases_there()


def test_no_story_ended_early(loaded: demo.Loaded) -> None:
    assert loaded.stumbled == []


def test_every_state_is_there(loaded: demo.Loaded) -> None:
    assert set(loaded.states) == set(State.values)


def test_every_verb_was_done(loaded: demo.Loaded) -> None:
    from huying.intake.verbs import VERBS

    nobody_does = {"recompute", "erased", "undo"}
    # A sub-case would be a case more than was asked for, and the clock of parts does not run here.
    nobody_does |= {"split", "subs_ended", "part_overdue"}
    # Teams come on duty when the month is over.
    nobody_does |= {"alarm", "alarm_answer", "alarm_next"}
    # Nobody outside is asked in a demo.
    nobody_does |= {"ask_outside", "revoke_ask", "outside_answer"}
    # No desk above reaches down.
    nobody_does |= {"take_over"}
    # The demo's leaders are obeyed in time.
    nobody_does |= {"supervision_overdue", "instruction_overdue", "meeting_overdue"}
    # No resident answers here, takes a report back or wants to be forgotten.
    nobody_does |= {"resident_answer", "resident_withdraw"}
    nobody_does |= {"share_photos", "ask_erasure", "confirm_erasure"}
    # What an item asks is answered with the report.
    nobody_does |= {"ask_questions", "answer_questions"}
    assert set(verbs()) == (set(VERBS) | {"report"}) - nobody_does


def test_the_log_is_whole() -> None:
    proof = verify()
    assert proof.ok
    assert proof.cases == CASES


def test_residents_are_heard_and_a_month_is_published() -> None:
    (month,) = PublishedMonth.objects.all()
    assert sum(cell.closed for cell in cells_of(month)) >= LEAST
    assert ResidentAsk.objects.filter(answered_at=None).exists()
    assert CallBack.objects.filter(way="link").exists()
    assert CallBack.objects.filter(way="phone").exists()


def test_what_happens_to_cases_happened() -> None:
    cases = Case.objects.all()
    assert cases.filter(self_handled=True).exists()
    draws = CaseEvent.objects.filter(verb="settle").values_list("data__drawn", flat=True)
    assert set(draws) == {True, False}
    assert cases.filter(reworks__gte=1, state=State.CLOSED).exists()
    assert cases.filter(reopened=1, state=State.CLOSED).exists()
    assert cases.filter(reopened=1).open().exists()
    assert cases.exclude(emergency_words="").filter(emergency=True).exists()
    assert cases.exclude(emergency_words="").filter(emergency=False).exists()
    assert cases.filter(extension_asked=True).exists()
    assert set(Extension.objects.values_list("granted", flat=True)) == {True, False, None}
    assert Suspension.objects.filter(ended_at=None).exists()
    assert Suspension.objects.exclude(ended_at=None).exists()
    assert Order.objects.filter(suggested=True).exists()
    assert cases.overdue(NOW).exists()


def test_whistles_of_every_sort_stand_in_every_way() -> None:
    whistles = Whistle.objects.all()
    assert set(whistles.values_list("sort", flat=True)) == set(Sort.values)
    assert set(Call.objects.values_list("state", flat=True)) == set(CallState.values)
    assert whistles.filter(case=None).count() == 3
    assert whistles.exclude(case=None).count() >= 6
    assert Call.objects.overdue(NOW).filter(level_code=SHOWN_TOWN[:6], told__gt=0).exists()
    assert Call.objects.filter(unit__kind="branch", arrived_at__isnull=False).exists()
    assert "proposed" in set(Veto.objects.values_list("state", flat=True))
    assert not Call.objects.filter(climb_at__lt=NOW - timedelta(seconds=20)).exists()
    assert not Call.objects.filter(tell_at__lt=NOW - timedelta(seconds=20)).exists()


def test_what_units_wrote_down_has_numbers() -> None:
    records = HandlingRecord.objects.all()
    assert set(records.values_list("kind", flat=True)) == set(RecordKind.values)


def test_after_the_second_return_the_desk_above_has_it() -> None:
    moved = Case.objects.filter(returns=2)
    assert moved.open().exists()
    for case in moved:
        second = CaseEvent.objects.filter(case_id=case.pk, verb="return").order_by("seq")[1]
        assert len(second.data["holder"]) < len(second.data["from_holder"])


def test_the_desks_of_the_printed_accounts_have_all_lights() -> None:
    assert set(lights(SHOWN_TOWN)) == set(Light)
    assert set(lights(SHOWN_VILLAGE)) >= {Light.GREEN, Light.YELLOW, Light.RED}
    assert set(lights(SHOWN_TOWN[:6])) >= {Light.GREEN, Light.YELLOW, Light.RED}


def test_the_clock_walked_through_the_past_month_and_no_further() -> None:
    moments = list(CaseEvent.objects.values_list("at", flat=True))
    assert max(moments) <= NOW
    assert min(moments) >= NOW - timedelta(days=demo_plans.DAYS + 5)
    for case in Case.objects.all():
        at = list(
            CaseEvent.objects.filter(case_id=case.pk).order_by("seq").values_list("at", flat=True)
        )
        assert at == sorted(at)


def test_later_reports_have_later_numbers() -> None:
    cases = list(Case.objects.order_by("received_at", "number"))
    serials = [case.number[-8:] for case in cases]
    assert serials == sorted(serials)


def test_nothing_waits_for_the_worker_at_the_moment_it_is_loaded() -> None:
    assert not Case.objects.filter(wake_at__lte=NOW - timedelta(seconds=20)).exists()


def test_who_handled_never_checked() -> None:
    for case in Case.objects.exclude(handler=None):
        checks = CaseEvent.objects.filter(case_id=case.pk, verb__in=("check_pass", "check_fail"))
        assert case.handler_id not in set(checks.values_list("actor_id", flat=True))


def test_it_is_marked_as_made_up() -> None:
    assert not Account.objects.filter(demo=False).exists()
    assert all(case.reporter is not None for case in Case.objects.select_related("reporter"))
    masked = set(CaseContact.objects.values_list("phone_masked", flat=True))
    assert masked
    first = str(FIRST_PHONE)
    assert all(phone.startswith(first[:3]) and phone[3:7] == "****" for phone in masked)


def test_texts_are_filled_in() -> None:
    bodies = list(CaseText.objects.values_list("body", flat=True))
    assert not any("{" in body or "}" in body for body in bodies)
    descriptions = set(CaseText.objects.filter(kind="description").values_list("body", flat=True))
    assert len(descriptions) > 0.9 * CASES


def test_photos_are_there_for_every_row(loaded: demo.Loaded) -> None:
    from huying.cases.attaching import file_of

    photos = list(Attachment.objects.exclude(case=None))
    assert photos
    assert all(
        file_of(photo.pk, thumb=thumb).stat().st_size > 0
        for photo in photos
        for thumb in (True, False)
    )
    assert len({bytes(photo.digest) for photo in photos}) <= 12


def test_open_cases_have_a_deadline_unless_they_are_paused() -> None:
    for case in Case.objects.open():
        assert case.state in OPEN_STATES
        assert (case.due_at is None) == case.is_suspended


def test_tasks_from_above_stand_in_every_way() -> None:
    assert load_tasks(NOW) == 3
    assert load_tasks(NOW) == 0  # they are there already
    parts = GridTask.objects.all()
    assert set(parts.values_list("state", flat=True)) == set(PartState) - {PartState.CANCELLED}
    assert parts.late(NOW).filter(rung__gte=Rung.COMMUNITY).exists()
    assert parts.filter(round=1).exists()
    assert not parts.to_climb(NOW).exists()
    mine = parts.filter(grid_code__startswith=SHOWN_VILLAGE, state=PartState.OPEN)
    assert mine.exists()
    assert not parts.filter(done_at__gt=NOW).exists()


def test_registers_hold_entries_and_a_survey_is_under_way() -> None:
    made = load_surveys(NOW)
    assert made >= 33
    assert load_surveys(NOW) == 0  # they are there already
    found = SurveyEntry.objects.living()
    assert found.count() == made
    assert found.values("survey").distinct().count() == 4
    assert not found.filter(told_at__gt=NOW).exists()
    assert set(found.values_list("state", flat=True)) == {"kept", "passed", "sent_back"}
    head = Actor(ActorKind.ACCOUNT, role=Role.DISPATCHER, area_code=SHOWN_VILLAGE)
    survey = Survey.objects.get(title__contains="三合一")
    how = whole(by_grid(survey, head).values())
    assert 0 < how.visited < how.targets
    assert (how.hindered, how.sent_back) == (1, 1)


def test_patrols_have_places_visits_and_a_track() -> None:
    assert load_patrols(NOW) == 4
    assert load_patrols(NOW) == 0  # they are there already
    head = Actor(ActorKind.ACCOUNT, role=Role.DISPATCHER, area_code=SHOWN_VILLAGE)
    found = in_all(cover(head, NOW, 7))
    assert found.places >= 15
    assert 30 < (found.ratio or 0) < 100
    assert 0 < found.today_done < found.today
    assert not PatrolVisit.objects.filter(at__gt=NOW).exists()
    assert TrackPoint.objects.count() == 200


def test_service_points_are_open_and_booked() -> None:
    made = load_platforms(NOW)
    assert made >= 40
    assert load_platforms(NOW) == 0  # they are there already
    for area in (SHOWN_VILLAGE, AOYUAN):
        assert ServicePoint.objects.filter(area_code=area).count() == 3
        assert CanteenDay.objects.filter(area_code=area).count() == 10
        assert MealOrder.objects.filter(area_code=area, way="deliver").exists()
        assert OnlineGuide.objects.filter(area_code=area).count() == 5
        what = PlatformActivity.objects.filter(area_code=area)
        assert what.filter(attended_at__isnull=False).count() == 2
        assert what.filter(sign_ups__state="waiting").exists()
        states = Appointment.objects.filter(area_code=area).values_list("state", flat=True)
        assert {"booked", "came", "missed"} <= set(states)
    assert not Appointment.objects.filter(state="came", ends_at__gt=NOW).exists()
    assert not Appointment.objects.filter(state="booked", ends_at__lte=NOW).exists()


def test_neighbours_wish_claim_suggest_and_meet() -> None:
    assert load_neighbours(NOW) == 54
    assert load_neighbours(NOW) == 0  # they are there already
    for area, collected in ((SHOWN_VILLAGE, 14), (AOYUAN, 40)):
        whole = figures.of_area(area)
        assert whole.collected == collected
        assert whole.done >= 3
        assert set(Wish.objects.filter(area_code=area).values_list("state", flat=True)) == {
            "draft", "open", "done", "closed",
        }  # fmt: skip
        claims = WishClaim.objects.filter(wish__area_code=area)
        assert set(claims.values_list("state", flat=True)) == {
            "running", "reported", "done", "stalled",
        }  # fmt: skip
        assert Circle.objects.filter(area_code=area, tie="team").count() == 6
        ties = Circle.objects.filter(area_code=area).exclude(tie="team")
        assert len(set(ties.values_list("tie", flat=True))) == 5
    shown = Account.objects.get(username="member")
    (given, *_older) = hours.given_by(shown.pk)
    paper = HoursCertificate.objects.get(account=shown)
    assert (paper.circle, paper.minutes) == (given.circle, given.minutes)
    assert hours.check(paper.code) is not None
    assert not CircleAttendance.objects.filter(confirmed_at__gt=NOW).exists()


def test_scores_have_both_sides_a_veto_and_closed_months() -> None:
    assert load_closed(NOW) > 0
    assert load_closed(NOW) == 0  # they are closed already
    assert load_scores(NOW) > 0
    assert load_scores(NOW) == 0  # they are there already
    assert UnitRating.objects.exists()
    assert set(ScoreVeto.objects.values_list("state", flat=True)) <= {"approved", "proposed"}
    assert ScoreSheet.objects.get().state == "proposed"
    vetoed = ScoreVeto.objects.filter(state="approved")
    appeals = Appeal.objects.filter(kind="veto")
    assert [each.veto for each in appeals] == list(vetoed)
    assert {each.state for each in appeals} <= {"open"}
    assert set(ClosedMonth.objects.values_list("period__kind", flat=True)) == {"month"}


def test_organisations_share_and_others_book() -> None:
    load_neighbours(NOW)
    load_branches(NOW)
    assert load_joint(NOW) > 30
    assert load_joint(NOW) == 0  # it is there already
    for area in (SHOWN_VILLAGE, AOYUAN):
        rows = SharedBooking.objects.filter(area_code=area)
        states = set(rows.values_list("state", flat=True))
        assert {"asked", "confirmed", "returned"} <= states
        assert not rows.filter(asked_at__gt=NOW).exists()
        here = {"area_code": area}
        states = JointMeeting.objects.filter(**here).values_list("state", flat=True)
        assert sorted(states) == ["confirmed", "confirmed", "planned"]
        resolved = JointResolution.objects.filter(**here).values_list("state", flat=True)
        assert sorted(resolved) == ["done", "dropped", "open", "open", "open"]
        wanted = JointNeed.objects.filter(**here).values_list("state", flat=True)
        assert set(wanted) == {"open", "matched", "met"}
        assert JointProject.objects.filter(**here).public().count() == 2


def test_another_tool_reads_the_log_and_the_flow_and_finds_that_they_agree(
    loaded: demo.Loaded, tmp_path: Path
) -> None:
    written = CaseEvent.objects.latest("written_at").written_at
    wanted = Wanted("440113", date(2026, 2, 1), NOW.date(), written, ended=True)
    log, flow = tmp_path / "month.xes", tmp_path / "flow.pnml"
    with log.open("w", encoding="utf-8") as out:
        cases, events = write_xes(wanted, out)
    flow.write_text(pnml(net()), encoding="utf-8")

    mined = Mined(log, flow)
    ended = Case.objects.exclude(state__in=OPEN_STATES)
    assert mined.numbers() == sorted(ended.values_list("number", flat=True))
    assert (cases, events) == (len(mined.log), sum(map(len, mined.log)))
    assert set(mined.fitness()) == {1.0}
    mined.swap(["accept", "dispatch"])
    assert sorted(each < 1 for each in mined.fitness()) == [False] * (cases - 1) + [True]

    told = log.read_text(encoding="utf-8")
    assert not [body for body in CaseText.objects.values_list("body", flat=True) if body in told]
    assert not [who for who in Account.objects.values_list("name", flat=True) if who in told]
