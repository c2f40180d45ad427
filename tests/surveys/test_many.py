"""Two entries about one thing; and a survey of 22,000, of which no page asks more than of a few."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.errors import BadInput, NotAllowed, NotFound
from huying.registry.models import RegisterApart
from huying.surveys import doubles, progress
from huying.surveys.collecting import Spot
from huying.surveys.models import Survey, SurveyEntry, SurveyTarget
from tests.browser.everywhere import with_survey
from tests.cases.town import GRID_1, SPOTS
from tests.desk.world import GRID, LAT, LON, World
from tests.registry.living import village
from tests.surveys.test_surveys import GIVEN, enter, opened

if TYPE_CHECKING:
    from tests.cases.town import Town

As = Callable[..., Client]
MANY = 22_000
AT_HOUSE = Spot(*SPOTS[GRID_1], "东街12号3栋")


def test_what_is_called_the_same_at_one_address_is_proposed_and_nothing_else(town: Town) -> None:
    there, survey = village(town), opened(town)
    first = enter(town, survey, spot=AT_HOUSE)
    assert first.address == there.house
    assert doubles.proposed(survey, town.village_dispatcher) == []
    enter(town, survey, spot=AT_HOUSE, given=GIVEN | {"name": "西街菜棚"})
    assert doubles.proposed(survey, town.village_dispatcher) == []
    again = enter(town, survey, spot=AT_HOUSE, given=GIVEN | {"people": 5})
    other = opened(town, title="另一项")
    enter(town, other, spot=AT_HOUSE)
    (pair,) = doubles.proposed(survey, town.village_dispatcher)
    assert {pair.one, pair.other} == {first, again}
    for who in ("next_worker", "other_town_dispatcher", "town_leader", "checker", "administrator"):
        assert doubles.proposed(survey, getattr(town, who)) == []
    doubles.keep_apart(first.pk, again.pk, by=town.worker, now=town.now)
    assert doubles.proposed(survey, town.village_dispatcher) == []
    assert RegisterApart.objects.get().register == doubles.APART


def test_where_no_address_is_known_the_spot_says_it(town: Town) -> None:
    survey = opened(town)
    first, again = (enter(town, survey) for _time in range(2))
    assert first.address is None
    (pair,) = doubles.proposed(survey, town.village_dispatcher)
    assert {pair.one, pair.other} == {first, again}


def test_one_of_two_takes_over_the_visit_and_two_visits_are_two(town: Town) -> None:
    lon, lat = SPOTS[GRID_1]
    survey = opened(town, targets=f"东街菜棚,{lon},{lat}\n西街菜棚,{lon},{lat}")
    first, second = survey.targets.order_by("name")
    visited = enter(town, survey, target=first.pk, spot=Spot())
    free = enter(town, survey)
    for who, error in (("town_leader", NotAllowed), ("next_worker", NotFound)):
        with pytest.raises(error):
            doubles.merge(free.pk, visited.pk, by=getattr(town, who), now=town.now)
    kept = doubles.merge(free.pk, visited.pk, by=town.village_dispatcher, now=town.now)
    assert kept.target == first
    assert SurveyTarget.objects.get(pk=first.pk).done_at is not None
    assert progress.in_all(progress.by_grid(survey, town.dispatcher).values()).visited == 1
    assert [each.verb for each in kept.steps.order_by("seq")] == ["enter", "merge"]
    also = enter(town, survey, target=second.pk, spot=Spot())
    with pytest.raises(BadInput):
        doubles.merge(also.pk, kept.pk, by=town.village_dispatcher, now=town.now)
    with pytest.raises(BadInput):
        doubles.merge(kept.pk, kept.pk, by=town.village_dispatcher, now=town.now)
    elsewhere = enter(town, opened(town, title="另一项"))
    with pytest.raises(BadInput):
        doubles.merge(kept.pk, elsewhere.pk, by=town.village_dispatcher, now=town.now)
    assert SurveyEntry.objects.living().count() == 3


def many(survey: Survey, like: SurveyEntry, number: int) -> None:
    """So many more entries in the grid, each of a target of its own but for a few."""
    told: dict[str, Any] = {
        name: getattr(like, name)
        for name in ("district_code", "valid_from", "source", "made_at", "made_by",
                     "checked_at", "checked_by", "told_by", "told_at")
    }  # fmt: skip
    targets = [
        SurveyTarget(
            survey=survey, district_code=GRID[:6], area_code=GRID, name=f"{n}号房", place="村前路",
            done_at=like.told_at if n % 3 else None,
        )
        for n in range(number)
    ]  # fmt: skip
    SurveyTarget.objects.bulk_create(targets, batch_size=4000)
    SurveyEntry.objects.bulk_create(
        (
            SurveyEntry(
                pk=uuid.uuid4(), survey=survey, area_code=GRID, name=f"{n}号房", place="村前路",
                words=f"{n}号房 村前路 砖混 {n % 7} 层", lon=LON + n / 1e6, lat=LAT,
                sampled=n % 10 == 0, target=target if n % 3 else None, **told,
            )
            for n, target in enumerate(targets)
        ),
        batch_size=4000,
    )  # fmt: skip


def test_a_survey_of_22000_is_listed_searched_and_followed_by_as_many_queries_as_a_small_one(
    world: World, as_: As
) -> None:
    made, desk = with_survey(world), as_("dispatcher")
    url = f"/desk/surveys/{made.survey.pk}"
    visits: dict[str, Callable[[], Any]] = {
        "list": lambda: desk.get("/desk/surveys/"),
        "progress": lambda: desk.get(url),
        "by grid": lambda: desk.get(f"{url}?area={GRID[:12]}"),
        "entries": lambda: desk.get(f"{url}/entries"),
        "of a grid": lambda: desk.get(f"{url}/entries?area={GRID}&show=look"),
        "search": lambda: desk.post(f"{url}/entries", {"q": "21999号房 村前路"}),
        "sample": lambda: desk.get(f"{url}/look"),
        "targets": lambda: desk.get(f"{url}/targets"),
        "doubles": lambda: desk.get(f"{url}/doubles"),
    }

    def asked() -> dict[str, int]:
        counts = {}
        for name, visit in visits.items():
            with CaptureQueriesContext(connection) as queries:
                answer = visit()
            assert answer.status_code == 200, name
            counts[name] = sum("survey" in each["sql"] for each in queries)
        return counts

    asked()  # what is read once, and kept
    few = asked()
    many(made.survey, made.entry, MANY)
    assert SurveyEntry.objects.filter(survey=made.survey).count() > MANY
    now = asked()
    assert now == few
    assert max(now.values()) <= 14, now
    found = visits["search"]()
    assert [each.name for each in found.context["rows"]] == ["21999号房"]
    whole = desk.get(url).context["how"]
    assert (whole.targets, whole.entries) == (MANY + 3, MANY + 2)
    listed = visits["entries"]()
    assert (len(listed.context["rows"]), listed.context["more"]) == (100, True)
