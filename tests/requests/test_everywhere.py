"""A request looks into everything that holds something of the person, or says why not."""

from __future__ import annotations

import importlib
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from huying import personal
from huying.audit import crypto
from huying.audit.classes import FieldClass
from huying.branches import coming, joining, linked
from huying.branches.models import Coming, HouseholdLink, PartyMember
from huying.care.models import CarePerson
from huying.errors import WrongState
from huying.neighbours import circles, claiming, suggesting, wishing
from huying.neighbours.models import Joining, Suggestion, Wish, WishClaim
from huying.notices import addresses
from huying.notices.models import Channel, NoticeAddress
from huying.people.models import Role
from huying.requests import deciding
from huying.requests.models import Ground, PersonRequest
from huying.requests.sources import SOURCES, marks_of
from huying.requests.sources.passed import PASSED
from huying.response import standing
from huying.surveys import answers, designing
from huying.surveys.models import SurveyAnswers, SurveyEntry, SurveyMark
from tests.branches.party import Party
from tests.care.listed import listed
from tests.cases.town import GRID_1, SPOTS, XIAOLONG, Town
from tests.registry.living import id_of, village
from tests.requests.test_requests import NUMBER, PHONE, decided, taken
from tests.surveys.test_surveys import enter

TELLS = (FieldClass.PERSONAL, FieldClass.SENSITIVE)
OTHER = id_of("19750505", "007")


def test_every_table_that_tells_of_people_is_looked_into_or_says_why_not() -> None:
    """Whoever adds a table with what tells of people also says how a person finds it there."""
    tell = {
        each.table for each in personal.tables() if any(c in TELLS for c in each.classes().values())
    }
    looked = {table for source in SOURCES.values() for table in source.tables}
    assert not tell - looked - PASSED.keys(), "a new Source in requests/sources, or a reason there"
    assert not looked & PASSED.keys()
    known = {model._meta.db_table for model in apps.get_models()}
    assert not (looked | PASSED.keys()) - known
    assert not PASSED.keys() - tell, "a reason for a table that tells of nobody"
    assert all(PASSED.values())
    assert all(len(code) <= 12 for code in SOURCES)


def subjects(row: PersonRequest) -> set[str]:
    return set(row.records.values_list("subject", flat=True))


def sheet(subject: str, pk: Any, **numbers: str) -> str:
    given = {"id_number": NUMBER, "phone": PHONE, "name": "张三丰"} | numbers
    return str(SOURCES[subject].tell(pk, marks_of(**given)))


QUESTIONS = {
    "questions": [
        {"id": "name", "kind": "text", "label": "户主", "sensitive": True, "required": True},
        {"id": "number", "kind": "id_number", "label": "身份证"},
        {"id": "second", "kind": "id_number", "label": "同住人身份证"},
        {"id": "words", "kind": "long_text", "label": "备注"},
        {"id": "rooms", "kind": "number", "label": "间数"},
    ]
}


def entered(town: Town) -> SurveyEntry:
    made = designing.make(
        designing.Told(
            kind="survey", title="窝棚排查", due_at=town.now + timedelta(days=8),
            areas=[XIAOLONG],
        ),
        by=town.dispatcher, now=town.now,
    )  # fmt: skip
    designing.write_questions(made.pk, QUESTIONS, by=town.dispatcher, now=town.now, seen=None)
    survey = designing.open_(made.pk, by=town.dispatcher, now=town.now)
    given = {"name": "张三丰", "number": NUMBER, "second": OTHER, "rooms": 3,
             "words": "找房东 138-0013-8000 开门"}  # fmt: skip
    return enter(town, survey, given=given)


def test_answers_to_a_survey_are_found_by_the_numbers_in_them(town: Town) -> None:
    entry = entered(town)
    for more in ({}, {"phone": ""}, {"known": "called_back", "id_number": ""}):
        row = taken(town, **more)
        assert set(row.records.values_list("subject", "subject_id")) == {("survey_entry", entry.pk)}
    other = taken(town, id_number=OTHER, phone="", name="李四")
    assert subjects(other) == {"survey_entry"}
    assert not subjects(taken(town, id_number=id_of("19990101"), phone="13800138009"))
    # Told are the person's own answers; another's stay masked.
    told = sheet("survey_entry", entry.pk)
    assert NUMBER in told
    assert "张三丰" in told
    assert OTHER not in told
    theirs = sheet("survey_entry", entry.pk, id_number=OTHER, phone="", name="李四")
    assert OTHER in theirs
    assert NUMBER not in theirs
    assert "张三丰" not in theirs


def test_of_a_survey_only_the_persons_own_answers_are_erased(town: Town) -> None:
    entry = entered(town)
    row = taken(town, "delete")
    decided(town, row, "survey_entry", "erased")
    entry.refresh_from_db()
    kept = SurveyAnswers.objects.get(entry=entry)
    assert answers.opened(kept) == {"second": OTHER}
    assert kept.sealed_names == ("second",)
    assert kept.plain == {"rooms": 3}
    assert list(entry.steps.order_by("seq").values_list("verb", flat=True)) == ["enter", "forget"]
    assert not subjects(taken(town))
    assert SurveyMark.objects.filter(answers=kept).count() == 1


def test_answers_from_before_there_were_marks_get_theirs_and_a_second_run_adds_none(
    town: Town,
) -> None:
    entered(town)
    before = set(SurveyMark.objects.values_list("value_index", flat=True))
    SurveyMark.objects.all().delete()
    assert not subjects(taken(town))
    name = next(each for each in migrations() if each.endswith("_mark_answers"))
    run = importlib.import_module(f"huying.migrations.{name}").mark_all
    with connection.schema_editor() as editor:
        run(apps, editor)
        run(apps, editor)
    assert set(SurveyMark.objects.values_list("value_index", flat=True)) == before
    assert SurveyMark.objects.count() == len(before)
    found = SurveyMark.objects.first()
    assert found is not None
    context = f"survey_mark.value_enc.{found.pk}"
    assert crypto.blind_index(crypto.decrypt_text(found.value_enc, context=context)) == bytes(
        found.value_index
    )
    assert subjects(taken(town)) == {"survey_entry"}


def migrations() -> list[str]:
    from pathlib import Path

    import huying.migrations

    return [each.stem for each in Path(huying.migrations.__file__).parent.glob("0*.py")]


def test_a_party_member_is_found_and_erased_once_they_have_left(town: Town) -> None:
    party = Party(town)
    member = party.join("张三丰", PHONE)
    party.join("李四光", "13900139000")
    row = taken(town, "delete")
    assert list(row.records.values_list("subject", "subject_id")) == [("party_member", member.pk)]
    told = sheet("party_member", member.pk)
    assert PHONE in told
    assert "小龙村第一网格党支部" in told
    assert SOURCES["party_member"].not_erasable(member.pk) == Ground.LEGAL_DUTY
    joining.leave(member.pk, "moved_away", by=party.desk, now=town.now)
    decided(town, row, "party_member", "erased")
    gone = PartyMember.objects.get(pk=member.pk)
    assert (gone.name_masked, bytes(gone.name_enc), gone.phone_index) == ("***", b"", None)
    assert not subjects(taken(town))


def test_a_household_that_a_member_looks_after_is_told_and_ended(town: Town) -> None:
    there = village(town)
    party = Party(town)
    member = party.join("李四光", "13900139000")
    link = HouseholdLink.objects.create(
        district_code="440113", household=there.grown.household, member=member, linked_at=town.now
    )
    linked.agree(link.pk, "visit", by=party.desk, now=town.now)
    row = taken(town, "delete")
    assert subjects(row) == {"person", "link"}
    told = sheet("link", link.pk)
    assert "李**" in told
    assert "李四光" not in told
    decided(town, row, "link", "erased")
    link.refresh_from_db()
    assert (link.why_ended, link.consent_at, link.consent_how) == ("refused", None, "")


def test_who_is_visited_and_whom_to_call_are_two_finds(town: Town) -> None:
    care = listed(town)
    assert subjects(taken(town)) == {"person", "care"}
    contact = taken(town, "delete", id_number=id_of("19600606"), phone="13911112222", name="李大明")
    assert set(contact.records.values_list("subject", "subject_id")) == {("care_contact", care.pk)}
    told = sheet("care_contact", care.pk, phone="13911112222", name="李大明")
    assert "李大明" in told
    assert "张" not in told
    decided(town, contact, "care_contact", "erased")
    kept = CarePerson.objects.get(pk=care.pk)
    assert (kept.contact_enc, kept.phone_enc, kept.phone_masked) == (None, None, "")


def test_a_suggestion_is_found_by_the_phone_that_was_left(town: Town) -> None:
    said = suggesting.Said(XIAOLONG, "想要一个遮雨棚", phone=PHONE)
    made, _code = suggesting.collect(said, by=town.village_dispatcher, now=town.now)
    row = taken(town, "delete")
    assert set(row.records.values_list("subject", "subject_id")) == {("suggestion", made.pk)}
    assert "遮雨棚" in sheet("suggestion", made.pk)
    decided(town, row, "suggestion", "erased")
    kept = Suggestion.objects.get(pk=made.pk)
    assert (kept.words, kept.phone_enc) == ("", None)
    assert not subjects(taken(town))


def test_what_hangs_on_an_account_is_found_by_the_phone_that_it_is_told_by(town: Town) -> None:
    account = town.accounts["worker"]
    addresses.put(account, Channel.SMS, PHONE, now=town.now)
    circle = circles.make(
        XIAOLONG, circles.Told("team", "微笑服务队", ""), by=town.village_dispatcher, now=town.now
    )
    joined = Joining.objects.create(
        district_code="440113", circle=circle, account=account, asked_at=town.now
    )
    row = taken(town, "delete")
    assert subjects(row) == {"account", "address", "joining"}
    pk = uuid.UUID(int=account.pk)
    assert account.username in sheet("account", pk)
    assert SOURCES["account"].not_erasable(pk) == Ground.PUBLIC_DUTY
    assert PHONE in sheet("address", NoticeAddress.objects.get().pk)
    decided(town, row, "joining", "erased")
    decided(town, row, "address", "erased")
    decided(town, row, "account", "refused", "public_duty")
    assert not Joining.objects.filter(pk=joined.pk).exists()
    assert not NoticeAddress.objects.exists()
    assert not Coming.objects.filter(account=account).exists()


def test_a_members_deeds_are_found_by_their_phone_and_erased_once_they_are_over(
    town: Town,
) -> None:
    party = Party(town)
    helper = party.hold("helper", Role.MEMBER, party.branch.unit)
    party.join("张三丰", PHONE, account=helper.account_id)
    call = standing.blow(
        by=party.desk, now=town.now, units=[party.branch.unit.pk], title="台风转移群众",
        sort="joint", text="到祠堂集合", lon=SPOTS[GRID_1][0], lat=SPOTS[GRID_1][1],
    ).calls.get()  # fmt: skip
    came = coming.say(call.pk, True, by=helper, now=town.now)
    told = wishing.Told(sort="wish", title="换灯泡", words="楼道灯坏了")
    wish = wishing.write(XIAOLONG, told, by=party.desk, now=town.now)
    wishing.publish(wish.pk, by=party.desk, now=town.now)
    claim = claiming.claim(wish.pk, by=helper, now=town.now)
    WishClaim.objects.filter(pk=claim.pk).update(progress="已买好灯泡")
    row = taken(town, "delete")
    assert subjects(row) == {"party_member", "account", "claim", "coming"}
    assert "已买好灯泡" in sheet("claim", claim.pk)
    assert "小龙村第一网格党支部" in sheet("coming", came.pk)
    # What goes on is not erased.
    for subject in ("claim", "coming"):
        with pytest.raises(WrongState):
            decided(town, row, subject, "erased")
    WishClaim.objects.filter(pk=claim.pk).update(state="given_up", ended_at=town.now)
    standing.do("release", call.whistle_id, by=party.desk, now=town.now)
    for subject in ("claim", "coming"):
        decided(town, row, subject, "erased")
    assert WishClaim.objects.get(pk=claim.pk).progress == ""
    assert not Coming.objects.exists()


def test_a_wish_of_a_suggestion_is_emptied_once_nobody_can_claim_it(town: Town) -> None:
    by = town.village_dispatcher
    said = suggesting.Said(XIAOLONG, "楼上张老伯想换灯泡", phone=PHONE)
    made, _code = suggesting.collect(said, by=by, now=town.now)
    told = wishing.Told(sort="wish", title="张老伯换灯泡", words="楼道灯坏了")
    wish = wishing.write(XIAOLONG, told, by=by, now=town.now)
    wishing.publish(wish.pk, by=by, now=town.now)
    Suggestion.objects.filter(pk=made.pk).update(wish=wish)
    row = taken(town, "delete")
    assert subjects(row) == {"suggestion", "wish"}
    assert SOURCES["wish"].not_erasable(wish.pk) == Ground.CASE_OPEN
    Wish.objects.filter(pk=wish.pk).update(state="closed")
    decided(town, row, "wish", "erased")
    wish.refresh_from_db()
    assert (wish.title, wish.words) == ("***", "")


def test_an_earlier_request_is_told_and_stays(town: Town) -> None:
    first = taken(town)
    deciding.decide_nothing_found(
        first.pk, version=first.version, by=town.town_leader, now=town.now
    )
    first.refresh_from_db()
    deciding.answer(first.pk, version=first.version, by=town.dispatcher, now=town.now)
    second = taken(town, "delete")
    assert set(second.records.values_list("subject", "subject_id")) == {("request", first.pk)}
    assert SOURCES["request"].not_erasable(first.pk) == Ground.LEGAL_DUTY


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_a_record_that_is_gone_has_no_line(town: Town, source: Any) -> None:
    assert source.line(uuid.UUID(int=1)) is None or source.code == "account"
    assert source.find(marks_of("", "")) == []
