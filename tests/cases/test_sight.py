"""Who sees which case, who may reveal whom it came from, and what can be erased."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from huying.audit.models import AccessLog
from huying.audit.verifying import verify
from huying.cases.contacts import Contact, masked_name, masked_phone, plain_phone, reveal
from huying.cases.describing import describe
from huying.cases.finding import find
from huying.cases.models import Case, CaseContact, CaseText
from huying.desk.queue import of_tab
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.people.acting import RESIDENT, Actor, ActorKind
from huying.people.models import Role
from tests.cases.town import (
    DISTRICT,
    GRID_1,
    GRID_2,
    GRID_3,
    GUARDIANS,
    NOW,
    OPINION,
    OTHER_TOWN,
    POSTS,
    Town,
    integration,
)

NAME, PHONE = "欧阳锋", "13826051234"


def sees(town: Town, case: Case) -> set[str]:
    """The posts that see a case."""
    return {
        name
        for name in POSTS
        if Case.objects.visible_to(town.actor(name)).filter(pk=case.pk).exists()
    }


DISTRICT_WIDE = {"district_dispatcher", "district_leader"}
TOWN_WIDE = {
    "dispatcher", "second_dispatcher", "checker", "colleague_as_checker", "handler_as_checker",
    "fireman_as_checker", "town_leader",
}  # fmt: skip
VILLAGE_WIDE = {"village_dispatcher", "community_leader", "head"}
EVERYBODY_ABOVE = DISTRICT_WIDE | TOWN_WIDE | VILLAGE_WIDE


def test_a_case_is_seen_in_its_grid_village_town_and_district(town: Town) -> None:
    case = town.report(by=RESIDENT, item=OPINION, area=GRID_1)
    assert sees(town, case) == EVERYBODY_ABOVE | {"worker"}


def test_a_case_of_elsewhere_is_not(town: Town) -> None:
    case = town.report(by=RESIDENT, area=OTHER_TOWN)
    assert sees(town, case) == DISTRICT_WIDE | {"other_town_dispatcher", "other_town_checker"}
    case = town.report(by=RESIDENT, area=GRID_3)
    assert sees(town, case) == DISTRICT_WIDE | TOWN_WIDE | {"far_worker", "lingbian_checker"}


def test_what_nobody_has_located_lies_with_the_district(town: Town) -> None:
    assert sees(town, town.report(by=RESIDENT, area="")) == DISTRICT_WIDE


def test_who_reported_goes_on_seeing_it_wherever_it_is(town: Town) -> None:
    case = town.report(by=town.next_worker, item=OPINION, area=GRID_3)
    assert "next_worker" in sees(town, case)


def test_a_unit_sees_what_it_has_and_not_what_it_gave_back(town: Town) -> None:
    case = town.bring_to("accepted")
    assert not sees(town, case) & {"handler", "colleague", "fireman"}
    case = town.do("dispatch", case, assist=[town.fire.pk])
    assert {"handler", "colleague", "fireman"} <= sees(town, case)
    case = town.do("return", case)
    assert not sees(town, case) & {"handler", "colleague", "fireman"}


def test_a_unit_goes_on_seeing_what_it_finished(town: Town) -> None:
    assert "handler" in sees(town, town.bring_to("closed"))


def test_who_is_asked_to_look_sees_it_until_the_answer(town: Town) -> None:
    case = town.town_case(area=GRID_2)
    case = town.do("ask_verify", case, account=town.accounts["next_worker"].pk)
    assert "next_worker" in sees(town, case)


def test_a_desk_sees_what_it_holds_though_the_place_is_elsewhere(town: Town) -> None:
    case = town.report(by=RESIDENT, item=OPINION, area=GRID_1)
    case = town.do("pin", case, by="village_dispatcher", lon=None, lat=None, area=OTHER_TOWN)
    assert {"village_dispatcher", "dispatcher", "other_town_dispatcher"} <= sees(town, case)
    assert "worker" not in sees(town, case)


def test_a_tab_holds_what_its_post_sees_and_nothing_else(town: Town) -> None:
    for area in (GRID_1, GRID_3, OTHER_TOWN, ""):
        town.report(by=RESIDENT, item=OPINION, area=area)
    town.report(by=town.next_worker, item=OPINION, area=GRID_3)
    here = town.report(by=RESIDENT, item=OPINION, area=GRID_1)
    town.do("pin", here, by="village_dispatcher", lon=None, lat=None, area=OTHER_TOWN)
    town.bring_to("dispatched")
    found: dict[str, int] = {}
    for name in (*POSTS, *GUARDIANS):
        actor = town.actor(name)
        seen = set(Case.objects.visible_to(actor))
        by_name = {case for case in seen if case.reporter_id == actor.account_id}
        in_area = {case for case in seen if case.area_code.startswith(actor.area_code)}
        held = {case for case in seen if case.holder_code == actor.area_code}
        wanted = {"reported": by_name, "area": in_area, "held": held, "all": seen}
        for tab, cases in wanted.items():
            assert set(of_tab(tab, actor)) == cases, (name, tab)
        mine = set(of_tab("mine", actor))
        assert mine == mine & seen, name
        if actor.role == Role.DISPATCHER:
            assert mine == mine & held, name
            found[name] = len(mine)
    assert found == {
        "district_dispatcher": 1, "dispatcher": 0, "second_dispatcher": 0,
        "other_town_dispatcher": 1, "village_dispatcher": 2,
    }  # fmt: skip


def test_the_three_guardians_a_resident_and_nobody_see_none(town: Town) -> None:
    town.report()
    nobody = Actor(kind=ActorKind.ACCOUNT, account_id=1)
    lost = Actor(kind=ActorKind.ACCOUNT, account_id=10**6, role=Role.DISPATCHER, area_code="")
    for actor in (*(town.actor(name) for name in GUARDIANS), RESIDENT, nobody, lost):
        assert not Case.objects.visible_to(actor).exists()
    assert Case.objects.visible_to(town.system).count() == 1
    assert Case.objects.visible_to(integration(area=DISTRICT)).count() == 1
    assert not Case.objects.visible_to(integration(area=OTHER_TOWN)).exists()


def test_words_find_number_address_and_report(town: Town) -> None:
    case = town.report("宗祠旁污水横流", address="东街八号")
    town.report("别处路灯不亮")
    for words in (case.number, case.number[-8:], "东街", "污水", " 横流 "):
        assert list(find(Case.objects.all(), words, now=NOW)) == [case], words
    assert find(Case.objects.all(), "", now=NOW).count() == 2
    assert not find(Case.objects.all(), "没有这样的话", now=NOW).exists()


# --- 联系人 contacts


def with_contact(town: Town) -> Case:
    return town.town_case(contact_name=NAME, contact_phone="138-2605 1234")


@pytest.mark.parametrize(
    ("name", "masked"), [("欧阳锋", "欧**"), ("张三", "张*"), ("李", "*"), ("", "")]
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13826051234", "138****1234"),
        ("+8613826051234", "+86138****1234"),
        ("84601234", "******34"),
    ],
)
def test_a_phone_is_masked(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked


def test_a_phone_is_digits() -> None:
    assert plain_phone(" 020-8460 1234（办）".replace("办", "")) == "02084601234"
    for wrong in ("abc", "1234", "1" * 21, "1383800<script>"):
        with pytest.raises(BadInput) as refusal:
            plain_phone(wrong)
        assert refusal.value.field == "phone"


def test_a_contact_lies_encrypted_and_is_shown_masked(town: Town) -> None:
    case = with_contact(town)
    contact = CaseContact.objects.get(case=case)
    assert (contact.name_masked, contact.phone_masked) == ("欧**", "138****1234")
    assert describe(case)["contacts"] == [{"name": "欧**", "phone": "138****1234"}]
    dump = everything_stored(case)
    assert NAME.encode() not in dump
    assert PHONE.encode() not in dump
    assert "厂房".encode() not in dump
    assert "居民反映".encode() in dump  # the dump does hold what lies open


def everything_stored(case: Case) -> bytes:
    """All text and bytes of the tables that know the case, the queue and the keys too."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public' AND (table_name IN ('case', 'case_event', 'case_text',"
            " 'case_contact', 'case_party', 'attachment', 'idempotency_key', 'access_log',"
            " 'procrastinate_jobs', 'likely_duplicate'))"
            " AND data_type IN ('character varying', 'text', 'bytea', 'jsonb')"
        )
        for table, column, kind in cursor.fetchall():
            value = f'"{column}"' if kind == "bytea" else f"convert_to(\"{column}\"::text, 'UTF8')"
            cursor.execute(f'SELECT {value} FROM "{table}" WHERE "{column}" IS NOT NULL')
            found += [bytes(row[0]) for row in cursor.fetchall()]
    assert len(found) > 20
    return b"\n".join(found)


def test_the_same_words_are_never_encrypted_alike(town: Town) -> None:
    one, other = (CaseContact.objects.get(case=with_contact(town)) for _ in range(2))
    assert bytes(one.name_enc) != bytes(other.name_enc)
    assert bytes(one.phone_enc) != bytes(other.phone_enc)
    # A caller is found again by the keyed index.
    assert bytes(one.phone_index or b"") == bytes(other.phone_index or b"") != b""


def test_a_contact_is_revealed_for_a_purpose_and_that_is_written_down(town: Town) -> None:
    case = with_contact(town)
    with town.refused(Missing, "purpose"):
        reveal(case, by=town.dispatcher, purpose="", now=town.now)
    with town.refused(Missing, "purpose"):
        reveal(case, by=town.dispatcher, purpose="curiosity", now=town.now)
    assert not AccessLog.objects.exists()
    found = reveal(case, by=town.dispatcher, purpose="ask_details", now=town.now)
    assert found == [Contact(NAME, PHONE)]
    entry = AccessLog.objects.get()
    assert (entry.account_id, entry.post_id, entry.role) == (
        town.dispatcher.account_id,
        town.dispatcher.post_id,
        "dispatcher",
    )
    assert (entry.action, entry.subject_id, entry.purpose) == (
        "reveal_contact",
        str(case.pk),
        "ask_details",
    )
    assert entry.fields == ["name", "phone"]


def test_who_may_not_see_or_has_no_need_is_not_shown(town: Town) -> None:
    case = with_contact(town)
    for name in ("town_leader", "head"):
        with town.refused(NotAllowed):
            reveal(case, by=town.actor(name), purpose="meet", now=town.now)
    for name in ("handler", "other_town_dispatcher", "next_worker", *GUARDIANS):
        with town.refused(NotFound):
            reveal(case, by=town.actor(name), purpose="meet", now=town.now)
    bare = town.town_case()
    with town.refused(NotFound):
        reveal(bare, by=town.dispatcher, purpose="meet", now=town.now)
    assert not AccessLog.objects.exists()


# --- 擦除 erasing


def test_words_and_contacts_are_erased_and_the_log_stays_whole(town: Town) -> None:
    case = with_contact(town)
    case = town.do("comment", case, text="机密的话")
    texts = list(CaseText.objects.filter(case=case, kind="comment").values_list("pk", flat=True))
    contacts = list(CaseContact.objects.filter(case=case).values_list("pk", flat=True))
    before = [bytes(event.hash) for event in town.events(case)]
    case = town.do("erased", case, texts=texts, contacts=contacts)
    assert not CaseText.objects.filter(pk__in=texts).exists()
    assert not CaseContact.objects.filter(case=case).exists()
    assert [bytes(event.hash) for event in town.events(case)][:-1] == before
    assert set(town.last(case).data["erased"]) == {str(pk) for pk in (*texts, *contacts)}
    dump = everything_stored(case)
    assert "机密的话".encode() not in dump
    result = verify(number=case.number)
    assert result.ok
    assert result.erased == 2
    # Pages show that there were words, and not which.
    assert [body for kind, body in described(case, "comment")] == [None]


def described(case: Case, kind: str) -> list[Any]:
    events = describe(case)["events"]
    return [
        (text["kind"], text["body"])
        for event in events
        for text in event["texts"]
        if text["kind"] == kind
    ]


def test_words_of_an_ended_case_can_be_erased(town: Town) -> None:
    for state in ("closed", "declined", "merged", "withdrawn"):
        case = town.bring_to(state)
        texts = list(CaseText.objects.filter(case=case).values_list("pk", flat=True))
        case = town.do("erased", case, texts=texts)
        assert case.state == state
        assert verify(number=case.number).ok


def test_another_cases_words_are_not_erased_with_it(town: Town) -> None:
    case, other = town.town_case(), with_contact(town)
    texts = list(CaseText.objects.filter(case__in=[case, other]).values_list("pk", flat=True))
    with town.refused(BadInput, "texts"):
        town.do("erased", case, texts=texts)
    with town.refused(NotAllowed):
        town.do("erased", case, by="district_dispatcher", texts=texts[:1])
