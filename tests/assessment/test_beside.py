"""What is no case's own course: whistles' calls, matters that come back, patrols, surveys."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from huying.assessment.counting import Asked, By, counted
from huying.assessment.duties import About
from huying.assessment.following import follow
from huying.assessment.indicators import Figure
from huying.assessment.recurring import recurring
from huying.assessment.rolled import rolled
from huying.assessment.spots import NOWHERE, Came, Spot, Spots, gathered
from huying.assessment.tallies import Line, Tally
from huying.cases.models import CaseEvent
from huying.patrol.due import Rhythm
from huying.patrol.models import PatrolPlace, PatrolPlan, PatrolVisit
from huying.surveys.models import Survey, SurveyArea, SurveyGrid, SurveyTarget
from tests.cases.town import FACTORY, GRID_1, GRID_2, GUIDE, SPOTS, TOWN, XIAOLONG, Town, at

ASKED = Asked(TOWN, date(2019, 7, 1), date(2019, 7, 31), at("2019-12-01 00:00"))


def figures(asked: Asked = ASKED, by: By = By.ALL, name: str = "") -> dict[str, Figure]:
    # The events of the story are written now, whatever its clock says.
    log = Asked(asked.area, asked.first, asked.last, timezone.now())
    return dict(counted(log, by)[name].figures())


def values(**named: Any) -> dict[str, Fraction | None]:
    return {code: each.value for code, each in figures(**named).items()}


def test_who_a_whistle_called_was_on_the_spot_in_time_or_late_or_need_not_come(town: Town) -> None:
    """Four calls: one in time, one late, one excused, one released before its limit."""
    units = [town.fire.pk, town.team.pk, town.police.pk, town.committee.pk]
    case = town.do("blow", town.bring_to("handling", item=FACTORY), sort="problem", units=units)
    calls = {call.unit_id: call for call in case.whistles.get().calls.all()}
    due = calls[town.fire.pk].answer_by
    for unit, who in ((town.fire, "fireman"), (town.team, "teammate")):
        town.do("answer", case, by=who, call=calls[unit.pk].pk)
        town.now = due - timedelta(minutes=1) if unit == town.fire else due + timedelta(hours=1)
        town.do("check_in", case, by=who, call=calls[unit.pk].pk, now=town.now)
        if unit == town.fire:
            town.do("release", case, call=calls[town.committee.pk].pk, now=town.now)
    seen = values()
    assert seen["came_in_time"] == Fraction(1, 3), "one never came, and nobody excused it"
    assert figures(by=By.UNIT, name=str(town.fire.pk))["came_in_time"].value == 1
    assert figures(by=By.TEAM, name=str(town.team.pk))["came_in_time"].value == 0
    log = Asked(TOWN, ASKED.first, ASKED.last, timezone.now())
    assert set(counted(log, By.TEAM)) == {"", str(town.team.pk)}, "only teams are teams"


def test_a_refusal_that_was_right_owes_nothing(town: Town) -> None:
    case = town.do("blow", town.bring_to("handling", item=FACTORY), sort="problem")
    town.do("refuse_call", case)
    town.later(days=3)
    town.do("arbitrate_call", case, upheld=True)
    assert values()["came_in_time"] is None, "it had said so in time"


def test_due_is_due_less_declined_merged_and_suspended(town: Town) -> None:
    """应结案 by hand: of six cases three were due, and two are closed, one of them in time."""
    town.bring_to("closed", item=GUIDE)
    late = town.bring_to("handling", item=GUIDE)
    suspended = town.do(
        "suspend", town.bring_to("handling", item=GUIDE), until=at("2019-12-20 09:00")
    )
    too_late = town.bring_to("handling", item=GUIDE)
    town.bring_to("declined", item=GUIDE)
    town.do("merge", town.bring_to("reported", item=GUIDE), into=suspended.pk)
    assert late.total_due is not None
    town.now = late.total_due + timedelta(hours=1)
    for verb in ("handle", "check_pass", "close"):
        late = town.do(verb, late)
    town.do("suspend", too_late, until=at("2019-12-20 09:00"))
    town.later(days=5)
    seen = figures()
    assert seen["closed"].denominator == 3, "suspended after it ran out does not take it away"
    assert (seen["closed"].numerator, seen["closed_in_time"].numerator) == (2, 1)
    town.do("resume", suspended)
    town.later(days=5)
    assert figures()["closed"].denominator == 4, "once it goes on its deadline comes"


def test_fairly_satisfied_counts_for_nine_tenths_and_old_answers_count_as_before(
    town: Town,
) -> None:
    answers: list[dict[str, bool]] = [
        {"satisfied": True}, {"satisfied": False, "fairly_satisfied": True}, {"satisfied": False},
    ]  # fmt: skip
    for answer in answers:
        case = town.followed(town.bring_to("closed", item=GUIDE))
        town.do("resident_rate", case, **answer)
    event = CaseEvent.objects.filter(verb="resident_rate").order_by("written_at").first()
    assert event is not None
    assert event.data["fairly_satisfied"] is False
    assert values()["satisfied"] == Fraction(19, 30)
    assert (values()["solved"], values()["responded"]) == (1, 1)


def line(tally: Tally, day: date, *, area: str = GRID_1, item: str = GUIDE) -> Line:
    return Line(tally, day, 1, About(area, TOWN, item, "desk", "simple"))


def test_the_same_again_is_another_case_of_the_item_at_the_spot_within_thirty_days() -> None:
    first, second, closed = UUID(int=1), UUID(int=2), date(2019, 7, 1)
    here, door = Spot(113.4, 22.95), Spot(address="和兴路18号")

    def again(
        days: int = 3, case: UUID = second, at: Spot = here, *, then: Spot = here, **about: str
    ) -> int:
        closing = (first, line(Tally.CLOSINGS, closed))
        comes = (case, line(Tally.ACCEPTED, closed + timedelta(days=days), **about))
        found = list(recurring([closing], [comes], Spots(50.0, {second: at, first: then})))
        assert [each.tally for _case, each in found][:1] == [Tally.WATCHED]
        assert all(each.day == date(2019, 7, 31) for _case, each in found)
        return len(found) - 1

    assert [again(days) for days in (-1, 0, 1, 30, 31)] == [0, 0, 1, 1, 0]
    assert again(case=first) == 0, "opened again is not another case"
    assert again(item=FACTORY) == 0
    near, far = Spot(113.4004, 22.95), Spot(113.4006, 22.95)
    assert again(at=near, area=GRID_2) == 1, "41 m, over the grid's border"
    assert again(at=far) == 0, "61 m"
    # Where one has no position: the grid, and in it the door where both name one.
    assert again(at=NOWHERE) == again(then=NOWHERE) == again(at=door) == 1
    assert again(at=NOWHERE, area=GRID_2) == 0
    assert again(at=door, then=Spot(address="和兴路18号门口")) == 1
    assert again(at=door, then=Spot(address="和兴路20号")) == 0
    nowhere = (first, line(Tally.CLOSINGS, closed, area=XIAOLONG))
    assert not list(recurring([nowhere], [], Spots(50.0))), "without a grid nobody can say"
    gone = (first, line(Tally.CLOSINGS, closed))
    erased = Spots(50.0, {first: NOWHERE}, frozenset({first}))
    assert not list(recurring([gone], [], erased)), "nor where the place was erased"


@given(
    st.lists(
        st.tuples(
            st.integers(0, 300),
            st.integers(0, 300),
            st.integers(0, 40),
            st.sampled_from("ab"),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_what_is_found_by_squares_is_what_comparing_each_with_each_finds(
    told: list[tuple[int, int, int, str, bool]],
) -> None:
    """Spots some metres apart, some not known; every case is closed on the day it comes up."""
    spots = Spots(
        50.0,
        {
            UUID(int=n): Spot(113.4 + x * 1e-5, 22.95 + y * 1e-5) if placed else NOWHERE
            for n, (x, y, _day, _item, placed) in enumerate(told)
        },
    )
    came = [
        (UUID(int=n), date(2026, 3, 1) + timedelta(days=day), item)
        for n, (_x, _y, day, item, _placed) in enumerate(told)
    ]

    def lines_of(tally: Tally) -> list[tuple[UUID, Line]]:
        return [(case, line(tally, day, item=item)) for case, day, item in came]

    found = recurring(lines_of(Tally.CLOSINGS), lines_of(Tally.ACCEPTED), spots)
    assert {case for case, each in found if each.tally is Tally.RECURRED} == {
        case
        for case, day, item in came
        if any(
            case != other and item == its and spots.one(case, other)
            for other, its_day, its in came
            if timedelta(0) < its_day - day <= timedelta(days=30)
        )
    }


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 300), st.sampled_from("ab"), st.booleans()),
        max_size=30,
    )
)
def test_what_keeps_coming_back_is_gathered_once_and_round_one_spot(
    told: list[tuple[int, int, str, bool]],
) -> None:
    came = [
        Came(date(2026, 3, 1) + timedelta(days=n % 7), UUID(int=n), item, "440113120001001")
        for n, (_x, _y, item, _placed) in enumerate(told)
    ]
    spots = Spots(
        50.0,
        {
            UUID(int=n): Spot(113.4 + x * 1e-5, 22.95 + y * 1e-5) if placed else NOWHERE
            for n, (x, y, _item, placed) in enumerate(told)
        },
    )

    def beside(case: Came) -> set[UUID]:
        return {
            each.case
            for each in came
            if each.item == case.item and (each == case or spots.one(case.case, each.case))
        }

    groups = gathered(came, spots, 3)
    found = [each.case for group in groups for each in group]
    assert len(found) == len(set(found))
    assert [len(group) for group in groups] == sorted(map(len, groups), reverse=True)
    for group in groups:
        assert len(group) >= 3
        assert any({each.case for each in group} <= beside(one) for one in group)
    # Nothing that has so many beside it is left out, but for what went into another group.
    for each in came:
        if len(beside(each) - set(found)) >= 3:
            assert each.case in found
    # The largest is as large as the spot with the most.
    most = max((len(beside(each)) for each in came), default=0)
    assert (len(groups[0]) if groups else 0) == (most if most >= 3 else 0)


def test_what_comes_again_over_a_border_came_again_seen_from_the_grid_or_the_district(
    town: Town,
) -> None:
    """The second is 20 m off, in the next grid; a third, in the grid of the first, 500 m off."""
    east = SPOTS[GRID_1][0] + 0.005
    for lon, grid in ((east - 1e-4, GRID_1), (east + 1e-4, GRID_2), (east - 5e-3, GRID_1)):
        case = town.report(item=GUIDE, lon=lon, lat=22.905, datum="cgcs2000")
        assert case.area_code == grid
        town.bring_to("closed", town.do("escalate", case, by=town.desk_of(case)))
        town.later(days=1)
    follow()
    span = (date(2019, 8, 1), date(2019, 8, 31))
    for area, wanted in ((TOWN[:6], 3), (TOWN, 3), (XIAOLONG, 3), (GRID_1, 2)):
        asked = Asked(area, *span, timezone.now())
        expected = Counter(watched=wanted, recurred=1)
        assert counted(asked)[""].counts == expected, area
        assert rolled(area, *span, tallies=[Tally.WATCHED, Tally.RECURRED])[""] == expected, area


def test_a_matter_that_came_back_counts_when_the_thirty_days_are_over(town: Town) -> None:
    town.bring_to("closed", item=GUIDE)
    town.later(days=10)
    town.bring_to("closed", item=GUIDE)
    august = Asked(TOWN, date(2019, 8, 1), date(2019, 8, 31), timezone.now())
    assert values()["recurred"] is None
    seen = counted(august)[""].figures()["recurred"]
    assert (seen.numerator, seen.denominator) == (1, 2)


def test_visits_that_the_plan_wanted_by_grid_and_by_who_walks_there(town: Town) -> None:
    """Every working day of a week; removed on Thursday; what came later is not known before."""
    made = at("2019-07-01 08:00")
    plan = PatrolPlan.objects.create(
        district_code=TOWN[:6], area_code=TOWN, item_code=FACTORY, title="小作坊",
        rhythm=Rhythm.WORKDAY, starts_on=date(2019, 7, 1), made_at=made,
        made_by=town.accounts["dispatcher"],
    )  # fmt: skip
    lon, lat = SPOTS[GRID_1]
    places = [
        PatrolPlace.objects.create(
            plan=plan, district_code=TOWN[:6], grid_code=grid, name=f"{n}号", lon=lon, lat=lat,
            code=f"PLACE{n:03}", made_at=made, removed_at=gone,
        )
        for n, (grid, gone) in enumerate(((GRID_1, None), (GRID_2, at("2019-07-04 12:00"))))
    ]  # fmt: skip
    for place, days in zip(places, ((1, 2, 3), (1,)), strict=True):
        for day in days:
            then = at(f"2019-07-{day:02} 09:00")
            PatrolVisit.objects.create(
                id=uuid4(), place=place, grid_code=place.grid_code, at=then, day=then.date(),
                account=town.accounts["worker"], by_code=True,
                received_at=then + timedelta(days=day == 3),
            )  # fmt: skip

    def cover(moment: str, by: By = By.ALL, name: str = "") -> tuple[int, int]:
        asked = Asked(TOWN, date(2019, 7, 1), date(2019, 7, 7), at(moment))
        counts = counted(asked, by)[name].counts
        return counts[Tally.PATROL_MADE], counts[Tally.PATROL_WANTED]

    assert cover("2019-08-01 08:00") == (4, 8), "five of one, three of the other"
    assert cover("2019-08-01 08:00", By.GRID, GRID_2) == (1, 3)
    assert cover("2019-08-01 08:00", By.ACCOUNT, str(town.accounts["worker"].pk)) == (3, 5)
    assert cover("2019-07-04 08:00") == (3, 6), "a day's visit that had not arrived by then"
    rows = counted(Asked(TOWN, date(2019, 7, 1), date(2019, 7, 7), at("2019-08-01 08:00")))
    assert set(rows[""].cases[Tally.PATROL_WANTED]) == {place.pk for place in places}


def test_a_survey_counts_on_its_deadline_by_targets_or_else_by_grids(town: Town) -> None:
    def survey(due: str) -> Survey:
        made = Survey.objects.create(
            district_code=TOWN[:6], area_code=TOWN, kind="survey", title=f"排查{due}", state="open",
            due_at=at(due), made_at=at("2019-07-01 08:00"), opened_at=at("2019-07-01 09:00"),
        )  # fmt: skip
        SurveyArea.objects.create(survey=made, code=XIAOLONG)
        return made

    with_targets, of_grids = survey("2019-07-10 18:00"), survey("2019-07-20 18:00")
    survey("2019-08-10 18:00")
    for n, done in enumerate(("2019-07-09 10:00", "2019-07-15 10:00", None)):
        SurveyTarget.objects.create(
            survey=with_targets, district_code=TOWN[:6], area_code=GRID_1, name=f"商铺{n}",
            done_at=at(done) if done else None,
        )  # fmt: skip
    SurveyGrid.objects.create(
        survey=of_grids, grid_code=GRID_2, finished_at=at("2019-07-18 10:00"), finished_by=1
    )

    def collected(moment: str, by: By = By.ALL, name: str = "") -> Figure:
        asked = Asked(TOWN, ASKED.first, ASKED.last, at(moment))
        return counted(asked, by)[name].figures()["collected"]

    assert collected("2019-07-12 08:00").value == Fraction(1, 3)
    assert collected("2019-08-01 08:00").value == Fraction(3, 5), "late is entered all the same"
    worker = str(town.accounts["next_worker"].pk)
    assert collected("2019-08-01 08:00", By.ACCOUNT, worker).value == 1
