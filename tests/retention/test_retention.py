"""Nothing younger goes, what is held stays, and a dry run tells what a run does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.audit.models import AccessLog
from huying.audit.verifying import verify
from huying.care import listing
from huying.care.models import EndReason
from huying.cases.models import Attachment, Case, CaseContact, CaseText
from huying.errors import BadInput, NotAllowed, StalePage, WrongState
from huying.people.acting import SYSTEM, actor_for
from huying.people.models import Account, Post, Role
from huying.registry import recording
from huying.registry.models import Enterprise, Person, RegisterChange, RegisterChangeWords
from huying.retention import deciding, finding, running
from huying.retention.models import RetentionChange, RetentionHold, RetentionRule, RetentionRun
from huying.retention.rules import BY_CODE, RULES
from huying.surveys import answers, collecting, designing, looking
from tests.care.listed import listed, visited
from tests.cases.town import DAY, DISTRICT, NOW, Town
from tests.registry.living import village
from tests.surveys.test_surveys import enter, opened

DAYS = 730
TOLD = {"contact_name": "欧阳询", "contact_phone": "13926187754"}


def second(town: Town) -> Any:
    """Another administrator."""
    account = Account.objects.create(username="town-second-admin", name="管理员乙", password="!")
    post = Post.objects.create(
        account=account, role=Role.ADMINISTRATOR, area_code=DISTRICT, district_code=DISTRICT,
        starts_on=DAY,
    )  # fmt: skip
    return actor_for(post, DAY)


def switched_on(*codes: str, days: int | None = None) -> None:
    for code in codes:
        RetentionRule.objects.create(
            code=code, days=days or BY_CODE[code].days, on=True, changed_at=NOW
        )


def run(now: datetime, *codes: str, dry: bool = False) -> dict[str, Any]:
    row = running.begin(dry=dry, by=SYSTEM, now=now, rules=codes)
    running.do(row, now=now, batch=2)
    return dict(row.result)


def closed(town: Town, **told: Any) -> Case:
    case = town.report(**(TOLD | told))
    for verb in ("accept", "dispatch", "sign_for", "handle", "check_pass", "close"):
        case = town.do(verb, case)
    return case


@given(ages=st.lists(st.integers(DAYS * 24 - 50, DAYS * 24 + 50), min_size=1, max_size=12))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_younger_goes_and_all_that_is_older_does(db: None, ages: list[int]) -> None:
    with transaction.atomic():
        switched_on("register_words", days=DAYS)
        made = {}
        for hours in ages:
            change = RegisterChange.objects.create(
                register="person", record_id="0198f3b0-0000-7000-8000-000000000001",
                district_code=DISTRICT, at=NOW - timedelta(hours=hours),
                kind="changed", field="sex",
            )  # fmt: skip
            RegisterChangeWords.objects.create(change=change, old_shown="male")
            made[change.pk] = hours
        run(NOW, "register_words")
        left = set(RegisterChangeWords.objects.values_list("pk", flat=True))
        assert left == {pk for pk, hours in made.items() if hours <= DAYS * 24}
        assert RegisterChange.objects.count() == len(made)
        transaction.set_rollback(True)


def test_a_run_does_what_the_dry_run_told_and_the_log_stays_whole(town: Town) -> None:
    cases = [closed(town) for _ in range(5)]
    going_on = town.report(**TOLD)
    codes = ("case_contacts", "case_words")
    switched_on(*codes)
    later = town.now + timedelta(days=1200)
    told = run(later, *codes, dry=True)
    assert told["case_contacts"]["due"] == 5
    assert told["case_contacts"]["years"] == {"2019": 5}
    assert set(told["case_contacts"]["sample"]) <= set(
        map(str, CaseContact.objects.values_list("pk", flat=True))
    )
    assert CaseContact.objects.count() == 6
    words = CaseText.objects.exclude(case=going_on).count()
    done = run(later, *codes)
    assert {code: each["gone"] for code, each in done.items()} == {
        code: each["due"] for code, each in told.items()
    }
    assert done["case_words"]["gone"] == words
    assert set(CaseContact.objects.values_list("case", flat=True)) == {going_on.pk}
    assert CaseText.objects.filter(case=going_on).exists()
    assert verify().ok
    log = AccessLog.objects.filter(action="retention_erase")
    assert sorted(log.values_list("subject_id", flat=True)) == sorted(codes)
    assert "rows=5" in log.get(subject_id="case_contacts").fields
    # The second time there is nothing left.
    assert sum(each["due"] for each in run(later, *codes, dry=True).values()) == 0
    assert all(case.events.filter(verb="erased").count() == 2 for case in cases)


def test_what_is_held_supervised_or_reopened_stays(town: Town) -> None:
    held, reopened, supervised, plain = (closed(town) for _ in range(4))
    admin = town.actor("administrator")
    deciding.hold("case", held.number, reason="litigation", words="（2026）粤0113民初1号", by=admin,
                  now=town.now)  # fmt: skip
    main = town.do("reopen", reopened)
    merged = town.do("merge", town.report(**TOLD), into=main.pk)
    from huying.supervision.models import Supervision

    Supervision.objects.create(
        case=supervised, district_code=DISTRICT, office=supervised.area_code[:9], year=2019,
        serial=1, cause="by_hand", step="closed", reworks=0, opened_at=town.now,
        due_at=town.now + timedelta(days=3), seq=1,
    )  # fmt: skip
    switched_on("case_contacts")
    later = town.now + timedelta(days=800)
    told = run(later, "case_contacts")["case_contacts"]
    assert told["gone"] == told["due"] == 1
    assert told["held"] == {"litigation": 1, "supervised": 1, "open_case": 1}
    left = set(CaseContact.objects.values_list("case", flat=True))
    assert left == {held.pk, reopened.pk, supervised.pk, merged.pk}
    assert plain.pk not in left
    hold = RetentionHold.objects.get()
    deciding.lift(hold.pk, by=admin, now=later)
    hold.refresh_from_db()
    assert hold.words == ""
    assert run(later, "case_contacts")["case_contacts"]["gone"] == 1


def test_a_photo_goes_with_its_files(town: Town) -> None:
    from huying.cases.attaching import files_of

    photo = town.photo(by=town.second_dispatcher).pk
    case = closed(town, photos=(photo,))
    row = Attachment.objects.get(pk=photo)
    assert all(path.is_file() for path in files_of(row.pk, row.kind))
    switched_on("case_photos")
    assert run(town.now + timedelta(days=2000))["case_photos"]["gone"] >= 1
    assert not Attachment.objects.filter(case=case).exists()
    assert verify().ok


def test_people_who_have_left_are_emptied_and_their_history_too(town: Town) -> None:
    there = village(town)
    recording.end(there.grown, by=town.village_dispatcher, now=town.now)
    switched_on("ended_people", "ended_units")
    early = town.now + timedelta(days=1000)
    assert run(early)["ended_people"]["gone"] == 0
    told = run(town.now + timedelta(days=1100))
    assert told["ended_people"]["gone"] == 1
    gone = Person.objects.get(pk=there.grown.pk)
    assert (gone.name_masked, bytes(gone.name_enc), gone.id_number_index) == ("***", b"", None)
    assert gone.birth_year is None
    changes = RegisterChange.objects.filter(record_id=gone.pk)
    assert changes.filter(kind="erased").exists()
    assert not RegisterChangeWords.objects.filter(change__in=changes).exists()
    child = Person.objects.get(pk=there.child.pk)
    assert child.name_masked != "***"
    assert Enterprise.objects.get(pk=there.shop.pk).phone_masked == there.shop.phone_masked


def test_what_was_known_of_who_is_visited_no_more_goes(town: Town) -> None:
    care = listed(town)
    visited(care, town.worker, town.now, words="血压偏高")
    listing.end(care.pk, str(EndReason.MOVED), by=town.village_dispatcher, now=town.now)
    switched_on("ended_care", "care_words")
    assert run(town.now + timedelta(days=300))["ended_care"]["gone"] == 0
    told = run(town.now + timedelta(days=1100))
    assert (told["ended_care"]["gone"], told["care_words"]["gone"]) == (1, 1)
    care.refresh_from_db()
    assert (care.health_enc, care.phone_enc, care.contact_masked) == (None, None, "")
    assert care.visits.get().words_enc is None


def test_names_in_entries_go_after_their_time_and_the_other_answers_stay(town: Town) -> None:
    survey = opened(town)
    ended, sent_back, living = enter(town, survey), enter(town, survey), enter(town, survey)
    collecting.end(ended.pk, by=town.worker, now=town.now)
    looking.send_back(sent_back.pk, by=town.checker, now=town.now, reason="照片不清")
    enter(town, survey, entry=sent_back.pk)
    codes = ("ended_entries", "entry_words")
    switched_on(*codes)
    later = town.now + timedelta(days=1100)
    told = run(later, *codes)
    assert {code: each["gone"] for code, each in told.items()} == dict.fromkeys(codes, 1)
    assert answers.latest(ended).plain["people"] == 3
    assert answers.opened(answers.latest(ended)) == {}
    assert answers.opened(answers.latest(living)) == {"owner": "张三丰"}
    # A survey serves for its own time: once it is closed, the rest goes as well.
    designing.close(survey.pk, by=town.dispatcher, now=town.now)
    assert run(later, *codes)["ended_entries"]["gone"] == 3


def test_what_makes_data_go_earlier_takes_two_administrators(town: Town) -> None:
    one, other = town.actor("administrator"), second(town)
    asked = deciding.change("case_words", days=400, on=True, seen=0, by=one, now=NOW)
    assert asked.state == RetentionChange.State.ASKED
    assert not deciding.setting("case_words").on
    with pytest.raises(NotAllowed):
        deciding.decide(asked.pk, agree=True, by=one, now=NOW)
    with pytest.raises(WrongState):
        deciding.change("case_words", days=500, on=True, seen=0, by=other, now=NOW)
    deciding.decide(asked.pk, agree=True, by=other, now=NOW)
    now_ = deciding.setting("case_words")
    assert (now_.days, now_.on) == (400, True)
    with pytest.raises(WrongState):
        deciding.decide(asked.pk, agree=True, by=other, now=NOW)
    # Longer, or off, takes effect at once; a page of before is told so.
    with pytest.raises(StalePage):
        deciding.change("case_words", days=900, on=True, seen=0, by=one, now=NOW)
    deciding.change("case_words", days=900, on=True, seen=now_.version, by=one, now=NOW)
    assert deciding.setting("case_words").days == 900
    deciding.change("case_words", days=900, on=False, seen=now_.version + 1, by=one, now=NOW)
    assert not deciding.setting("case_words").on
    with pytest.raises(BadInput):
        deciding.change("case_parties", days=30, on=True, seen=0, by=one, now=NOW)
    for nobody in (town.auditor, town.dispatcher):
        with pytest.raises(NotAllowed):
            deciding.change("case_photos", days=4000, on=False, seen=0, by=nobody, now=NOW)


@pytest.mark.parametrize("same", [True, False])
def test_the_database_knows_that_it_takes_two(town: Town, same: bool) -> None:
    one = town.accounts["administrator"]
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionChange.objects.create(
            rule="case_words", days_before=1095, on_before=False, days=400, on=True,
            # Either nobody else decided, or it is said that nobody need.
            needs_two=same, state="done", asked_by=one, asked_at=NOW,
            decided_by=one if same else None, decided_at=NOW,
        )  # fmt: skip


def test_only_rules_that_were_switched_on_run_and_one_run_at_a_time(town: Town) -> None:
    assert running.nightly(now=NOW) == 0
    assert not RetentionRun.objects.exists()
    with pytest.raises(WrongState):
        running.begin(dry=False, by=SYSTEM, now=NOW, rules=["case_words"])
    switched_on("case_words")
    closed(town, **{})
    assert running.nightly(now=town.now + timedelta(days=1200)) > 0
    row = RetentionRun.objects.get()
    assert (row.nightly, row.rules, row.state) == (True, ["case_words"], "done")
    RetentionRun.objects.create(
        dry=False, state="running", asked_at=NOW, touched_at=NOW, rules=["case_words"]
    )
    with pytest.raises(WrongState):
        run(NOW)
    assert run(NOW, dry=True)


def test_a_case_that_is_reopened_meanwhile_keeps_its_words(town: Town) -> None:
    case = closed(town)
    switched_on("case_words")
    later = town.now + timedelta(days=1200)
    rule = BY_CODE["case_words"]
    found = list(finding.batches(rule, rule.days, later, 10))
    assert [pk for pk, _keys in found] == [case.pk]
    town.do("reopen", case)
    assert running._of_case(rule, rule.days, case.pk, later) == 0
    assert CaseText.objects.filter(case=case).exists()


def test_every_rule_says_why_and_keeps_what_another_duty_asks_for() -> None:
    for each in RULES:
        assert str(each.basis)
        assert each.least <= each.days
        assert len(each.code) <= 24
    assert len({each.code for each in RULES}) == len(RULES)
