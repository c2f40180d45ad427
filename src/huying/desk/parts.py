"""Parts, sub-cases, questions to outside and handling records, as the page of a case shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from huying.cases import flow
from huying.cases.closing import HOLDS
from huying.cases.deadlines import dues_of
from huying.cases.models import Case, CaseContact, CaseText, Hold
from huying.cases.states import PartState
from huying.cases.timeline import Entry
from huying.clock.explaining import countdown_words, light_words
from huying.clock.lights import countdown
from huying.clock.reading import calendar_for
from huying.dispatch.assisting import limit_of
from huying.dispatch.models import Order
from huying.dispatch.parts import due_in
from huying.dispatch.standing import NONE, Standing, standing
from huying.people.acting import Actor
from huying.response.models import HandlingRecord, OutsideAsk, SeizedGoods
from huying.supervision import formal, instructing

WATCHED = (formal.HELD, instructing.HELD)


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the table of parts.

    Attributes:
        state: how far it is, or how it ended, in words.
        why: why it is due when it is due.
        entry: the step with its result and evidence, once it is done.
        verbs: what the reader may do with just this part, as (verb, label).
    """

    order: Order
    state: str
    open: bool
    mine: bool
    due_at: datetime | None
    standing: Standing
    why: Sequence[str]
    entry: Entry | None
    verbs: Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class SubCase:
    case: Case
    standing: Standing


def parts_of(case: Case, actor: Actor, entries: Sequence[Entry], now: datetime) -> list[Part]:
    """All parts since the last dispatch, the open ones with their lights."""
    orders = Order.objects.filter(case=case, part=Order.Part.ASSIST).select_related("unit")
    if case.dispatched_at is not None:
        orders = orders.filter(dispatched_at__gte=case.dispatched_at)
    found = list(orders)
    if not found:
        return []
    by_seq = {entry.seq: entry for entry in entries}
    calendar, dues = calendar_for(case.district_code), dues_of(case)
    lines = []
    for order in found:
        due = due_in(dues, order.dispatched_at, limit_of(order), calendar)
        state = case.parts.get(str(order.unit_id)) if order.ended_at is None else None
        shown = NONE
        if due.due is not None and state is not None:
            left = countdown(due.due, now, order.handled_at)
            shown = Standing(
                left.light, light_words(left.light), countdown_words(left, calendar, now), due.at
            )
        lines.append(
            Part(
                order=order,
                state=str(PartState(state).label) if state else _ended(order),
                open=state is not None,
                mine=order.unit_id == actor.unit_id,
                due_at=due.at,
                standing=shown,
                why=due.sentences(),
                entry=by_seq.get(order.done_seq or 0),
                verbs=_verbs(case, actor, state),
            )
        )
    return lines


def _verbs(case: Case, actor: Actor, state: str | None) -> list[tuple[str, Any]]:
    if state is None:
        return []
    wanted = ["sign_off", "send_part_back"] if state == PartState.DONE else ["release_part"]
    return [
        (verb, flow.ROWS[verb].label)
        for verb in wanted
        if flow.ROWS[verb].why_not(actor, case) is None
    ]


def _ended(order: Order) -> str:
    if order.signed_off_at is not None:
        return _("signed off")
    if order.returned_at is not None and order.handled_at is None:
        return _("given back")
    return _("released")


def subs_of(case: Case, actor: Actor, now: datetime) -> list[SubCase]:
    """The sub-cases that the reader may see, each with its light."""
    cases = Case.objects.visible_to(actor).filter(parent=case).for_pages().order_by("received_at")
    return [SubCase(each, standing(each, now)) for each in cases]


def main_of(case: Case, actor: Actor) -> Case | None:
    """The main case of a sub-case, if the reader may see it."""
    if case.parent_id is None:
        return None
    return Case.objects.visible_to(actor).for_pages().filter(pk=case.parent_id).first()


def holds_of(case: Case) -> list[tuple[str, int]]:
    """What holds the case open, in words, and how many of each."""
    counted: dict[str, int] = {}
    # What watches over the case has a notice of its own above these.
    holds = Hold.objects.filter(case=case, cleared_at=None).exclude(kind__in=WATCHED)
    for kind in holds.values_list("kind", flat=True):
        counted[kind] = counted.get(kind, 0) + 1
    return [(str(HOLDS.get(kind, kind)), count) for kind, count in counted.items()]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to an outside party, with the steps that asked and answered it."""

    ask: OutsideAsk
    state: str
    to: str | None
    question: str | None
    answer: Entry | None
    may_revoke: bool


def asks_of(case: Case, actor: Actor, entries: Sequence[Entry], now: datetime) -> list[Asked]:
    """The questions to outside parties; the link itself nobody can be shown again."""
    by_seq = {entry.seq: entry for entry in entries}
    may = flow.ROWS["revoke_ask"].why_not(actor, case) is None
    lines = []
    for ask in OutsideAsk.objects.filter(case=case):
        words = dict(by_seq[ask.seq].texts) if ask.seq in by_seq else {}
        answer = by_seq.get(ask.answer_seq or 0)
        is_open = not (ask.answered_at or ask.revoked_at or now >= ask.expires_at)
        lines.append(
            Asked(
                ask=ask,
                state=_state_of(ask, now),
                to=words.get("addressee"),
                question=words.get("question"),
                answer=answer,
                may_revoke=may and is_open,
            )
        )
    return lines


def _state_of(ask: OutsideAsk, now: datetime) -> str:
    if ask.answered_at is not None:
        return _("has answered")
    if ask.revoked_at is not None:
        return _("taken back")
    if now >= ask.expires_at:
        return _("expired")
    return _("looked at") if ask.looked_at is not None else _("not looked at yet")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A handling record with its words; erased ones are None."""

    record: HandlingRecord
    found: str | None
    demanded: str | None
    custody: str | None
    goods: Sequence[tuple[str | None, SeizedGoods]]
    party: CaseContact | None
    corrected_by: HandlingRecord | None


def records_of(case: Case) -> list[Recorded]:
    """The handling records of a case, in their order."""
    records = list(HandlingRecord.objects.filter(case=case).select_related("unit", "corrects"))
    if not records:
        return []
    seqs = [record.seq for record in records]
    texts: dict[tuple[int, str], str] = {}
    by_id: dict[UUID, str] = {}
    for text in CaseText.objects.filter(case=case, seq__in=seqs):
        texts[text.seq, text.kind] = by_id[text.pk] = text.body
    parties = {each.seq: each for each in CaseContact.objects.filter(case=case, party=True)}
    goods: dict[UUID, list[SeizedGoods]] = {}
    for line in SeizedGoods.objects.filter(record__in=records):
        goods.setdefault(line.record_id, []).append(line)
    later = {record.corrects_id: record for record in records}
    return [
        Recorded(
            record=record,
            found=texts.get((record.seq, "found")),
            demanded=texts.get((record.seq, "demanded")),
            custody=texts.get((record.seq, "custody")),
            goods=[(by_id.get(line.words), line) for line in goods.get(record.pk, [])],
            party=parties.get(record.seq),
            corrected_by=later.get(record.pk),
        )
        for record in records
    ]
