"""分案: a sub-case is a case of its own, and its main case waits for it."""

from __future__ import annotations

from huying.audit.verifying import verify
from huying.cases.models import Case
from huying.errors import BadInput, Missing, OnHold, WrongState
from tests.cases.town import FACTORY, OPINION, Town


def split(town: Town, main: Case, **inputs: object) -> tuple[Case, Case]:
    main = town.do("split", main, **inputs)
    return main, Case.objects.get(pk=town.last(main).data["sub"])


def test_a_sub_case_has_its_own_item_unit_deadline_and_chain(town: Town) -> None:
    main = town.bring_to("accepted", item=FACTORY)
    main, sub = split(town, main, unit=town.committee.pk, text="门前积水另行处理")
    assert (sub.state, sub.item_code, sub.lead_unit) == ("dispatched", OPINION, town.committee)
    assert (sub.parent_id, sub.area_code, sub.holder_code) == (
        main.pk, main.area_code, main.holder_code,
    )  # fmt: skip
    assert sub.number != main.number
    assert len(sub.number) == len(main.number)
    assert sub.handle_due is not None
    assert sub.handle_due != main.handle_due
    assert town.verbs(sub) == ["report", "accept", "dispatch"]
    assert verify(number=sub.number).ok
    assert verify(number=main.number).ok
    assert main.state == "accepted", "the main case goes on"
    with town.refused(WrongState):
        town.do("split", sub)
    with town.refused(Missing, "text"):
        town.do("split", main, text=" ")
    with town.refused(BadInput, "unit"):
        town.do("split", main, unit=town.other_town_safety.pk)


def test_the_main_case_waits_for_its_sub_cases_and_is_told_of_the_last(town: Town) -> None:
    main, first = split(town, town.bring_to("handling"))
    main, second = split(town, main)
    main = town.do("check_pass", town.do("handle", main))
    with town.refused(OnHold):
        town.do("close", main)
    town.bring_to_close(first)
    main.refresh_from_db()
    assert town.verbs(main)[-1] == "check_pass", "one is open still"
    town.bring_to_close(second)
    main.refresh_from_db()
    assert (town.last(main).verb, town.last(main).data["subs"]) == ("subs_ended", 2)
    assert town.do("close", main).state == "closed"


def test_a_main_case_is_not_merged_away_over_its_sub_cases(town: Town) -> None:
    main, _sub = split(town, town.bring_to("accepted"))
    other = town.town_case(text="另一宗")
    with town.refused(OnHold):
        town.do("merge", main, into=other.pk)


def test_a_reopened_sub_case_holds_its_main_case_again(town: Town) -> None:
    main, sub = split(town, town.bring_to("handling"))
    sub = town.bring_to_close(sub)
    sub = town.do("reopen", sub)
    main = town.do("check_pass", town.do("handle", Case.objects.get(pk=main.pk)))
    with town.refused(OnHold):
        town.do("close", main)
    # A merged sub-case lets its main case go, and its undoing holds it anew.
    merged = town.do("merge", sub, into=town.town_case(text="另一宗").pk)
    town.do("undo", merged)
    main.refresh_from_db()
    with town.refused(OnHold):
        town.do("close", main)
