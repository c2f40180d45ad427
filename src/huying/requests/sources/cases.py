"""Cases that the person reported."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.cases import erasing
from huying.cases.answers import CaseAnswers
from huying.cases.contacts import contacts_told
from huying.cases.models import Case, CaseContact, CaseEvent, CaseText
from huying.cases.states import END_STATES
from huying.people.acting import SYSTEM
from huying.places import naming
from huying.requests.models import Ground
from huying.requests.sources.source import MOST, Line, Marks, Source, Told, ids, never, shown


def _cases(marks: Marks) -> list[tuple[UUID, str]]:
    if not marks.phone:
        return []
    rows = CaseContact.objects.filter(phone_index__in=marks.phone)
    return ids(rows.order_by("-case_id").values_list("case_id", "case__area_code")[:MOST])


def _case_line(pk: UUID) -> Line | None:
    case = Case.objects.for_pages().filter(pk=pk).first()
    if case is None:
        return None
    words = f"{case.item_version.name if case.item_version else _('Case')} …{case.number[-8:]}"
    return Line(words, naming.names(case.area_code), case.received_at, case.state not in END_STATES)


def _of_case(case: UUID, marks: Marks) -> tuple[list[CaseContact], list[int]]:
    """The person's contacts, and the events that their words and answers came with."""
    contacts = list(CaseContact.objects.filter(case=case, phone_index__in=marks.phone))
    said = CaseEvent.objects.filter(case_id=case, actor_kind="resident")
    return contacts, [1, *said.values_list("seq", flat=True)]


def _tell_case(pk: UUID, marks: Marks) -> Told:
    case = Case.objects.for_pages().get(pk=pk)
    contacts, seqs = _of_case(pk, marks)
    told = [
        (_("Number"), case.number),
        (_("Received"), shown(case.received_at)),
        (_("Item"), case.item_version.name if case.item_version else ""),
        (_("Place"), f"{naming.names(case.area_code)} {case.address}".strip()),
        (_("State"), str(case.get_state_display())),
    ]
    for each in contacts_told(contacts):
        told += [(_("Name"), each.name), (_("Phone"), each.phone)]
    texts = CaseText.objects.filter(case=case, seq__in=seqs).order_by("seq", "id")
    told += [(_("What you said"), each.body) for each in texts]
    return [each for each in told if each[1]]


def _erase_case(pk: UUID, marks: Marks, now: datetime) -> None:
    contacts, seqs = _of_case(pk, marks)
    texts = CaseText.objects.filter(case=pk, seq__in=seqs).values_list("pk", flat=True)
    answers = CaseAnswers.objects.filter(case=pk).values_list("pk", flat=True)
    erasing.erase(
        pk, by=SYSTEM, now=now, texts=list(texts), answers=list(answers),
        contacts=[each.pk for each in contacts],
    )  # fmt: skip


def _case_held(pk: UUID) -> Ground | None:
    case = Case.objects.get(pk=pk)
    if case.state not in END_STATES:
        return Ground.CASE_OPEN
    if CaseContact.objects.filter(case=pk, party=True).exists():
        return Ground.LEGAL_DUTY
    return None


SOURCES: Final = (
    Source(
        "case", gettext_lazy("case reported"), _cases, _case_line, _tell_case,
        _case_held, _erase_case, never, ("name", "phone", "words"),
        tables=("case", "case_contact", "case_text", "case_answers"),
    ),
)  # fmt: skip
