"""A step of the desk that makes something is done once too, and its second sending gets the answer
of the first: the number stands in the step's own form, among others on its page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from huying.branches.models import CadreAssignment, CadreVisit
from huying.cases.models import Case
from huying.desk import urls
from huying.desk.joint_meeting_forms import UNIT
from huying.desk.models import Handover
from huying.dispatch.models import Backtest, Rulebook
from huying.duties.models import AdmissionWord, DutyList, OldItem
from huying.fairness.models import Appeal
from huying.joint.models import (
    JointFollowUp,
    JointMilestone,
    JointMinutes,
    JointResolution,
    JointStep,
    JointWord,
    SharedBooking,
)
from huying.measures.models import MeasureMilestone, MeasureReport
from huying.neighbours.models import CircleActivity, SuggestionTopic, Wish
from huying.patrol.models import PatrolPlace
from huying.platforms.models import (
    ActivitySignUp,
    Appointment,
    CanteenDay,
    MealOrder,
    OnlineGuide,
    ServiceMatter,
)
from huying.reports.models import MadeReport
from huying.topics.models import TopicAnswer
from tests.browser import everywhere
from tests.desk import methods
from tests.desk.scored import vetoed, with_scores
from tests.desk.test_resent import HAVE_THEIR_OWN, is_done_once
from tests.desk.world import COMMUNITY, LAT, LON, OTHER_GRID, TOWN, World
from tests.duties.shown import with_duties
from tests.joint.shown import with_joint
from tests.joint.stories import tomorrow
from tests.measures.shown import with_measures
from tests.platforms.stories import ahead

As = Callable[[str], Client]
TODAY = timezone.localdate


@dataclass(frozen=True)
class Step:
    """A form on a page, and what is typed into it.

    Attributes:
        action: where the form is sent; the page itself where it does not say.
        made: what there is one more of, as rows of a table or counted.
    """

    who: str
    page: str
    action: str
    typed: dict[str, Any]
    made: type[Model] | Callable[[], int]
    shows_code: bool = field(default=False, kw_only=True)

    def count(self) -> int:
        return self.made.objects.count() if isinstance(self.made, type) else self.made()  # type: ignore[attr-defined]


def hidden_in(page: str, action: str) -> dict[str, str]:
    """What a browser would send of a form besides what is typed."""
    for head, inside in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.S):
        said = re.search(r'action="([^"]*)"', head)
        if 'method="post"' not in head or (said[1] if said else "") != action:
            continue
        found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', inside)
        if "form_number" in dict(found):
            return dict(found)
    raise AssertionError(f"no form with a number goes to {action}")


def minute(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def joint(world: World) -> Iterator[Step]:
    everywhere.with_branches(world)
    shown = with_joint(world)
    hall, parking = (f"/desk/joint/resources/{row.pk}" for row in (shown.hall, shown.parking))
    when = {"begins_at": minute(tomorrow(20)), "ends_at": minute(tomorrow(21)), "purpose": "夜市"}
    yield Step("member", parking, f"{parking}/book", when | {"quantity": 2}, SharedBooking)
    when = {"begins_at": minute(tomorrow(11)), "ends_at": minute(tomorrow(12)), "purpose": "读书会"}
    yield Step("member", hall, f"{hall}/book", when, SharedBooking)
    by, project = "village_dispatcher", f"/desk/joint/projects/{shown.project.pk}"
    point = {"milestone-title": "挂牌", "milestone-due_on": f"{TODAY() + timedelta(days=9)}"}
    yield Step(by, project, f"{project}/plan", point, JointMilestone)
    yield Step(by, project, f"{project}/tell", {"words": "开了碰头会"}, JointWord)
    running = f"/desk/joint/meetings/{shown.running.pk}"
    resolved = {
        "words": "周五前划线",
        "due_on": f"{TODAY()}",
        "answering": f"{UNIT}{world.units['lead'].pk}",
    }
    yield Step(by, running, f"{running}/resolve", resolved, JointResolution)
    heard = {"words": "月底前完工"}
    JointFollowUp.objects.all().delete()
    yield Step(by, running, f"{running}/follow", heard, JointFollowUp)
    over = f"/desk/joint/meetings/{shown.meeting.pk}"
    yield Step(by, over, f"{over}/correct", {"words": "另一处也应更正"}, JointMinutes)
    answered = f"/desk/joint/resolutions/{shown.resolution.pk}"
    yield Step("handler", answered, f"{answered}/tell", {"words": "已进场"}, JointStep)


def platforms(world: World) -> Iterator[Step]:
    served = everywhere.with_platforms(world)
    point = f"/desk/platforms/points/{served.point.pk}"
    day = f"{point}/day?day={ahead(1)}"
    matter = served.point.matters.filter(active=True).exclude(booking="none").first()
    wanted = {"at": "14:00", "matter": matter.pk, "phone": "13926187799"}
    yield Step("dispatcher", day, f"{point}/take", wanted, Appointment, shows_code=True)
    new = {"name": "社保查询", "booking": "possible", "order": 3}
    yield Step("dispatcher", point, f"{point}/matter", new, ServiceMatter)
    meals = f"/desk/platforms/canteen/days/{served.meals.pk}"
    order = {"meals": 1, "way": "pick_up", "phone": "13926187788"}
    yield Step("dispatcher", meals, f"{meals}/order", order, MealOrder, shows_code=True)
    put = {"day": f"{ahead(5)}", "menu": "白灼虾", "meals": 30, "until": "09:30"}
    kitchen = f"/desk/platforms/canteen/{served.kitchen.pk}/put"
    yield Step("dispatcher", "/desk/platforms/canteen", kitchen, put, CanteenDay)
    activity = f"/desk/platforms/activities/{served.activity.pk}"
    people = {"people": 1}
    yield Step("dispatcher", activity, f"{activity}/join", people, ActivitySignUp, shows_code=True)
    online = f"/desk/platforms/online?area={COMMUNITY}"
    guide = {"kind": "link", "title": "办证", "link": "https://example.com/"}
    yield Step("dispatcher", online, "", guide, OnlineGuide)


def neighbours(world: World) -> Iterator[Step]:
    helped = everywhere.with_neighbours(world)
    circle = f"/desk/neighbours/circles/{helped.circle.pk}"
    when = {
        f"{end}_at": f"{tomorrow(hour):%Y-%m-%dT%H:%M}"
        for end, hour in (("begins", 9), ("ends", 10))
    }
    planned = {"title": "清扫", "spot": "祠堂前", "places": 9} | when
    yield Step("dispatcher", circle, f"{circle}/plan", planned, CircleActivity)
    topics = f"/desk/neighbours/topics?area={COMMUNITY}"
    yield Step("dispatcher", topics, "", {"name": "遛狗", "signs": "狗、牵绳"}, SuggestionTopic)
    said = f"/desk/neighbours/suggestions/{helped.suggestion.pk}"
    wish = {"sort": "project", "title": "遛狗点", "words": "划一块草地", "capacity": 1}
    yield Step("dispatcher", said, f"{said}/wish", wish | {"stall_days": 7}, Wish)


def suggested(world: World) -> Iterator[Step]:
    helped = everywhere.with_neighbours(world)
    said = f"/desk/neighbours/suggestions/{helped.suggestion.pk}"
    yield Step("dispatcher", said, f"{said}/case", {}, Case)


def branches(world: World) -> Iterator[Step]:
    party = everywhere.with_branches(world)
    cadre = f"/desk/branches/cadres/{party.cadre.pk}"
    CadreVisit.objects.all().delete()  # one a day
    visit = {"day": f"{TODAY()}", "households": 3, "heard": "路灯不亮"}
    yield Step("handler", cadre, "", visit, CadreVisit)
    assigned = {"grid": OTHER_GRID, "account": world.accounts["handler"].pk, "times": 2}
    yield Step("dispatcher", "/desk/branches/cadres", "", assigned, CadreAssignment)


def patrolled(world: World) -> Iterator[Step]:
    plan = f"/desk/patrol/{everywhere.with_patrol(world).plan_id}"
    typed = {"name": "东街消防栓", "lon": LON, "lat": LAT, "radius_m": 50, "points": "有没有水"}
    yield Step("dispatcher", plan, f"{plan}/places", typed, PatrolPlace)


def measured(world: World) -> Iterator[Step]:
    row = f"/desk/measures/{with_measures(world).measure.pk}"
    point = {"title": "印发通知", "day": f"{TODAY() + timedelta(days=9)}"}
    yield Step("district_dispatcher", row, f"{row}/point", point, MeasureMilestone)
    yield Step("handler", row, f"{row}/say", {"words": "已报区里"}, MeasureReport)


def duties(world: World) -> Iterator[Step]:
    drafted = with_duties(world)
    version = f"/desk/duties/versions/{drafted.draft.pk}"
    entry = {
        "title": "井盖巡查维护",
        "department": "城管执法队",
        "level": "town",
        "basis": "《道路交通安全法》",
        "items": "0211",
    }

    def entries() -> int:
        return len(DutyList.objects.get(pk=drafted.draft.pk).entries)

    yield Step("dispatcher", version, f"{version}/put", entry, entries)
    admission = f"/desk/duties/admissions/{drafted.applied.pk}"
    yield Step("handler", admission, f"{admission}/comment", {"words": "补充材料"}, AdmissionWord)
    begun = "/desk/duties/versions/"
    yield Step("district_dispatcher", begun, begun, {}, DutyList)
    old = {"code": "旧-0099", "name": "旧事项", "to": "0204"}
    there = "/desk/duties/map/"
    yield Step("district_dispatcher", there, f"{there}put", old, OldItem)


def others(world: World) -> Iterator[Step]:
    hot = f"/desk/topics/{everywhere.with_topic(world).pk}"
    yield Step("dispatcher", hot, f"{hot}/answer", {"text": "已停工整改"}, TopicAnswer)
    month = {"area": TOWN, "kind": "monthly", "day": f"{TODAY()}"}
    yield Step("dispatcher", "/desk/reports", "/desk/reports", month, MadeReport)
    world.colleague()
    to = {"to": world.accounts["second_dispatcher"].pk, "words": "钥匙在抽屉里"}
    yield Step("dispatcher", "/desk/handover", "/desk/handover", to, Handover)
    everywhere.with_rules(world)
    yield Step("administrator", "/desk/rules", "/desk/rules", {}, Rulebook)
    book = "/desk/rules/1"
    span = {"since": f"{TODAY() - timedelta(days=9)}", "until": f"{TODAY()}"}
    yield Step("administrator", book, f"{book}/backtests", span, Backtest)
    veto = vetoed(world, with_scores(world))
    against = f"/desk/appeals/against/veto/{veto.pk}"
    yield Step("handler", against, "", {"words": "当天已到场处置"}, Appeal)


def no_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)


@pytest.mark.parametrize(
    "story",
    [joint, platforms, neighbours, suggested, branches, patrolled, measured, duties, others],
)
def test_a_step_that_is_sent_twice_makes_one_thing(
    story: Callable[[World], Iterator[Step]],
    world: World,
    as_: As,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_factor(monkeypatch)
    wrong: list[Any] = []
    for step in story(world):
        client = as_(step.who)
        page = client.get(step.page)
        assert page.status_code == 200, step
        sent = hidden_in(page.content.decode(), step.action) | step.typed
        url, before = step.action or step.page, step.count()
        first, second = client.post(url, sent), client.post(url, sent)
        if step.count() != before + 1:
            wrong.append((url, step.count() - before, first.status_code, second.status_code))
        elif step.shows_code:
            pages = [each.content.decode() for each in (first, second)]
            assert code_on(pages[0]) == code_on(pages[1])
            # The page is for the next one already; and these are other words under the old number.
            assert hidden_in(pages[0], step.action)["form_number"] != sent["form_number"]
            assert client.post(url, sent | {"phone": "13926187700"}).status_code == 409
            assert step.count() == before + 1
        elif (first.status_code, first.url) != (second.status_code, getattr(second, "url", "")):
            wrong.append((url, first.status_code, second.status_code))
    assert not wrong


def code_on(page: str) -> str:
    found = re.search(r'follow-letters num mb-0">([^<]+)<', page)
    assert found is not None
    return found[1]


def test_a_note_of_the_shift_that_is_sent_twice_has_its_draft_forgotten(
    world: World, as_: As
) -> None:
    world.colleague()
    desk, url = as_("dispatcher"), "/desk/handover"
    sent = hidden_in(desk.get(url).content.decode(), url)
    sent |= {"to": f"{world.accounts['second_dispatcher'].pk}", "words": "钥匙在抽屉里"}
    for _n in range(2):
        page = desk.post(url, sent, follow=True).content.decode()
        key = f"{world.accounts['dispatcher'].pk}.{TOWN}.handover"
        assert f'data-draft-taken="{key}"' in page


# Why a form that is sent again makes nothing twice, where it bears no number.
_WITHOUT = {
    "it leads to what there is, or only looks": """
        find jump caller call_hints call_places care_find registers branches survey_entries
        questions_preview survey_preview bulk suggestions neighbours_certificate
        patrol_tracks case_contact case_words case_answers register_reveal survey_entry_reveal
        care_shown member_reveal organisation_reveal link_reveal
    """,
    "it says something anew, which is the same said twice": """
        my_notices tour_seen views read_notices watch score_ratings rate_report mine_answer turn
        team_shift team_member survey_design survey_questions item_questions rulebook rule
        suggestions_charge evaluation_cap neighbours_my_step branch_linking
        edit_branch branch_step one_together joint_edit_resource edit_register_record
        edit_survey_entry patrol_place party_member link_step party_member_step
    """,
    "it moves something on that then stands elsewhere": """
        act undo bulk_undo task_step task_part_step score_sheet_step veto_step care_step appeal
        unusual_finding register_doubles register_step survey_step survey_doubles
        survey_entry_step erase_handover take_handover device_alarm whistle_step answer_alarm
        exports_asked export_contacts export_change import_change person_request_step
        rulebook_change backtest evaluation_step joint_booking_step joint_need_step
        neighbours_wish_step neighbours_activity_step platforms_appointment_step retention
    """,
    "what is there already is left alone": "roster survey_targets",
    "each row has its own key": "bulk_run",
    "a list is kept for a day; an import is confirmed first": "exports imports",
    "a staged photo counts for nothing until a step takes it": "upload",
    "the booking itself keeps the number of its form": """
        platforms_take platforms_activity_step platforms_canteen_step
    """,
    "the visit has its name from the page": "care_visit",
}
WITHOUT = {name for names in _WITHOUT.values() for name in names.split()}


def test_every_form_of_the_desk_bears_a_number_or_says_why_not() -> None:
    posted = {
        str(each.name): is_done_once(each.callback)
        for each in urls.urlpatterns
        if "POST" in methods.taken(each.callback)
    }
    bare = {name for name, once in posted.items() if not once}
    assert bare == WITHOUT | set(HAVE_THEIR_OWN)
