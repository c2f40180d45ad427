"""Taking the demo away: all of it, nothing else, and never by the application's own right."""

import argparse
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.assessment.scores.models import ClosedMonth, UnitRating
from huying.audit.verifying import verify
from huying.branches import together
from huying.branches.models import Branch, HouseholdLink, MemberOrganisation, PartyMember
from huying.care.models import CarePerson, CareVisit
from huying.cases.attaching import file_of
from huying.cases.deferring import unless_undone
from huying.cases.models import Attachment, Case, CaseEvent, Channel
from huying.cli import CommandError
from huying.cli import demo as command
from huying.errors import WrongState
from huying.forms.models import FormVersion
from huying.intake.reporting import Told, take
from huying.joint.models import (
    JointMeeting,
    JointNeed,
    JointProject,
    JointResolution,
    JointStep,
    SharedBooking,
    SharedResource,
)
from huying.neighbours import suggesting
from huying.neighbours.models import Circle, NeighbourStep, Suggestion, Wish
from huying.people.acting import RESIDENT, SYSTEM, Actor, actor_on
from huying.people.demo import AOYUAN, BY_GRID, SHOWN_VILLAGE
from huying.people.models import Account, Post, Unit, UnitKind
from huying.places.models import Level
from huying.platforms.models import (
    Appointment,
    CanteenDay,
    OnlineGuide,
    PlatformActivity,
    ServicePoint,
)
from huying.registry import recording
from huying.registry.models import Address, Person
from huying.registry.recording import PersonTold
from huying.scenarios import demo_neighbours, demo_platforms, demo_reset, petrol
from huying.scenarios.demo_branches import load_branches
from huying.scenarios.demo_care import load_care
from huying.scenarios.demo_joint import load_joint
from huying.scenarios.demo_registers import load_registers
from huying.scenarios.demo_scores import load_scores
from huying.scenarios.demo_surveys import load_surveys
from huying.surveys.models import Survey, SurveyEntry
from huying.tasks import issuing
from huying.tasks.asking import Asked
from huying.tasks.models import Task

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _photos_in_a_folder_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path)


def options(**given: object) -> argparse.Namespace:
    return argparse.Namespace(
        **({"verb": "reset", "cases": 0, "yes": False, "yes_really_all": False} | given)
    )


def told_by_others() -> Case:
    told = Told(channel=Channel.MESSAGE, text="和兴路路灯不亮", alarms=False)
    return take(told, by=SYSTEM, now=NOW)


@pytest.mark.slow
def test_the_demos_cases_go_with_their_events_photos_and_people() -> None:
    petrol.play()
    photo = Attachment.objects.all()[0].pk
    assert file_of(photo).exists()
    cast = petrol.cast(NOW)
    issuing.issue(
        by=cast.dispatcher,
        now=NOW,
        item="0302",
        title="用电安全宣传",
        words="逐户上门讲解。",
        areas=[cast.grid.code],
        due_at=NOW + timedelta(days=1),
        questions=[Asked("走访了几户？", "number")],
    )

    assert load_registers(NOW) > 200
    assert load_care(NOW) > 20
    assert load_surveys(NOW) > 30
    assert load_branches(NOW) > 3
    linked = HouseholdLink.objects.living().values_list("member__branch__area_code", flat=True)
    assert set(linked) == {SHOWN_VILLAGE, AOYUAN, BY_GRID}
    mine = recording.add(PersonTold("陈一", community=SHOWN_VILLAGE), by=SYSTEM, now=NOW)

    case = Case.objects.get()
    late = {"case_id": str(case.pk), "seq": 1, "task": "look_for_duplicates", "args": {}}
    unless_undone.configure(schedule_in={"seconds": 60}).defer(**late)

    cases, people = demo_reset.reset(NOW)

    assert not ProcrastinateJob.objects.filter(args__case_id=str(case.pk), status="todo").exists()
    assert unless_undone(**late) is False, "one that the worker has already ends quietly"
    # Three of them are workers whom the visits and the entries needed, one is the town's desk; five
    # the branches needed.
    assert (cases, people) == (1, 14)
    assert list(Person.objects.all()) == [mine]
    assert not Address.objects.exists()
    assert not CarePerson.objects.exists()
    assert not CareVisit.objects.exists()
    assert not SurveyEntry.objects.exists()
    # The registers that every district begins with stay; the survey was the demo's.
    assert set(Survey.objects.values_list("kind", flat=True)) == {"register"}
    assert not Branch.objects.exists()
    assert not PartyMember.objects.exists()
    assert not Case.objects.exists()
    assert not CaseEvent.objects.exists()
    assert not Account.objects.filter(demo=True).exists()
    assert not Task.objects.exists()
    assert not FormVersion.objects.filter(owner__startswith="task:").exists()
    assert not file_of(photo).exists()
    assert verify().ok


def test_cases_of_others_keep_everything_in_place() -> None:
    petrol.play()
    told_by_others()
    with pytest.raises(WrongState):
        demo_reset.reset(NOW)
    assert Case.objects.count() == 2
    assert Account.objects.filter(demo=True).exists()
    with pytest.raises(CommandError, match="yes-really-all"):
        command.run(options(yes=True))


def test_really_all_is_all() -> None:
    petrol.play()
    told_by_others()
    load_scores(petrol.DAY + timedelta(days=1))
    assert demo_reset.reset(NOW, really_all=True)[0] == 2
    assert not Case.objects.exists()
    assert not UnitRating.objects.exists()
    assert not ClosedMonth.objects.exists()


def test_nobody_is_asked_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    petrol.play()
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115, PTH123
    with pytest.raises(CommandError, match="--yes"):
        command.run(options())
    assert Case.objects.count() == 1


def test_service_points_of_the_demo_go_and_ones_own_stay() -> None:
    Unit.objects.create(
        code="branch-of-the-demo",
        name="小龙村党支部",
        kind=UnitKind.BRANCH,
        level=Level.COMMUNITY,
        area_code=SHOWN_VILLAGE,
        district_code=SHOWN_VILLAGE[:6],
    )
    assert demo_platforms.load_platforms(NOW) > 0
    assert ServicePoint.objects.count() == 3

    demo_reset.reset(NOW)

    assert not ServicePoint.objects.exists()
    assert not Appointment.objects.exists()
    assert not OnlineGuide.objects.exists()
    assert not PlatformActivity.objects.exists()
    assert not CanteenDay.objects.exists()
    assert not NeighbourStep.objects.exists()
    assert not Account.objects.filter(demo=True).exists()


def test_what_neighbours_of_the_demo_did_goes_and_a_residents_suggestion_stays() -> None:
    Unit.objects.create(
        code="branch-of-the-demo",
        name="小龙村党支部",
        kind=UnitKind.BRANCH,
        level=Level.COMMUNITY,
        area_code=SHOWN_VILLAGE,
        district_code=SHOWN_VILLAGE[:6],
    )
    said = suggesting.Said(SHOWN_VILLAGE, "希望村口装一个凉亭。")
    mine, _code = suggesting.collect(said, by=RESIDENT, now=NOW)
    assert demo_neighbours.load_neighbours(NOW) == 14
    # Somebody at the demo's desk has answered a real resident.
    by = actor_of(Wish.objects.all()[0].made_by)
    suggesting.answer(mine.pk, "已列入计划。", by=by, now=NOW)
    photo = Attachment.objects.all()[0].pk

    demo_reset.reset(NOW)

    assert list(Suggestion.objects.values_list("pk", "decided_by")) == [(mine.pk, None)]
    assert not Wish.objects.exists()
    assert not Circle.objects.exists()
    assert not Unit.objects.filter(kind=UnitKind.TEAM).exists()
    assert not Account.objects.filter(demo=True).exists()
    assert not Attachment.objects.exists()
    assert not file_of(photo).exists()
    assert set(NeighbourStep.objects.values_list("subject_id", flat=True)) == {mine.pk}


def test_what_organisations_of_the_demo_shared_goes_with_its_bookings() -> None:
    Unit.objects.create(
        code="branch-of-the-demo",
        name="小龙村党支部",
        kind=UnitKind.BRANCH,
        level=Level.COMMUNITY,
        area_code=SHOWN_VILLAGE,
        district_code=SHOWN_VILLAGE[:6],
    )
    demo_neighbours.load_neighbours(NOW)
    desk = actor_of(Wish.objects.all()[0].made_by)
    told = together.OrganisationTold("小龙小学", "school")
    together.add(SHOWN_VILLAGE, told, by=desk, now=NOW)
    assert load_joint(NOW) > 5

    demo_reset.reset(NOW)

    for model in (
        *(SharedResource, SharedBooking, JointStep, MemberOrganisation),
        *(JointMeeting, JointResolution, JointNeed, JointProject),
    ):
        assert not model.objects.exists()


def actor_of(account: Account) -> Actor:
    post = Post.objects.select_related("account").get(account=account)
    return actor_on(post, [post])
