"""Two communities live a month, and what is told of them is counted from their records."""

from __future__ import annotations

import pytest

from huying.care.models import CarePerson, CareVisit
from huying.neighbours.models import CircleAttendance, HoursCertificate, Suggestion
from huying.registry.models import Household, Person
from huying.scenarios import aoyuan, xianfeng


def verbs(result: dict[str, object]) -> list[str]:
    steps = result["steps"]
    assert isinstance(steps, list)
    return [step["verb"] for step in steps]


@pytest.mark.slow
@pytest.mark.django_db
def test_a_month_in_xianfeng() -> None:
    result = xianfeng.play()
    figures = {name: result[name] for name in xianfeng.figures()}
    assert figures == {
        "buildings": 79, "residents": 7_939, "elderly": 524, "disabled": 67, "members": 113,
    }  # fmt: skip
    assert result["chain"] == "ok"
    # Found by a worker, called by whistle, a member at the door, closed.
    told = verbs(result)
    order = [told.index(verb) for verb in ("report", "blow", "come", "answer", "release", "handle")]
    assert order == sorted(order)
    # All who are old and all who are disabled are visited, each at least once in the month.
    cares = CarePerson.objects.standing()
    assert cares.filter(kinds__overlap=["alone", "elderly"]).count() == 524
    assert cares.count() == 524 + 67
    assert cares.filter(last_on=None).count() < 6
    assert CareVisit.objects.count() > 1200
    assert Household.objects.count() == -(-7_939 // 3)
    assert not Person.objects.exclude(area_code__startswith=xianfeng.COMMUNITY).exists()
    assert "7939 residents" in xianfeng.said(result)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_month_in_aoyuan_and_again() -> None:
    result = aoyuan.play()
    figures = {
        "members": 378, "branches": 23, "building_branches": 20, "teams": 6,
        "suggestions": 800, "done": 200,
    }  # fmt: skip
    assert {name: result[name] for name in figures} == figures
    assert result["chain"] == "ok"
    assert {"claim", "tell_result", "approve", "meet", "certify"} <= set(verbs(result))
    hours = CircleAttendance.objects.filter(state="came").count()
    assert hours > 50
    assert HoursCertificate.objects.exists()
    assert Suggestion.objects.filter(state="answered").exists()
    # Told once more, nothing is there twice.
    assert aoyuan.figures() == figures
