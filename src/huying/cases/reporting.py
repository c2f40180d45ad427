"""上报 report: how a case begins. And how who reported takes it back.

A report is the one verb that makes its row instead of locking it, and the one that comes in
crowds. So it has a many-form: everything is decided row by row in plain Python, and written by
one statement (`entering`). The single form is a crowd of one.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.audit.chain import SALT_SIZE, text_digest
from huying.audit.identifiers import new_id
from huying.audit.numbers import hide
from huying.cases.answers import new_answers
from huying.cases.contacts import new_contact
from huying.cases.deadlines import first_dues
from huying.cases.entering import Entry, Occasion, enter, first_answer, number_of
from huying.cases.finding import address_words
from huying.cases.first_desk import first_desk
from huying.cases.models import Case, Channel, TextKind
from huying.cases.reports import (
    Answer,
    Key,
    Place,
    Report,
    Reported,
    ReportItem,
    ReportJob,
    kind_of,
)
from huying.cases.sealed_words import keep
from huying.cases.states import State
from huying.cases.verbs import Act, keepable, verb
from huying.errors import BadInput, HuyingError, KeyReused, Missing, NotAllowed
from huying.forms.answering import Answer as Answered
from huying.forms.versions import Form
from huying.people.acting import Actor, ActorKind
from huying.people.models import ON_FOOT
from huying.places.models import CODE_LENGTH, Level

__all__ = [
    "Answer",
    "Key",
    "Place",
    "Report",
    "ReportItem",
    "ReportJob",
    "Reported",
    "check",
    "may_report",
    "number_of",
    "report",
    "report_many",
    "withdraw",
]

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a phone's clock may be ahead of ours before its word is not believed."""

DISTRICT_LENGTH = CODE_LENGTH[Level.DISTRICT]
GRID_LENGTH = CODE_LENGTH[Level.GRID]


def may_report(by: Actor) -> None:
    """Everybody may, but for the three who keep the system; members do as residents.

    Raises:
        NotAllowed: one of them tries.
    """
    if by.kind in (ActorKind.RESIDENT, ActorKind.SYSTEM):
        return
    if not by.works_cases:
        raise NotAllowed()


def report(
    what: Report,
    *,
    by: Actor,
    now: datetime,
    jobs: Sequence[ReportJob] = (),
    key: Key | None = None,
) -> Case:
    """上报: makes the case, in state `reported`, with its first event, in one transaction.

    ``now`` is when it was received; the told time of the matter is ``what.occurred_at``. A grid
    worker's own report needs a position and a photo; a resident's, a caller's or an import's
    needs neither. ``jobs`` are deferred with the case's id, in the same transaction. Under a
    ``key`` that was used before, the case made then is returned.

    Raises:
        NotAllowed: the actor's role may not report.
        Missing: no words; or a grid worker's report without position or photo.
        BadInput: the text is too long; it happened after now; a photo is not the reporter's.
        KeyReused: the key came with another body before.
    """
    answer = report_many([(what, key)], by=by, now=now, jobs=jobs)[0]
    if isinstance(answer, HuyingError):
        raise answer
    return Case.objects.for_pages().get(pk=answer.id)


def report_many(
    what: Sequence[tuple[Report, Key | None]],
    *,
    by: Actor,
    now: datetime,
    jobs: Sequence[ReportJob] = (),
) -> list[Answer]:
    """Many reports at once, each with its own answer, in the order they came.

    What one lacks does not keep out the others: all are checked, the good ones are written by one
    statement, and if the database refuses that, one by one in savepoints. The same key twice in
    one call makes one case and gives the same answer twice.
    """
    answers: list[Answer | None] = [None] * len(what)
    entries: list[Entry] = []
    positions: list[int] = []
    first_of: dict[tuple[str, str], int] = {}
    occasion = Occasion.of(by, now, jobs)
    for position, (each, key) in enumerate(what):
        if key is not None and first_of.setdefault((key.caller, key.key), position) != position:
            continue
        try:
            entries.append(_entry(each, key, occasion))
            positions.append(position)
        except HuyingError as error:
            answers[position] = error
    if entries:
        for position, answer in zip(positions, enter(entries), strict=True):
            answers[position] = answer
    for position, (_each, key) in enumerate(what):
        if answers[position] is None and key is not None:
            answers[position] = _same(what, answers, first_of[key.caller, key.key], key)
    return [answer if answer is not None else HuyingError() for answer in answers]


def _same(
    what: Sequence[tuple[Report, Key | None]],
    answers: Sequence[Answer | None],
    first: int,
    key: Key,
) -> Answer:
    """The answer to a key that stands in one call a second time."""
    before = what[first][1]
    if before is not None and before.body_digest != key.body_digest:
        return KeyReused()
    answer = answers[first]
    return answer if answer is not None else HuyingError()


def _entry(what: Report, key: Key | None, occasion: Occasion) -> Entry:
    """Everything about one new case but its number and what hangs on the database's time."""
    by, now = occasion.by, occasion.now
    may_report(by)
    body = check(what, by, now)
    place, item = what.place, what.item
    area, words = place.area_code, what.emergency_words
    district = area[:DISTRICT_LENGTH]
    case_id, text_id, salt = new_id(), new_id(), os.urandom(SALT_SIZE)
    desk = first_desk(
        area,
        item,
        rule_level=what.ruled.level,
        alarming=bool(words),
        main_holder=what.holder_code,
    )
    body, hidden = keep(text_id, body)
    address = hide(place.address[:200]).words
    digest = text_digest(salt, "description", body).hex()
    channel = what.channel.value
    data: dict[str, Any] = {
        "area": area,
        "channel": channel,
        "holder": desk.holder,
        "level": desk.level.value,
        "why": [each.value for each in desk.why],
        "texts": [{"id": str(text_id), "kind": "description", "digest": digest}],
    }
    if what.item_code:
        data["item"] = what.item_code
    if words:
        data["emergency_words"] = list(words)
    if desk.by_rule:
        data |= {"rule": what.ruled.rule, "rulebook": what.ruled.rulebook}
    if what.parent_id is not None:
        data["parent"] = str(what.parent_id)
    if what.photos:
        data["photos"] = [str(photo) for photo in what.photos]
    dues = first_dues(district, item, bool(words), now)
    row: dict[str, Any] = {
        "id": case_id,
        "district_code": district,
        "channel": channel,
        "kind": kind_of(item),
        "level": desk.level.value,
        "item_code": what.item_code,
        "item_version_id": what.item_version_id,
        "suggested_item": what.suggested_item,
        "emergency_words": ";".join(words)[:120],
        "holder_code": desk.holder,
        "area_code": area,
        "grid_code": area if len(area) == GRID_LENGTH else "",
        "address": address,
        "address_words": address_words(address) if address else None,
        "lon": place.lon,
        "lat": place.lat,
        "told_lon": place.told_lon,
        "told_lat": place.told_lat,
        "told_datum": place.told_datum,
        "accuracy_m": place.accuracy_m,
        "occurred_at": what.occurred_at,
        "accept_due": dues.accept,
        "total_due": dues.total,
        "yellow_at": dues.yellow,
        "wake_at": dues.wake if what.alarms else None,
        "alarms": what.alarms,
        "parent_id": what.parent_id,
        "data": data,
        "text_id": text_id,
        "body": body,
        "hidden": hidden.hex() if hidden is not None else None,
        "salt": salt.hex(),
        "digest": digest,
    }
    if what.contact_name or what.contact_phone:
        row["contact"] = _contact(case_id, district, what, data)
    if what.form is not None and what.answers:
        row["answers"] = _answers(case_id, district, what.form, what.answers, data)
    if by.account_id is not None:
        row["party_id"] = new_id()
    answer = first_answer(row, dues.accept, now)
    if key is not None:
        row["caller"], row["key"] = key.caller, key.key
        row["body_digest"] = key.body_digest.hex()
        row["answer"] = answer
    return Entry(occasion, what, key, row, data, answer)


def check(what: Report, by: Actor, now: datetime) -> str:
    """The words as they are kept, when the report is one that will be taken.

    Raises:
        Missing, BadInput: as `report`, but for photos and contacts, which come later.
    """
    body = what.text.strip()
    if not body:
        raise Missing(_("Please say it in words."), field="text")
    if not keepable(body) or not keepable(what.place.address):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field="text"
        )
    if what.occurred_at is not None and what.occurred_at > now + CLOCKS_DIFFER:
        raise BadInput(_("It cannot have happened later than now."), field="occurred_at")
    if what.channel == Channel.PATROL and by.role in ON_FOOT:
        if what.place.told_lon is None:
            raise Missing(_("A grid worker's report needs a position."), field="position")
        if not what.photos:
            raise Missing(_("A grid worker's report needs a photo."), field="photos")
    return body


def _contact(
    case_id: uuid.UUID, district: str, what: Report, data: dict[str, Any]
) -> dict[str, Any]:
    contact = new_contact(case_id, district, what.contact_name, what.contact_phone, seq=1)
    data["contacts"] = [{"id": str(contact.pk), "digest": contact.digest.hex()}]
    index = contact.phone_index
    return {
        "id": contact.pk,
        "name_enc": contact.name_enc.hex(),
        "phone_enc": contact.phone_enc.hex(),
        "name_masked": contact.name_masked,
        "phone_masked": contact.phone_masked,
        "phone_index": index.hex() if index is not None else None,
        "salt": contact.salt.hex(),
        "digest": contact.digest.hex(),
    }


def _answers(
    case_id: uuid.UUID,
    district: str,
    form: Form,
    answers: Mapping[str, Answered],
    data: dict[str, Any],
) -> dict[str, Any]:
    made = new_answers(case_id, district, form, answers, seq=1)
    data["answers"] = [{"id": str(made.pk), "digest": made.digest.hex()}]
    return {
        "id": made.pk,
        "form_id": form.id,
        "body": made.body,
        "masked": made.masked,
        "sealed": made.sealed.hex() if made.sealed is not None else None,
        "salt": made.salt.hex(),
        "digest": made.digest.hex(),
    }


@verb("withdraw")
def withdraw(act: Act, *, reason: str = "") -> None:
    """撤回: who reported takes it back, with a reason, before it is accepted."""
    act.text(TextKind.REASON, reason, needed="reason")
    act.goes_to(State.WITHDRAWN)
