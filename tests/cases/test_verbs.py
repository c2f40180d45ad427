"""Each verb through its door: what it does, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.audit.verifying import verify
from huying.cases import accepting
from huying.cases.models import Case, CaseParty, CaseText, Suspension
from huying.catalogue.validating import RetiredItem, UnknownItem
from huying.catalogue.versions import deactivate
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.intake.verbs import VERBS
from huying.people.acting import SYSTEM
from huying.people.models import Post
from tests.cases.town import (
    DAY,
    DISPUTE,
    DISTRICT,
    FACTORY,
    GRID_1,
    GRID_2,
    GRID_3,
    GUARDIANS,
    LINGBIAN,
    NOW,
    OPINION,
    OTHER_TOWN,
    PEOPLE,
    PETROL,
    POSTS,
    SPOTS,
    TOWN,
    Town,
    at,
)

WHISTLED = {
    "answer", "check_in", "refuse_call", "arbitrate_call", "climb", "press_call", "stand_in",
    "release", "rate", "call_overdue",
}  # fmt: skip


@pytest.fixture
def town(shared_town: Town) -> Town:
    return shared_town


def start(town: Town, verb: str) -> Case:
    """A case that the verb may be done to, by whom `USUALLY` says."""
    state = str(next(iter(sorted(VERBS[verb].row.sources, key=list(STATES).index))))
    if verb == "settle":
        return town.report(item=PEOPLE)
    if verb in WHISTLED:
        return town.whistled(verb)
    case = town.bring_to(state)
    match verb:
        case "verify":
            return town.do("ask_verify", case)
        case "resume":
            return town.do("suspend", case)
        case "grant_extension" | "refuse_extension":
            return town.do("request_extension", case)
        case "arbitrate":
            return town.bounced(case)
        case "alarm" | "alarm_answer" | "alarm_next":
            return town.emergency(case, called=verb != "alarm")
        case "assist_sign" | "assist_return" | "release_part" | "part_overdue":
            return town.do("add_assist", case)
        case "ask_outside":
            return town.bring_to("handling")
        case "revoke_ask" | "outside_answer":
            return town.do("ask_outside", town.bring_to("handling"))
        case "assist_arrive" | "assist_done":
            return town.do("assist_sign", town.do("add_assist", case))
        case "sign_off" | "send_part_back":
            case = town.do("assist_sign", town.do("add_assist", case))
            return town.do("assist_done", case)
        case "remind" | "overdue" | "tell_leader":
            assert case.due_at is not None
            town.now = case.due_at
            rung = ("remind", "overdue", "tell_leader").index(verb)
            Case.objects.filter(pk=case.pk).update(rung=rung, wake_at=case.due_at)
        case "lift_supervision":
            return town.do("supervise", case)
        case "supervision_overdue" | "instruction_overdue" | "meeting_overdue":
            until = town.now + timedelta(hours=1)
            watched_by = {"s": "supervise", "i": "instruct", "m": "meet"}[verb[0]]
            case = town.do(watched_by, case, until=until)
            town.now = until
        case "answer_instruction":
            return town.do("instruct", case)
        case "ask_resident" | "share_photos" | "resident_withdraw":
            return town.followed(case)
        case "ask_questions" | "answer_questions":
            return town.asking(case)
        case "give_code":
            return town.report(contact_name="欧阳询", contact_phone="13926187753")
        case "resident_answer":
            return town.do("ask_resident", town.followed(case))
        case "confirm_erasure":
            return town.do("ask_erasure", case)
    return case


STATES = (
    "reported", "accepted", "dispatched", "handling", "handled", "checked", "closed",
    "declined", "merged", "withdrawn",
)  # fmt: skip
LEADS_TO = {
    "accept": "accepted", "decline": "declined", "dispatch": "dispatched", "sign_for": "handling",
    "return": "accepted", "handle": "handled", "check_pass": "checked", "check_fail": "handling",
    "close": "closed", "merge": "merged", "withdraw": "withdrawn", "reopen": "accepted",
    "undo": "reported", "resident_withdraw": "withdrawn",
}  # fmt: skip
TELLING = sorted(set(VERBS) - {"arbitrate", "attach", "confirm_erasure", "erased", "settle"})


@pytest.mark.parametrize("verb", TELLING)
def test_a_verb_moves_the_case_and_tells_of_it(town: Town, verb: str) -> None:
    before = start(town, verb)
    after = town.do(verb, before, expect_seq=before.last_seq)

    event = town.last(after)
    assert after.state == LEADS_TO.get(verb, before.state)
    assert (event.verb, event.seq) == (verb, before.last_seq + 1)
    assert (event.from_state, event.to_state) == (before.state, after.state)
    assert (after.last_seq, bytes(after.last_hash)) == (event.seq, bytes(event.hash))
    assert event.at == town.now
    assert after.changed_at == town.now
    assert verify(number=after.number).ok
    # What is told of it may leave the house: offices, units, items, numbers, times and nobody.
    jobs = ProcrastinateJob.objects.filter(task_name__in=("tell", "unless_undone"))
    told = [job.args.get("args", job.args).get("data", {}) for job in jobs]
    said = " ".join(str(value) for data in told for value in data.values())
    kept = CaseText.objects.filter(case=after).values_list("body", flat=True)
    for of_somebody in (*(each.name for each in town.accounts.values()), *kept):
        assert of_somebody not in said


REFUSALS: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("verify", {"true": None}, Missing, "true"),
    ("verify", {"text": "  "}, Missing, "text"),
    ("accept", {"item": "9999"}, UnknownItem, "item"),
    ("accept", {"level": "galaxy"}, BadInput, "level"),
    ("decline", {"reason_code": ""}, Missing, "reason_code"),
    ("decline", {"reason_code": "because"}, BadInput, "reason_code"),
    ("decline", {"reason": ""}, Missing, "reason"),
    ("decline", {"reason": "\0"}, BadInput, "reason"),
    ("decline", {"reason": "\ud800"}, BadInput, "reason"),
    ("decline", {"reason": "长" * 20_001}, BadInput, "reason"),
    ("dispatch", {"unit": None}, Missing, "unit"),
    ("dispatch", {"unit": 10**12}, BadInput, "unit"),
    ("return", {"reason_code": ""}, Missing, "reason_code"),
    ("return", {"reason_code": "because"}, BadInput, "reason_code"),
    ("return", {"reason": " "}, Missing, "reason"),
    ("return", {"suggested_unit": None}, Missing, "suggested_unit"),
    ("return", {"suggested_unit": 10**12}, BadInput, "suggested_unit"),
    ("handle", {"result": ""}, Missing, "result"),
    ("settle", {"result": ""}, Missing, "result"),
    ("settle", {"item": "9999"}, UnknownItem, "item"),
    ("ask_check", {"account": 10**12}, BadInput, "account"),
    ("ask_verify", {"account": 10**12}, BadInput, "account"),
    ("ask_verify", {"text": "\0"}, BadInput, "text"),
    ("check_fail", {"reason": ""}, Missing, "reason"),
    ("suspend", {"until": None}, Missing, "until"),
    ("suspend", {"until": NOW}, BadInput, "until"),
    ("suspend", {"until": NOW + timedelta(days=200)}, BadInput, "until"),
    ("suspend", {"reason": ""}, Missing, "reason"),
    ("request_extension", {"amount": None}, Missing, "amount"),
    ("request_extension", {"amount": 0}, BadInput, "amount"),
    ("request_extension", {"amount": 21}, BadInput, "amount"),
    ("request_extension", {"clock": "sundial"}, BadInput, "clock"),
    ("request_extension", {"reason": ""}, Missing, "reason"),
    ("refuse_extension", {"reason": ""}, Missing, "reason"),
    ("escalate", {"reason": ""}, Missing, "reason"),
    ("escalate", {"tried": " "}, Missing, "tried"),
    ("take_over", {"reason": ""}, Missing, "reason"),
    ("take_over", {"reason_code": "because"}, BadInput, "reason_code"),
    ("arbitrate", {"unit": None}, Missing, "unit"),
    ("arbitrate", {"unit": 10**12}, BadInput, "unit"),
    ("arbitrate", {"reason": ""}, Missing, "reason"),
    ("send_down", {"to": ""}, Missing, "to"),
    ("send_down", {"to": TOWN}, BadInput, "to"),
    ("send_down", {"to": LINGBIAN}, BadInput, "to"),
    ("send_down", {"to": OTHER_TOWN}, BadInput, "to"),
    ("send_down", {"to": DISTRICT}, BadInput, "to"),
    ("send_down", {"reason": ""}, Missing, "reason"),
    ("change_item", {"item": ""}, Missing, "item"),
    ("change_item", {"item": OPINION}, BadInput, "item"),
    ("change_item", {"reason": ""}, Missing, "reason"),
    ("pin", {"lon": None, "lat": None}, Missing, "position"),
    ("pin", {"lon": 116.39, "lat": 39.9}, BadInput, "position"),
    ("pin", {"lon": 113.4, "lat": 200.0}, BadInput, "lat"),
    ("pin", {"datum": "mars"}, BadInput, "datum"),
    ("pin", {"lon": None, "lat": None, "area": "440106"}, BadInput, "area"),
    ("pin", {"lon": None, "lat": None, "area": f"{TOWN}999"}, BadInput, "area"),
    ("pin", {"address": "巷口\0"}, BadInput, "address"),
    ("merge", {"into": None}, Missing, "into"),
    ("merge", {"into": uuid.UUID(int=1)}, BadInput, "into"),
    ("withdraw", {"reason": ""}, Missing, "reason"),
    ("comment", {"text": ""}, Missing, "text"),
    ("attach", {"photos": []}, Missing, "photos"),
    ("attach", {"photos": [uuid.UUID(int=1)]}, BadInput, "photos"),
    ("attach", {"photos": [uuid.UUID(int=n) for n in range(10)]}, BadInput, "photos"),
    ("reopen", {"reason": ""}, Missing, "reason"),
    ("erased", {}, BadInput, "texts"),
    ("erased", {"texts": [uuid.UUID(int=1)]}, BadInput, "texts"),
    ("erased", {"contacts": [uuid.UUID(int=1)]}, BadInput, "texts"),
]


@pytest.mark.parametrize(("verb", "inputs", "error", "field"), REFUSALS)
def test_a_bad_input_is_named_and_changes_nothing(
    town: Town, verb: str, inputs: dict[str, Any], error: type, field: str
) -> None:
    case = start(town, verb)
    given = town.usual_inputs(verb, case) | inputs
    with town.refused(error, field):
        town.do(verb, case, **given)


def test_an_item_that_was_retired_is_not_accepted(town: Town) -> None:
    case = town.town_case()
    deactivate(FACTORY, by=SYSTEM)
    with town.refused(RetiredItem, "item"):
        town.do("accept", case, item=FACTORY)


def test_nothing_is_accepted_without_an_item(town: Town) -> None:
    case = town.report()
    with town.refused(Missing, "item"):
        town.do("accept", case, item="")


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_only_those_whom_the_table_names_may(town: Town, verb: str) -> None:
    """Every post tries: who is refused changes nothing."""
    case = start(town, verb)
    row = VERBS[verb].row
    refused = 0
    inputs = town.usual_inputs(verb, case) | ({"into": None} if verb == "merge" else {})
    before = town.picture()
    for name in (*POSTS, "system", "resident"):
        actor = town.actor(name)
        if row.why_not(actor, case) is None:
            continue
        with pytest.raises(NotAllowed):
            town.do(verb, case, by=actor, **inputs)
        refused += 1
    assert town.picture() == before
    assert refused > 2
    assert {name for name in GUARDIANS if row.why_not(town.actor(name), case) is None} == set()


@pytest.mark.parametrize("state", STATES)
def test_a_verb_in_the_wrong_state_is_refused(town: Town, state: str) -> None:
    case = town.bring_to(state)
    before = town.picture()
    for name, verb in VERBS.items():
        if state in {str(source) for source in verb.row.sources}:
            continue
        with pytest.raises(WrongState) as refusal:
            verb.do(case, by=town.dispatcher, now=town.now)
        assert refusal.value.extra["state"] == state, name
    assert town.picture() == before


def test_there_must_be_such_a_case(town: Town) -> None:
    with town.refused(NotFound):
        accepting.accept(uuid.UUID(int=1), by=town.dispatcher, now=town.now, item=OPINION)


# --- 过期页面 stale pages


def test_an_old_page_says_who_did_what_meanwhile(town: Town) -> None:
    case = town.bring_to("reported")
    seen = case.last_seq
    town.do("comment", case, by="worker", text="刚到现场")
    town.do("accept", case, by="second_dispatcher")
    with town.refused(StalePage) as caught:
        town.do("accept", case, by="dispatcher", expect_seq=seen)
    since = caught.value.extra["since"]
    assert [(each["verb"], each["by"]) for each in since] == [
        ("comment", "worker"),
        ("accept", "second_dispatcher"),
    ]
    assert since[0]["seq"] == seen + 1
    # The page's age is told before the state, which the reader of an old page cannot know.
    assert caught.value.status == 409


def test_a_page_from_the_future_is_stale_too(town: Town) -> None:
    case = town.bring_to("reported")
    with town.refused(StalePage):
        town.do("accept", case, expect_seq=case.last_seq + 1)


# --- 核实 verify


def test_a_report_is_verified_by_somebody_of_the_place(town: Town) -> None:
    case = town.town_case(grid=GRID_1)
    with town.refused(WrongState):
        town.do("verify", case)  # nobody asked
    case = town.do("ask_verify", case, account=town.accounts["worker"].pk)
    assert case.verify_asked
    with town.refused(NotAllowed):
        town.do("verify", case, by="next_worker")
    case = town.do("verify", case, true=False, text="现场没有发现")
    assert (case.verified, case.verify_asked, case.state) == (False, False, "reported")
    assert not CaseParty.objects.filter(case=case, part="verifier", until_seq=None).exists()


def test_only_who_may_look_at_the_place_can_be_asked(town: Town) -> None:
    case = town.town_case(grid=GRID_1)
    for name in ("far_worker", "other_town_checker", "handler", "dispatcher"):
        if name == "handler":
            continue  # has a checker's post in the town besides
        with town.refused(BadInput, "account"):
            town.do("ask_verify", case, account=town.accounts[name].pk)


def test_a_post_counts_on_its_last_day_in_the_civil_calendar(town: Town) -> None:
    """00:30 of the 12th in Shanghai is still the 11th in London."""
    Post.objects.filter(account=town.accounts["worker"]).update(ends_on=DAY)
    case = town.town_case(grid=GRID_1)
    account = town.accounts["worker"].pk
    assert town.do("ask_verify", case, account=account, now=at("2019-07-11 23:50")).verify_asked
    with town.refused(BadInput, "account"):
        town.do("ask_verify", case, account=account, now=at("2019-07-12 00:30"))


# --- 立案 accept, 更正事项 change_item, 定位 pin


def test_accepting_fixes_item_version_level_and_kind(town: Town) -> None:
    case = town.town_case(item="")
    case = town.do("escalate", case, by="village_dispatcher") if len(case.holder_code) > 9 else case
    case = town.do("accept", case, item=FACTORY)
    assert case.item_version is not None
    assert (case.item_code, case.item_version.version, case.level) == (FACTORY, 1, "town")
    assert (case.kind, case.emergency) == ("complex", False)
    assert case.accepted_at == town.now
    assert town.last(case).data["item"] == FACTORY


def test_the_desk_may_say_another_level(town: Town) -> None:
    assert town.do("accept", town.town_case(), level="district").level == "district"


def test_an_emergency_item_is_one_whatever_is_said(town: Town) -> None:
    case = town.do("accept", town.report(item=PETROL), emergency=False)
    assert (case.emergency, case.kind) == (True, "emergency")


def test_changing_the_item_says_from_what_to_what(town: Town) -> None:
    case = town.bring_to("handling")
    case = town.do("change_item", case, item=DISPUTE)
    assert case.item_code == DISPUTE
    assert case.item_version is not None
    assert case.item_version.item_id == DISPUTE
    data = town.last(case).data
    assert (data["from_item"], data["item"]) == (OPINION, DISPUTE)


def test_the_same_item_may_be_turned_into_an_emergency_and_back(town: Town) -> None:
    case = town.do("change_item", town.bring_to("handling"), item=OPINION, emergency=True)
    assert (case.emergency, case.kind) == (True, "emergency")
    case = town.do("change_item", case, item=OPINION, emergency=False)
    assert (case.emergency, case.kind) == (False, "complex")


def test_pinning_moves_the_place_and_not_the_number_nor_the_desk(town: Town) -> None:
    before = town.bring_to("accepted")
    lon, lat = SPOTS[GRID_2]
    case = town.do("pin", before, lon=lon, lat=lat, address=" 宗祠东街 ")
    assert (case.area_code, case.grid_code, case.address) == (GRID_2, GRID_2, "宗祠东街")
    assert (case.lon, case.lat, case.told_datum) == (lon, lat, "wgs84")
    assert (case.number, case.holder_code) == (before.number, before.holder_code)
    data = town.last(case).data
    assert (data["from_area"], data["area"]) == (GRID_1, GRID_2)
    assert "宗祠" not in str(data)  # words of a place can name people

    case = town.do("pin", case, lon=None, lat=None, area=LINGBIAN)
    assert (case.area_code, case.grid_code, case.lon) == (LINGBIAN, "", None)
    assert case.address == "宗祠东街"


def test_a_grid_worker_pins_in_the_own_grid_only(town: Town) -> None:
    case = town.bring_to("accepted")
    with town.refused(NotAllowed):
        town.do("pin", case, by="far_worker")
    assert town.do("pin", case, by="worker").area_code == GRID_2
    assert town.do("pin", case, by="head").area_code == GRID_2


# --- 备注 comment


def test_whoever_takes_part_comments_and_a_leader_of_elsewhere_does_too_late(town: Town) -> None:
    case = town.bring_to("handling")
    for name in ("worker", "handler", "town_leader", "checker"):
        case = town.do("comment", case, by=name, text=f"{name} 已知")
    bodies = CaseText.objects.filter(case=case, kind="comment").values_list("body", flat=True)
    assert len(bodies) == 4
    with town.refused(NotAllowed):
        town.do("comment", case, by="resident")
    closed = town.bring_to("closed")
    with town.refused(WrongState):
        town.do("comment", closed)


def test_an_event_holds_digests_and_codes_and_no_words(town: Town) -> None:
    """Whatever a verb is told in words stands beside the log and not in it."""
    secret = "机密言语"
    case = town.town_case(text=secret, contact_name=secret, contact_phone="13800138000")
    case = town.do("ask_verify", case, text=secret)
    case = town.do("verify", case, text=secret)
    case = town.do("pin", case, address=secret)
    case = town.do("accept", case, item=OPINION)
    case = town.do("change_item", case, item=DISPUTE, reason=secret)
    case = town.do("suspend", case, reason=secret)
    case = town.do("resume", case, text=secret)
    case = town.do("dispatch", case, requirement=secret)
    case = town.do("return", case, reason=secret)
    case = town.do("dispatch", case)
    case = town.do("sign_for", case)
    case = town.do("request_extension", case, reason=secret)
    case = town.do("refuse_extension", case, reason=secret)
    case = town.do("request_extension", case, reason=secret)
    case = town.do("grant_extension", case, text=secret)
    case = town.do("handle", case, result=secret, form=secret)
    case = town.do("ask_check", case, text=secret)
    case = town.do("check_fail", case, reason=secret)
    case = town.do("handle", case, result=secret)
    case = town.do("check_pass", case, text=secret)
    case = town.do("close", case, text=secret)
    case = town.do("reopen", case, reason=secret)
    for event in town.events(case):
        assert secret not in repr(event.data)
        assert "1380013" not in repr(event.data)
        for reference in event.data.get("texts", []):
            assert set(reference) == {"id", "kind", "digest"}
    assert CaseText.objects.filter(case=case, body=secret).count() > 15
    assert not Suspension.objects.filter(case=case, ended_at=None).exists()
    assert verify(number=case.number).ok


def test_the_third_grid_is_another_village(town: Town) -> None:
    """What the town of these tests promises to the stories."""
    assert GRID_3.startswith(LINGBIAN)
    assert town.report(grid=GRID_3, item=OPINION).holder_code == LINGBIAN
