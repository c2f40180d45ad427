"""Which things go after how long, counted from when, and why: data, with the days as they start.

The Personal Information Protection Law lets data be kept for the shortest time that the purpose
needs (art. 19) and asks for their deletion when it is reached (art. 47). `least` is what another
duty asks for: no setting goes below it. Every rule is off until two administrators switch it on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import DateTimeField, F, Q, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from huying.care.models import CarePerson, CareVisit
from huying.cases import erasing
from huying.cases.answers import CaseAnswers
from huying.cases.models import Attachment, Case, CaseContact, CaseText
from huying.cases.states import END_STATES
from huying.clock.calendar import CIVIL_TZ
from huying.errors import Words
from huying.patrol.models import PatrolVisit
from huying.people.acting import SYSTEM
from huying.registry import erasing as register_erasing
from huying.registry.models import Enterprise, Person, Register, RegisterChangeWords
from huying.requests.models import PersonRequest
from huying.response.whistles import Whistle, WhistleText
from huying.surveys import forgetting
from huying.surveys.models import Kind, SurveyAnswers, SurveyEntry, SurveyMark, SurveyText
from huying.tasks.models import WAITING, GridTask, Task, TaskText

CASE: Final = "case"
ENTRY: Final = "survey_entry"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing that goes.

    Attributes:
        find: the rows whose time had come before a moment, with ``old_since`` (from when their age
            counts) and ``holder`` (the id of the case or record that a hold would name).
        subject: of what kind those are; empty where nothing can hold them.
        erase: takes rows away, inside a transaction that holds them locked.
        of_cases: whether it is done through the case's own door, case by case.
        unchanging: whether the application has no right to change these rows, and so none to lock
            them; nobody can change them between the look and the deleting.
    """

    code: str
    label: Words
    goes: Words
    counted: Words
    basis: Words
    days: int
    least: int
    find: Callable[[datetime], QuerySet[Any]]
    erase: Callable[[Sequence[UUID], UUID | None, datetime], int]
    subject: str = ""
    of_cases: bool = False
    unchanging: bool = False


def _of_ended_cases(model: Any, **narrowed: Any) -> Callable[[datetime], QuerySet[Any]]:
    def find(before: datetime) -> QuerySet[Any]:
        ended = model.objects.filter(
            case__state__in=sorted(END_STATES), case__ended_at__lt=before, **narrowed
        )
        return ended.annotate(old_since=F("case__ended_at"), holder=F("case_id"))

    return find


def _through_the_case(what: str) -> Callable[[Sequence[UUID], UUID | None, datetime], int]:
    def erase(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
        assert case is not None
        erasing.erase(case, by=SYSTEM, now=now, **{what: list(keys)})
        return len(keys)

    return erase


def _ended_records(model: Any) -> Callable[[datetime], QuerySet[Any]]:
    def find(before: datetime) -> QuerySet[Any]:
        day = before.astimezone(CIVIL_TZ).date()
        return (
            register_erasing.unerased(model)
            .filter(valid_until__lt=day)
            .annotate(old_since=Cast("valid_until", DateTimeField()), holder=F("id"))
        )

    return find


def _erase_records(model: Any) -> Callable[[Sequence[UUID], UUID | None, datetime], int]:
    def erase(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
        for record in model.objects.filter(pk__in=keys):
            register_erasing.erase(record, by=SYSTEM, now=now)
        return len(keys)

    return erase


def _register_words(before: datetime) -> QuerySet[Any]:
    old = RegisterChangeWords.objects.filter(change__at__lt=before)
    return old.annotate(old_since=F("change__at"), holder=F("change__record_id"))


def _ended_care(before: datetime) -> QuerySet[Any]:
    day = before.astimezone(CIVIL_TZ).date()
    bare = Q(health_enc=None, contact_enc=None, phone_enc=None, look_at=[])
    old = CarePerson.objects.filter(ended_on__lt=day).exclude(bare)
    return old.annotate(old_since=Cast("ended_on", DateTimeField()), holder=F("person_id"))


def _erase_care(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    return CarePerson.objects.filter(pk__in=keys).update(
        health_enc=None,
        contact_enc=None,
        contact_masked="",
        phone_enc=None,
        phone_masked="",
        look_at=[],
    )


def _care_words(before: datetime) -> QuerySet[Any]:
    old = CareVisit.objects.filter(at__lt=before, words_enc__isnull=False)
    return old.annotate(old_since=F("at"), holder=F("care__person_id"))


def _erase_care_words(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    return CareVisit.objects.filter(pk__in=keys).update(words_enc=None)


def _visits(before: datetime) -> QuerySet[Any]:
    bare = Q(lon=None, lat=None, accuracy_m=None, said={}, words="")
    old = PatrolVisit.objects.filter(at__lt=before).exclude(bare)
    return old.annotate(old_since=F("at"), holder=F("id"))


def _erase_visits(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    return PatrolVisit.objects.filter(pk__in=keys).update(
        lon=None, lat=None, accuracy_m=None, said={}, words=""
    )


def _ended_entries(before: datetime) -> QuerySet[Any]:
    """Answers of entries that have ended, and of surveys, which serve for their own time alone."""
    day = before.astimezone(CIVIL_TZ).date()
    ended = Cast("entry__valid_until", DateTimeField())
    old = SurveyAnswers.objects.filter(sealed__isnull=False).filter(
        Q(entry__valid_until__lt=day)
        | Q(entry__survey__kind=Kind.SURVEY, entry__survey__closed_at__lt=before)
    )
    since = Coalesce(ended, F("entry__survey__closed_at"))
    return old.annotate(old_since=since, holder=F("entry_id"))


def _erase_entries(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    SurveyMark.objects.filter(answers__in=keys).delete()
    return SurveyAnswers.objects.filter(pk__in=keys).update(sealed=None, masked="{}")


def _entry_words(before: datetime) -> QuerySet[Any]:
    day = before.astimezone(CIVIL_TZ).date()
    ended = Cast("valid_until", DateTimeField())
    old = SurveyEntry.objects.exclude(name=register_erasing.GONE).filter(
        Q(valid_until__lt=day) | Q(survey__kind=Kind.SURVEY, survey__closed_at__lt=before)
    )
    return old.annotate(old_since=Coalesce(ended, F("survey__closed_at")), holder=F("id"))


def _erase_entry_words(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    return forgetting.empty_words(keys, register_erasing.GONE)


def _entry_texts(before: datetime) -> QuerySet[Any]:
    old = SurveyText.objects.filter(entry__told_at__lt=before).exclude(
        entry__state=SurveyEntry.State.SENT_BACK
    )
    return old.annotate(old_since=F("entry__told_at"), holder=F("entry_id"))


def _places(before: datetime) -> QuerySet[Any]:
    old = Case.objects.filter(erasing.exact(), state__in=sorted(END_STATES), ended_at__lt=before)
    return old.annotate(old_since=F("ended_at"), holder=F("id"), case_id=F("id"))


def _coarsen(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    """The case's own, and where somebody was called to for it."""
    assert case is not None
    erasing.erase(case, by=SYSTEM, now=now, place=True)
    Whistle.objects.filter(case=case).update(address="", lon=None, lat=None)
    return len(keys)


def _handover_texts(before: datetime) -> QuerySet[Any]:
    """The desk stands above this package, so its table is asked for by name."""
    texts: Any = apps.get_model("huying", "HandoverText")
    old = texts.objects.filter(handover__written_at__lt=before)
    return old.annotate(old_since=F("handover__written_at"), holder=F("handover_id"))


def _erase_handover_texts(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    texts: Any = apps.get_model("huying", "HandoverText")
    return int(texts.objects.filter(pk__in=keys).delete()[0])


def _task_orders(before: datetime) -> QuerySet[Any]:
    going_on = GridTask.objects.filter(state__in=WAITING).values("task")
    old = Task.objects.filter(due_at__lt=before).exclude(words=register_erasing.GONE)
    return old.exclude(pk__in=going_on).annotate(old_since=F("due_at"), holder=F("id"))


def _erase_task_orders(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    return Task.objects.filter(pk__in=keys).update(words=register_erasing.GONE)


def _task_results(before: datetime) -> QuerySet[Any]:
    bare = Q(words__in=["", register_erasing.GONE], answers={})
    old = GridTask.objects.filter(task__due_at__lt=before).exclude(state__in=WAITING)
    return old.exclude(bare).annotate(old_since=F("task__due_at"), holder=F("task_id"))


def _erase_task_results(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    rows = GridTask.objects.filter(pk__in=keys)
    # A part that is done says so in words: these stand in their place.
    rows.exclude(words="").update(words=register_erasing.GONE)
    return rows.update(answers={})


def _task_texts(before: datetime) -> QuerySet[Any]:
    old = TaskText.objects.filter(part__task__due_at__lt=before).exclude(part__state__in=WAITING)
    return old.annotate(old_since=F("part__task__due_at"), holder=F("part__task_id"))


def _task_places(before: datetime) -> QuerySet[Any]:
    old = GridTask.objects.filter(task__due_at__lt=before, lon__isnull=False)
    return old.annotate(old_since=F("task__due_at"), holder=F("task_id"))


def _erase_task_places(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    return GridTask.objects.filter(pk__in=keys).update(lon=None, lat=None, accuracy_m=None)


def _whistle_texts(before: datetime) -> QuerySet[Any]:
    old = WhistleText.objects.filter(whistle__blown_at__lt=before).exclude(
        whistle__case__in=Case.objects.open().values("pk")
    )
    return old.annotate(old_since=F("whistle__blown_at"), holder=F("whistle__case_id"))


def _delete(model: Any) -> Callable[[Sequence[UUID], UUID | None, datetime], int]:
    def erase(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
        return int(model.objects.filter(pk__in=keys).delete()[0])

    return erase


def _requests(before: datetime) -> QuerySet[Any]:
    old = PersonRequest.objects.filter(answered_at__lt=before).exclude(name_enc=b"")
    return old.annotate(old_since=F("answered_at"), holder=F("id"))


def _erase_requests(keys: Sequence[UUID], case: UUID | None, now: datetime) -> int:
    return PersonRequest.objects.filter(pk__in=keys).update(
        name_enc=b"",
        name_masked=register_erasing.GONE,
        name_index=None,
        person=None,
        member=None,
        id_number_enc=None,
        id_number_masked="",
        id_number_index=None,
        phone_enc=None,
        phone_masked="",
        phone_index=None,
        words="",
    )


_ENDED = _("the end of the case")
_PURPOSE = _("PIPL art. 19 and 47: the purpose is reached when the matter is")

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "case_contacts", _("Name and phone of who reported"), _("the row is deleted"),
        _ENDED, _PURPOSE, 730, 180,
        _of_ended_cases(CaseContact, party=False), _through_the_case("contacts"),
        CASE, of_cases=True,
    ),
    Rule(
        "case_parties", _("Parties to handling records"), _("the row is deleted"), _ENDED,
        _("files of administrative law enforcement are kept longer"), 3650, 1825,
        _of_ended_cases(CaseContact, party=True), _through_the_case("contacts"),
        CASE, of_cases=True,
    ),
    Rule(
        "case_answers", _("Answers to the item's questions"), _("the row is deleted"),
        _ENDED, _PURPOSE, 730, 180,
        _of_ended_cases(CaseAnswers), _through_the_case("answers"), CASE, of_cases=True,
    ),
    Rule(
        "case_words", _("Words of cases"), _("the row is deleted, with the numbers masked in it"),
        _ENDED, _PURPOSE, 1095, 365,
        _of_ended_cases(CaseText), _through_the_case("texts"), CASE, of_cases=True,
    ),
    Rule(
        "case_photos", _("Photos and documents of cases"), _("row and file are deleted"),
        _ENDED, _PURPOSE, 1825, 365,
        _of_ended_cases(Attachment), _through_the_case("photos"), CASE, of_cases=True,
    ),
    Rule(
        "case_places", _("Where exactly a case was"),
        _("address and positions are emptied, also of whistles and photos; the grid stays"),
        _ENDED, _("PIPL art. 19: for figures and comparison the grid is enough"), 1095, 365,
        _places, _coarsen, CASE, of_cases=True,
    ),
    Rule(
        "ended_people", _("People whose record has ended"),
        _("name, numbers, birth year and sex are emptied, and their history's values"),
        _("the day on which the record ended"),
        _("PIPL art. 19 and 47: whoever has moved away needs no record here"), 1095, 90,
        _ended_records(Person), _erase_records(Person), str(Register.PERSON),
    ),
    Rule(
        "ended_units", _("Contacts of units whose record has ended"),
        _("name and phone are emptied, and their history's values"),
        _("the day on which the record ended"), _PURPOSE, 1095, 90,
        _ended_records(Enterprise), _erase_records(Enterprise), str(Register.ENTERPRISE),
    ),
    Rule(
        "register_words", _("What a person's record held before a change"),
        _("the values are deleted; that it was changed stays"),
        _("the change"), _("PIPL art. 8 and 19: what was wrong or is past serves no purpose"),
        1095, 180, _register_words, _delete(RegisterChangeWords), str(Register.PERSON),
    ),
    Rule(
        "ended_care", _("People who are visited no more"),
        _("health, contact and what to look at are emptied; that there were visits stays"),
        _("the day on which the visits ended"),
        _("PIPL art. 28: of health only what a purpose needs"), 365, 90,
        _ended_care, _erase_care, str(Register.PERSON),
    ),
    Rule(
        "care_words", _("Words of visits to people"), _("the words are emptied"), _("the visit"),
        _("PIPL art. 28: of health only what a purpose needs"), 1095, 180,
        _care_words, _erase_care_words, str(Register.PERSON),
    ),
    Rule(
        "ended_entries", _("Names and numbers in entries of registers and surveys"),
        _("the sealed answers are emptied, all versions of them; the others stay"),
        _("the day on which the entry ended or the survey was closed"),
        _PURPOSE, 1095, 90, _ended_entries, _erase_entries, ENTRY,
    ),
    Rule(
        "entry_answers", _("Words in entries of registers and surveys"),
        _("answers in words, name, place and position are emptied; numbers and choices stay"),
        _("the day on which the entry ended or the survey was closed"),
        _PURPOSE, 1825, 365, _entry_words, _erase_entry_words, ENTRY,
    ),
    Rule(
        "entry_words", _("Why entries were sent back"), _("the row is deleted"),
        _("the last answer"), _PURPOSE, 1095, 180, _entry_texts, _delete(SurveyText),
    ),
    Rule(
        "visit_places", _("Where and with what words a patrol was made"),
        _("position, answers and words are emptied; that somebody was there stays"),
        _("the visit"), _("PIPL art. 19: workers are people too"), 730, 90,
        _visits, _erase_visits,
    ),
    Rule(
        "task_words", _("Words of tasks"), _("the row is deleted"),
        _("the task's deadline"), _PURPOSE, 1095, 365, _task_texts, _delete(TaskText),
    ),
    Rule(
        "task_orders", _("What tasks ask for, in words"),
        _("the words are emptied; title, deadline and figures stay"),
        _("the task's deadline"), _PURPOSE, 1825, 365, _task_orders, _erase_task_orders,
    ),
    Rule(
        "task_results", _("What was written of a task that was done"),
        _("words and answers are emptied; that it was done stays"),
        _("the task's deadline"), _PURPOSE, 1825, 365, _task_results, _erase_task_results,
    ),
    Rule(
        "task_places", _("Where a task was done"), _("the position is emptied"),
        _("the task's deadline"), _("PIPL art. 19: workers are people too"), 365, 90,
        _task_places, _erase_task_places,
    ),
    Rule(
        "whistle_words", _("Words of whistles"), _("the row is deleted"),
        _("the whistle"), _PURPOSE, 1095, 365, _whistle_texts, _delete(WhistleText), CASE,
    ),
    Rule(
        "handover_words", _("Words of handovers between shifts"), _("the row is deleted"),
        _("the handover"), _PURPOSE, 365, 90, _handover_texts, _erase_handover_texts,
        unchanging=True,
    ),
    Rule(
        "request_people", _("Who asked what is kept of them"),
        _("name, numbers and words are emptied; what was decided stays"), _("the answer"),
        _("PIPL art. 19: it must be shown for a time that the person had an answer"), 1095, 365,
        _requests, _erase_requests,
    ),
)  # fmt: skip

BY_CODE: Final = {each.code: each for each in RULES}
