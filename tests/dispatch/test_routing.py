"""Which unit is proposed, and why. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from huying.dispatch.routing import Candidate, Matter, Reason, best, rank
from huying.dispatch.rules import Target, Whose
from huying.places.models import Level


def matter(**more: Any) -> Matter:
    return Matter(
        **(
            {
                "item_code": "0203",
                "level": Level.TOWN,
                "area_code": "440113120213001",
                "lead_department": "应急管理办",
                "assisting_departments": ("消防", "公安派出所"),
            }
            | more
        )
    )


def unit(
    unit_id: int, department: str = "", *, level: Level = Level.TOWN, load: int = 0, duty: str = ""
) -> Candidate:
    return Candidate(unit_id, f"u{unit_id}", department, level, load, duty)


SAFETY, FIRE, TEAM = unit(1, "应急管理办"), unit(2, "消防"), unit(3, duty="企业商铺类")
JOINT = Target(Whose.TEAM, "企业商铺类")
OWN = Target(Whose.CATALOGUE)


def order(*found: Any) -> list[int]:
    return [each.candidate.unit_id for each in found]


def test_the_lead_department_comes_before_those_that_assist() -> None:
    found = rank(matter(), [FIRE, SAFETY])
    assert order(*found) == [1, 2]
    assert found[0].reasons == (Reason.LEAD_DEPARTMENT, Reason.LEVEL_FITS)
    assert found[1].reasons == (Reason.ASSISTING_DEPARTMENT, Reason.LEVEL_FITS)


def test_who_has_nothing_to_do_with_it_is_not_proposed() -> None:
    assert rank(matter(), []) == []
    assert rank(matter(), [unit(9, "民政"), unit(8), unit(7, duty="社会面类")]) == []


def test_whom_a_rule_names_comes_first() -> None:
    found = rank(matter(lead=(JOINT,)), [SAFETY, FIRE, TEAM])
    assert order(*found) == [3, 1, 2]
    assert [each.reasons[0] for each in found] == [
        Reason.RULE_NAMES,
        Reason.LEAD_DEPARTMENT,
        Reason.ASSISTING_DEPARTMENT,
    ]
    # Where it names the catalogue's department too, they are equals, and load decides.
    both = matter(lead=(OWN, JOINT))
    assert order(*rank(both, [TEAM, SAFETY])) == [1, 3]
    assert order(*rank(both, [TEAM, replace(SAFETY, load=4)])) == [3, 1]
    one = matter(lead=(Target(Whose.UNIT, "x-2"),), assist=(Target(Whose.DEPARTMENT, "民政"),))
    welfare = replace(unit(5, "民政"), code="x-5")
    assert order(*rank(one, [FIRE, welfare, replace(FIRE, unit_id=4, code="x-2")])) == [4, 5, 2]


def test_the_level_that_the_matter_is_for_comes_first() -> None:
    village = unit(4, "应急管理办", level=Level.COMMUNITY)
    district = unit(5, "应急管理办", level=Level.DISTRICT)
    assert order(*rank(matter(level=Level.COMMUNITY), [SAFETY, district, village])) == [4, 1, 5]
    # A matter of the grid is the community's: a grid has no units.
    assert order(*rank(matter(level=Level.GRID), [SAFETY, village])) == [4, 1]
    assert Reason.NEARER_LEVEL in rank(matter(), [village])[0].reasons


def test_among_equals_the_one_with_less_to_do_and_it_says_so() -> None:
    busy, free = unit(1, "应急管理办", load=9), unit(2, "应急管理办", load=3)
    found = rank(matter(), [busy, free])
    assert order(*found) == [2, 1]
    assert Reason.LEAST_LOAD in found[0].reasons
    assert Reason.LEAST_LOAD not in found[1].reasons
    # Load does not outweigh whose matter it is.
    assert order(*rank(matter(), [unit(1, "应急管理办", load=99), FIRE])) == [1, 2]


def test_equals_with_the_same_load_have_one_order() -> None:
    found = rank(matter(), [unit(6, "应急管理办"), unit(5, "应急管理办")])
    assert order(*found) == [5, 6]
    assert Reason.LEAST_LOAD not in found[0].reasons


def test_whoever_returned_it_comes_last_and_whom_it_named_first() -> None:
    found = rank(matter(returned_by=frozenset({1}), named_by_return=9), [SAFETY, FIRE, unit(9)])
    assert order(*found) == [9, 2, 1]
    assert found[0].reasons[0] is Reason.RETURN_NAMED_IT
    assert found[2].reasons[-1] is Reason.RETURNED_IT


def test_two_units_that_name_each_other_end_with_neither_first() -> None:
    """踢皮球: the safety office named the fire brigade, which named the safety office."""
    both = frozenset({1, 2})
    found = rank(matter(returned_by=both, named_by_return=1), [SAFETY, FIRE, TEAM])
    assert Reason.RETURNED_IT in next(x for x in found if x.candidate is FIRE).reasons
    assert found[-1].candidate is FIRE


candidates = st.lists(
    st.builds(
        Candidate,
        unit_id=st.integers(1, 50),
        name=st.just("u"),
        department=st.sampled_from(["", "应急管理办", "消防", "民政"]),
        level=st.sampled_from(Level),
        load=st.integers(0, 3),
        duty=st.sampled_from(["", "企业商铺类"]),
    ),
    max_size=8,
    unique_by=lambda each: each.unit_id,
)


@given(candidates, st.randoms(), st.booleans())
def test_the_order_of_asking_makes_no_difference(
    asked: list[Candidate], random: Any, ruled: bool
) -> None:
    shuffled = list(asked)
    random.shuffle(shuffled)
    question = matter(lead=(JOINT,) * ruled, returned_by=frozenset({3}), named_by_return=4)
    first, second = rank(question, asked), rank(question, shuffled)
    assert first == second
    assert all(each.reasons for each in first)
    assert len(set(order(*first))) == len(first)


def test_nobody_is_chosen_among_towns_while_the_town_is_unknown() -> None:
    matter = Matter("0209", Level.TOWN, "440113", "生态环境", ())
    towns = [
        Candidate(n, f"u{n}", "生态环境", Level.TOWN, 0, area_code=f"4401131{n}0") for n in (1, 2)
    ]
    bureau = Candidate(3, "u3", "生态环境", Level.DISTRICT, 9, area_code="440113")
    assert best(rank(matter, towns)) is None
    helper = Candidate(4, "u4", "应急管理", Level.DISTRICT, 0, area_code="440113")
    assisted = replace(matter, assisting_departments=("应急管理",))
    assert best(rank(assisted, [*towns, helper])) is None
    assert getattr(best(rank(assisted, [helper])), "candidate", None) == helper
    assert order(*rank(matter, [*towns, bureau])) == [3, 1, 2]
    located = replace(matter, area_code="440113120213")
    assert order(*rank(located, [replace(towns[1], area_code="440113120"), bureau])) == [2, 3]
