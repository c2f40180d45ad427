"""外部协查: one question, one link, one answer; the unit stays responsible."""

from __future__ import annotations

from datetime import timedelta

from huying.audit.verifying import verify
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.response.asking import find, question_of, token_hash
from huying.response.models import OutsideAsk
from tests.cases.town import Town


def test_a_link_is_shown_once_and_only_its_hash_is_kept(town: Town) -> None:
    case = town.do("ask_outside", town.bring_to("handling"))
    token = case.shown_once
    ask = OutsideAsk.objects.get(case=case)
    assert bytes(ask.token_hash) == token_hash(token)
    assert token not in str(town.last(case).data)
    case.refresh_from_db()
    found = find(token, town.now)
    assert found is not None
    assert found.pk == ask.pk
    assert find(token + "x", town.now) is None


def test_it_takes_one_answer_and_the_case_stays_where_it_is(town: Town) -> None:
    case = town.do("ask_outside", town.bring_to("handling"))
    token = case.shown_once
    photo = town.photo("other", by=town.outside)
    case = town.do("outside_answer", case, photos=[photo.pk])
    event = town.last(case)
    assert (event.actor_kind, event.actor_id, event.role) == ("outside", None, None)
    assert (case.state, case.lead_unit) == ("handling", town.safety)
    assert find(token, town.now) is None
    with town.refused(NotFound):
        town.do("outside_answer", case, ask=OutsideAsk.objects.get(case=case).pk)
    assert verify(number=case.number).ok


def test_it_ends_by_itself_by_hand_and_with_the_case(town: Town) -> None:
    case = town.do("ask_outside", town.bring_to("handling"), days=2)
    token = case.shown_once
    assert find(token, town.now + timedelta(hours=47)) is not None
    assert find(token, town.now + timedelta(days=2)) is None
    late = town.now + timedelta(days=2)
    with town.refused(NotFound):
        town.do("outside_answer", case, now=late)
    case = town.do("revoke_ask", case)
    assert find(token, town.now) is None
    second = town.do("ask_outside", case)
    token = second.shown_once
    case = second
    for verb in ("handle", "check_pass", "close"):
        case = town.do(verb, case)
    assert find(token, town.now) is None


def test_only_the_lead_unit_and_the_desk_ask_and_only_for_what_is_the_cases(town: Town) -> None:
    case = town.bring_to("handling")
    for stranger in ("fireman", "worker", "town_leader"):
        with town.refused(NotAllowed):
            town.do("ask_outside", case, by=stranger)
    with town.refused(Missing, "question"):
        town.do("ask_outside", case, question="")
    with town.refused(BadInput, "days"):
        town.do("ask_outside", case, days=31)
    foreign = town.photo("other")
    with town.refused(BadInput, "photos"):
        town.do("ask_outside", case, photos=[foreign.pk])


def test_numbers_of_others_do_not_go_out_with_the_question(town: Town) -> None:
    case = town.do(
        "ask_outside", town.bring_to("handling"),
        to="供电所王工13926187754", question="业主440113198001020014是否报装？电话 139 2618 7754",
    )  # fmt: skip
    question = question_of(OutsideAsk.objects.get(case=case))
    assert question is not None
    assert "440113198001020014" not in question
    assert "7754" in question
    assert "2618" not in question
    assert not case.texts.filter(body__contains="13926187754").exists()
