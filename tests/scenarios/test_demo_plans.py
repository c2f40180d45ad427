"""The plan of a demo: the same every time, and right at whatever hour it is made."""

from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from huying.cases.states import State
from huying.catalogue.limits import limits_of
from huying.catalogue.versions import snapshot
from huying.clock.deadlines import due
from huying.clock.lights import Light, light
from huying.clock.limits import Limit
from huying.clock.reading import calendar_for
from huying.clock.stages import StageLimits
from huying.scenarios import demo_stories, demo_texts
from huying.scenarios.demo_plans import DAYS, EACH_MINUTES, Planner
from huying.scenarios.demo_words import Scene, dice

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 8, 2, 0, tzinfo=UTC)
SPRING_FESTIVAL = datetime(2026, 2, 19, 8, 0, tzinfo=UTC)


def planner(now: datetime) -> Planner:
    return Planner("seed", now, snapshot(now), calendar_for("440113"))


@pytest.mark.parametrize("number", [1, 7, 40, 41, 600])
def test_plans_make_exactly_as_many_cases(number: int) -> None:
    plans = planner(NOON).plans(number)
    assert sum(plan.cases for plan in plans) == number
    assert [plan.begins for plan in plans] == sorted(plan.begins for plan in plans)


def test_fifty_tell_every_story() -> None:
    names = {plan.name for plan in planner(NOON).plans(50)}
    assert names >= set(demo_stories.STORIES) | set(demo_stories.OPEN_STORIES)


def test_the_same_seed_plans_the_same() -> None:
    def told(now: datetime) -> list[tuple[object, ...]]:
        return [(p.index, p.name, p.begins, p.item, p.area) for p in planner(now).plans(100)]

    assert told(NOON) == told(NOON)


def test_stories_begin_in_the_last_month_when_people_are_awake() -> None:
    for plan in planner(NOON).plans(300):
        if plan.name in demo_stories.STORIES:
            assert 0 < (NOON - plan.begins).total_seconds() <= DAYS * 86_400
            assert 6 <= plan.begins.hour <= 22


@pytest.mark.parametrize("now", [NOON, NIGHT, SUNDAY, SPRING_FESTIVAL])
@pytest.mark.parametrize("colour", [Light.GREEN, Light.YELLOW, Light.RED])
def test_what_waits_has_the_light_it_should_at_any_hour(now: datetime, colour: Light) -> None:
    plan = planner(now)
    calendar = calendar_for("440113")
    for code in ("0201", "0206", "0209"):
        limits = StageLimits.from_catalogue(**limits_of(snapshot(now)[code]))
        for state, limit, steps in (
            (State.REPORTED, limits.accept, 0),
            (State.ACCEPTED, limits.accept, 1),
            (State.DISPATCHED, limits.sign, 2),
            (State.HANDLING, limits.handle, 2),
            (State.HANDLED, limits.check, 4),
            (State.CHECKED, limits.accept, 5),
        ):
            begins, _story = plan._before(state, colour, code, False, dice(code, state))
            assert isinstance(limit, Limit)
            since = begins + timedelta(minutes=steps * EACH_MINUTES)
            assert light(due(since, limit, calendar), now) == colour, (state, code)


def test_every_item_has_four_ways_to_be_reported() -> None:
    codes = {item.code for item in snapshot(NOON).active}
    assert set(demo_texts.REPORTS) == codes
    assert all(len(set(templates)) >= 4 for templates in demo_texts.REPORTS.values())


def test_templates_ask_for_slots_that_there_are() -> None:
    known = set(Scene(dice("slots")).slots)
    templates = [
        *(t for each in demo_texts.REPORTS.values() for t in each),
        *(t for each in demo_texts.ALARMING.values() for t in each),
        *(t for _item, t in (*demo_texts.MESSAGES, *demo_texts.DENYING)),
    ]
    for template in templates:
        assert {name for _t, name, _f, _c in Formatter().parse(template) if name} <= known


def test_alarming_texts_propose_an_emergency_and_denying_ones_do_not() -> None:
    from huying.intake.reporting import alarming_words

    catalogue = snapshot(NOON)
    scene = Scene(dice("alarms"))
    for code, templates in demo_texts.ALARMING.items():
        for template in templates:
            assert alarming_words(scene.fill(template), catalogue[code]), template
    for code, template in demo_texts.DENYING:
        assert not alarming_words(scene.fill(template), catalogue[code]), template
    for code, templates in demo_texts.REPORTS.items():
        if catalogue[code].kind != "emergency":
            for template in templates:
                assert not alarming_words(scene.fill(template), catalogue[code]), template
