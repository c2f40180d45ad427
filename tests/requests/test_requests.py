"""Somebody asks what is kept of them: found by whole numbers, decided by two, erased for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.audit.models import AccessLog
from huying.audit.verifying import verify
from huying.cases.models import Case, CaseContact, CaseText
from huying.errors import BadInput, Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.notices.models import Notice
from huying.people.acting import SYSTEM
from huying.registry import recording
from huying.registry.models import Person
from huying.requests import deciding, taking, watching
from huying.requests.models import PersonRequest, RequestRecord
from huying.requests.taking import Told
from huying.retention import finding
from huying.retention.rules import BY_CODE
from tests.cases.town import Town
from tests.registry.living import id_of, village

PHONE = "13800138000"
NUMBER = id_of("19800102")


def told(kind: str = "see", **more: Any) -> Told:
    given = {"known": "id_seen", "name": "张三丰", "id_number": NUMBER, "phone": PHONE}
    return Told(kind, **(given | more))


def closed(town: Town, **more: Any) -> Case:
    case = town.report(contact_name="张三丰", contact_phone=PHONE, **more)
    for verb in ("accept", "dispatch", "sign_for", "handle", "check_pass", "close"):
        case = town.do(verb, case)
    return case


def taken(town: Town, kind: str = "see", **more: Any) -> PersonRequest:
    return taking.take(told(kind, **more), by=town.dispatcher, now=town.now)


def decided(town: Town, row: PersonRequest, subject: str, outcome: str, reason: str = "") -> Any:
    row.refresh_from_db()
    one = row.records.get(subject=subject)
    return deciding.decide(
        row.pk, one.pk, outcome=outcome, reason=reason, version=row.version,
        by=town.town_leader, now=town.later(minutes=1),
    )  # fmt: skip


def test_what_is_kept_is_found_by_whole_numbers_and_each_find_is_recorded(town: Town) -> None:
    there, case = village(town), closed(town)
    town.report(contact_name="张三丰", contact_phone="13800138001")
    row = taken(town)
    assert set(row.records.values_list("subject", "subject_id")) == {
        ("case", case.pk),
        ("person", there.grown.pk),
    }
    looks = AccessLog.objects.filter(action="find_for_request", occasion=str(row.pk))
    assert set(looks.values_list("purpose", flat=True)) == {"own_request"}
    assert looks.count() == 2
    assert row.number == "2019-0001"
    assert taken(town).number == "2019-0002"
    assert Notice.objects.filter(kind="person_request", account=town.accounts["town_leader"])
    # What is kept of the request itself is sealed.
    assert "张三丰" not in str(PersonRequest.objects.filter(pk=row.pk).values())
    assert PHONE not in str(PersonRequest.objects.filter(pk=row.pk).values())


@pytest.mark.parametrize(
    ("more", "error", "field"),
    [
        ({"kind": "sell"}, Missing, "kind"),
        ({"known": "looks_honest"}, Missing, "known"),
        ({"name": " "}, Missing, "name"),
        ({"id_number": "440113198001020011"}, BadInput, "id_number"),
        ({"id_number": ""}, Missing, "id_number"),
        ({"known": "called_back", "phone": ""}, Missing, "phone"),
        ({"phone": "abc"}, BadInput, "phone"),
        ({"kind": "correct"}, Missing, "words"),
    ],
)
def test_what_will_not_do_is_said_at_its_field(
    town: Town, more: dict[str, Any], error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as refusal:
        taking.take(Told(**(vars_of(told()) | more)), by=town.dispatcher, now=town.now)
    assert refusal.value.field == field  # type: ignore[attr-defined]
    assert not PersonRequest.objects.exists()


def vars_of(given: Told) -> dict[str, Any]:
    return {name: getattr(given, name) for name in Told.__slots__}


def test_a_second_person_decides_and_the_sheet_is_counted(town: Town) -> None:
    village(town)
    closed(town, text="楼上漏水，邻居电话13926187754")
    row = taken(town)
    with pytest.raises(WrongState):
        deciding.hand_out(row.pk, by=town.dispatcher, now=town.now)
    with pytest.raises(NotAllowed):
        deciding.decide(
            row.pk, row.records.first().pk, outcome="given", version=row.version,
            by=town.dispatcher, now=town.now,
        )  # fmt: skip
    decided(town, row, "case", "given")
    with pytest.raises(WrongState):
        decided(town, row, "case", "refused", "others")
    with pytest.raises(Missing):
        decided(town, row, "person", "refused")
    with pytest.raises(Missing):
        decided(town, row, "person", "erased")
    decided(town, row, "person", "given")
    row.refresh_from_db()
    assert row.state == "decided"
    _row, given = deciding.hand_out(row.pk, by=town.dispatcher, now=town.now)
    words = str(given)
    assert NUMBER in words
    assert "楼上漏水" in words
    # Somebody else's number stays masked, on the person's own sheet too.
    assert "13926187754" not in words
    assert deciding.hand_out(row.pk, by=town.dispatcher, now=town.now)[1].copy == 2
    assert AccessLog.objects.filter(action="reveal_request").count() == 6
    row.refresh_from_db()
    with pytest.raises(StalePage):
        deciding.answer(row.pk, version=1, by=town.dispatcher, now=town.now)
    deciding.answer(row.pk, version=row.version, by=town.dispatcher, now=town.now)
    verbs = list(row.steps.values_list("verb", flat=True))
    assert verbs == ["taken", "decided", "decided", "done", "sheet", "sheet", "answered"]
    assert PHONE not in str(list(row.steps.values()))


def test_what_is_erased_is_gone_and_the_log_stays_whole(town: Town) -> None:
    there, case = village(town), closed(town)
    other = CaseText.objects.filter(case=case).exclude(seq=1).count()
    row = taken(town, "delete")
    decided(town, row, "case", "erased")
    decided(town, row, "person", "erased")
    assert not CaseContact.objects.filter(case=case).exists()
    assert not CaseText.objects.filter(case=case, seq=1).exists()
    assert CaseText.objects.filter(case=case).count() == other
    gone = Person.objects.get(pk=there.grown.pk)
    assert (gone.name_masked, gone.id_number_index) == ("***", None)
    assert gone.valid_until is not None
    assert verify().ok
    assert taken(town).records.count() == 0


def test_an_open_case_is_not_erased_and_a_refusal_says_why(town: Town) -> None:
    case = town.report(contact_name="张三丰", contact_phone=PHONE)
    row = taken(town, "delete")
    with pytest.raises(WrongState):
        decided(town, row, "case", "erased")
    assert CaseContact.objects.filter(case=case).exists()
    decided(town, row, "case", "refused", "case_open")
    row.refresh_from_db()
    assert (row.state, row.records.get().reason) == ("decided", "case_open")


def test_corrected_is_only_what_somebody_corrected(town: Town) -> None:
    there = village(town)
    row = taken(town, "correct", words="电话已换")
    with pytest.raises(WrongState):
        decided(town, row, "person", "corrected")
    town.later(minutes=1)
    recording.correct(
        there.grown.pk,
        recording.PersonTold(
            phone="13711112222", dwelling=there.flat, household=1, relation="head"
        ),
        by=town.village_dispatcher,
        now=town.now,
    )
    decided(town, row, "person", "corrected")
    row.refresh_from_db()
    assert row.state == "decided"


def test_nothing_found_is_confirmed_by_a_leader(town: Town) -> None:
    row = taken(town)
    deciding.decide_nothing_found(row.pk, version=row.version, by=town.town_leader, now=town.now)
    row.refresh_from_db()
    assert row.state == "decided"
    with pytest.raises(WrongState):
        deciding.decide_nothing_found(
            row.pk, version=row.version, by=town.town_leader, now=town.now
        )


def test_who_sees_and_who_may(town: Town) -> None:
    row = taken(town)
    seen = {
        name
        for name in ("dispatcher", "town_leader", "district_leader", "other_town_dispatcher",
                     "village_dispatcher", "worker", "handler", "auditor", "administrator")
        if PersonRequest.objects.visible_to(town.actor(name)).exists()
    }  # fmt: skip
    assert seen == {"dispatcher", "town_leader", "district_leader"}
    with pytest.raises(NotFound):
        taking.find_again(row.pk, by=town.other_town_dispatcher, now=town.now)
    for name in ("town_leader", "worker", "auditor", "handler"):
        with pytest.raises(NotAllowed):
            taking.take(told(), by=town.actor(name), now=town.now)


def test_fifteen_working_days_and_who_is_told(town: Town) -> None:
    row = taken(town)
    # From Thursday the 11th of July 2019 three weeks of five working days.
    assert row.due_at.date().isoformat() == "2019-08-01"
    assert watching.watch(now=town.now) == 0
    assert watching.watch(now=row.due_at - timedelta(days=2)) == 1
    assert watching.watch(now=row.due_at - timedelta(days=2)) == 0
    assert watching.watch(now=row.due_at + timedelta(days=1)) == 1
    kinds = list(Notice.objects.filter(account=town.accounts["dispatcher"]).values_list("kind"))
    assert ("person_request_due",) in kinds
    assert ("person_request_overdue",) in kinds
    assert watching.standing(row, row.due_at + timedelta(days=1)).light == "red"


def test_what_is_asked_about_is_not_swept_away_meanwhile(town: Town) -> None:
    case = closed(town)
    row = taken(town)
    rule, later = BY_CODE["case_contacts"], town.now + timedelta(days=900)
    assert finding.count(rule, rule.days, later).held == {"request": 1}
    decided(town, row, "case", "given")
    assert finding.count(rule, rule.days, later).due == 1
    deciding.answer(
        row.pk, version=PersonRequest.objects.get().version, by=town.dispatcher, now=town.now
    )
    own = BY_CODE["request_people"]
    assert finding.count(own, own.days, town.now + timedelta(days=1094)).due == 0
    old = finding.due(own, own.days, town.now + timedelta(days=1200))
    assert own.erase([each.pk for each in old], None, town.now) == 1
    row.refresh_from_db()
    assert (row.name_masked, bytes(row.name_enc), row.phone_index) == ("***", b"", None)
    assert case.events.filter(verb="erased").count() == 0


def test_the_database_knows_that_it_takes_two(town: Town) -> None:
    closed(town)
    row = taken(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestRecord.objects.filter(request=row).update(
            outcome="given", decided_by=row.taken_by, decided_at=town.now
        )
    assert PersonRequest.objects.visible_to(SYSTEM).count() == 1
