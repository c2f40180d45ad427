"""Cases as they can be read. Everything is loaded through what the caller may see."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from huying.api import schemas
from huying.api.doors import actor_of, reads
from huying.api.paging import page
from huying.api.reporting import router
from huying.api.schemas import (
    AREA,
    CaseDetail,
    CaseOut,
    Cases,
    DuplicatesOut,
    Events,
    SuggestionOut,
    TimeIn,
    Verbs,
)
from huying.api.tokens import Scope
from huying.cases import documents, finding, flow
from huying.cases.answers import answers_of, said_of
from huying.cases.describing import explain
from huying.cases.models import Attachment, Case, Channel, TextKind
from huying.cases.states import State
from huying.cases.timeline import timeline
from huying.cases.undoing import undoable
from huying.clock.lights import Light
from huying.dispatch import duplicates
from huying.dispatch.deciding import Decided
from huying.dispatch.ruling import nearest
from huying.dispatch.saying import outcome_words, passed_words
from huying.dispatch.suggesting import UnitSuggestion, suggest
from huying.dispatch.why_here import why_here
from huying.errors import NotFound
from huying.people.acting import Actor
from huying.places.naming import names

USUAL_PAGE: Final = 50
LARGEST_PAGE: Final = 200
_NUMBER: Final = re.compile(r"[0-9]{17,25}")


class Filters(Schema):
    """Which cases, how many, and from where on."""

    state: list[State] | None = Field(None, description="one or several")
    item: str | None = Field(None, pattern=r"^[0-9]{4}$")
    area: str | None = Field(None, pattern=AREA, description="in this area")
    held_by: str | None = Field(None, pattern=AREA, description="held by exactly this desk")
    channel: Channel | None = None
    since: TimeIn | None = Field(None, description="received at or after this time")
    cursor: str | None = Field(None, max_length=80, description="`next` of the page before")
    oldest_first: bool = Field(False, description="the default is the newest first")
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = USUAL_PAGE


def light_of(case: Case, now: datetime) -> Light | None:
    """The light that the case shows; none once it has ended."""
    if not case.is_open:
        return None
    if case.due_at is not None and now > case.due_at:
        return Light.RED
    if case.is_suspended:
        return Light.GREY
    if case.yellow_at is not None and now >= case.yellow_at:
        return Light.YELLOW
    return Light.GREEN


def row(case: Case, now: datetime) -> dict[str, Any]:
    """The fields that a list shows."""
    version, unit = case.item_version, case.lead_unit
    return {
        "id": case.pk,
        "number": case.number,
        "state": case.state,
        "channel": case.channel,
        "kind": case.kind,
        "level": case.level,
        "item": case.item_code,
        "item_name": version.name if version is not None else "",
        "suggested_item": case.suggested_item,
        "emergency": case.emergency,
        "emergency_words": case.emergency_words.split(";") if case.emergency_words else [],
        "held_by": case.holder_code,
        "area": case.area_code,
        "place": names(case.area_code),
        "address": case.address,
        "lon": case.lon,
        "lat": case.lat,
        "unit": None if unit is None else {"id": unit.pk, "name": unit.name},
        "occurred_at": case.occurred_at,
        "received_at": case.received_at,
        "changed_at": case.changed_at,
        "due_at": case.due_at,
        "ended_at": case.ended_at,
        "light": light_of(case, now),
        "last_seq": case.last_seq,
    }


def seen_by(actor: Actor, number: str) -> Case:
    """The case of this number, if the actor may see it.

    Raises:
        NotFound: there is none, or it is not theirs to see.
    """
    case = finding.numbered(checked_number(number), actor)
    if case is None:
        raise NotFound()
    return case


def checked_number(number: str) -> str:
    """A number that could be a case's.

    Raises:
        NotFound: it is of another form.
    """
    if not _NUMBER.fullmatch(number):
        raise NotFound()
    return number


@router.get(
    "", response=Cases, auth=reads(Scope.READ), summary="案件列表 Cases", operation_id="list_cases"
)
def list_cases(request: HttpRequest, filters: Query[Filters]) -> Cases:
    """The cases that the caller may see, a page at a time.

    Ask on with `next` until it is null. A case that is there when the first page is read comes
    exactly once, whatever is reported in the meantime.
    """
    found = Case.objects.visible_to(actor_of(request)).for_pages()
    if filters.state:
        found = found.in_state(*filters.state)
    if filters.item:
        found = found.filter(item_code=filters.item)
    if filters.area:
        found = found.filter(area_code__startswith=filters.area)
    if filters.held_by:
        found = found.held_by(filters.held_by)
    if filters.channel:
        found = found.filter(channel=filters.channel)
    if filters.since:
        found = found.filter(received_at__gte=filters.since)
    rows, following = page(
        found,
        cursor=filters.cursor,
        oldest_first=filters.oldest_first,
        limit=filters.limit,
    )
    now = timezone.now()
    return Cases(items=[CaseOut.model_validate(row(case, now)) for case in rows], next=following)


@router.get(
    "/{number}",
    response=CaseDetail,
    auth=reads(Scope.READ),
    summary="案件 One case",
    operation_id="get_case",
)
def get_case(request: HttpRequest, number: str) -> CaseDetail:
    """A case with the report's words, its photos and deadlines, and why it is due when it is due.

    Contacts are masked; nobody gets them in clear over this interface.
    """
    actor = actor_of(request)
    case = seen_by(actor, number)
    words = case.texts.filter(kind=TextKind.DESCRIPTION, seq=1).first()
    photos, papers = documents.apart(case.attachments.all())
    merged_into = None
    if case.merged_into_id is not None:
        # Into which case is only told to who may see that one too.
        into = Case.objects.visible_to(actor).filter(pk=case.merged_into_id)
        merged_into = into.values_list("number", flat=True).first()
    return CaseDetail.model_validate(
        row(case, timezone.now())
        | {
            "text": None if words is None else words.body,
            "contacts": [
                {"name": each.name_masked, "phone": each.phone_masked}
                for each in case.contacts.order_by("seq")
            ],
            "answers": said_of(answers_of(case)),
            "photos": [photo(each) for each in photos],
            "documents": [paper(each) for each in papers],
            "deadlines": {
                "accept": case.accept_due,
                "sign": case.sign_due,
                "handle": case.handle_due,
                "check": case.check_due,
                "total": case.total_due,
            },
            "why_due": explain(case),
            "why_here": why_here(timeline(case)),
            "suspended_until": case.suspended_until,
            "returns": case.returns,
            "reworks": case.reworks,
            "extensions": case.extensions,
            "reopened": case.reopened,
            "self_handled": case.self_handled,
            "merged_into": merged_into,
        }
    )


def photo(attachment: Attachment) -> dict[str, Any]:
    """A photo, to be fetched from /attachments/{id}."""
    return {
        "id": attachment.pk,
        "kind": attachment.kind,
        "width": attachment.width,
        "height": attachment.height,
        "taken_at": attachment.taken_at,
        "lon": attachment.lon,
        "lat": attachment.lat,
        "accuracy_m": attachment.accuracy_m,
    }


def paper(attachment: Attachment) -> dict[str, Any]:
    """A document, to be fetched from /attachments/{id}."""
    return {"id": attachment.pk, "name": attachment.name, "size": attachment.size}


@router.get(
    "/{number}/events",
    response=Events,
    auth=reads(Scope.READ),
    summary="办理过程 A case's events",
    operation_id="list_events",
)
def list_events(request: HttpRequest, number: str) -> Events:
    """Everything that happened to a case, the oldest first."""
    case = seen_by(actor_of(request), number)
    return Events.model_validate(
        {
            "items": [
                {
                    "seq": entry.seq,
                    "verb": entry.verb,
                    "label": entry.label,
                    "at": entry.at,
                    "by": entry.by,
                    "role": entry.role,
                    "from_state": entry.from_state,
                    "to_state": entry.to_state,
                    "undone": entry.undone,
                    "texts": [{"kind": kind, "body": body} for kind, body in entry.texts],
                    "facts": [{"label": label, "value": value} for label, value in entry.facts],
                    "photos": [photo(each) for each in entry.attachments],
                    "documents": [paper(each) for each in entry.documents],
                }
                for entry in timeline(case)
            ]
        }
    )


@router.get(
    "/{number}/verbs",
    response=Verbs,
    auth=reads(Scope.READ, Scope.VERBS),
    summary="可办操作 What can be done with a case now",
    operation_id="list_verbs",
)
def list_verbs(request: HttpRequest, number: str) -> Verbs:
    """The verbs that the case's state has: allowed to the caller, or why not."""
    actor = actor_of(request)
    case = seen_by(actor, number)
    choices = list(flow.choices(actor, case))
    if undoable(case, actor, timezone.now()) is not None:
        choices.append(flow.Choice(flow.ROWS["undo"], None))
    return Verbs(
        items=[
            schemas.VerbOut(
                verb=choice.row.verb,
                label=str(choice.row.label),
                allowed=choice.ok,
                why_not=None if choice.why_not is None else str(choice.why_not),
                needs=list(choice.row.needs),
            )
            for choice in choices
            if not choice.row.page_only
        ],
        last_seq=case.last_seq,
    )


@router.get(
    "/{number}/suggestion",
    response=SuggestionOut,
    auth=reads(Scope.READ, Scope.VERBS),
    summary="派遣建议 Which unit should handle it, and why",
    operation_id="get_suggestion",
)
def get_suggestion(request: HttpRequest, number: str) -> SuggestionOut:
    """The best unit and the others with their reasons; the rule that decides, by its code, title
    and version, and why no other rule does. Once accepted, a case keeps its version of the rules.

    Nothing is written; the desk that holds the case decides.
    """
    now = timezone.now()
    found = suggest(seen_by(actor_of(request), number), now)
    units = {each.unit.pk: each.unit for each in found.all}
    return SuggestionOut(
        level=found.level,
        best=None if found.best is None else _suggested(found.best),
        others=[_suggested(each) for each in found.others],
        assist=[schemas.UnitOut(id=pk, name=units[pk].name) for pk in found.assist],
        ruling=None if found.by is None else _ruling(found.by, now),
    )


def _ruling(by: Decided, now: datetime) -> schemas.RulingOut:
    near, elsewhere = nearest(by.ruling)
    rule = by.rule
    return schemas.RulingOut(
        version=by.version,
        rule=None if rule is None else schemas.RuleOut(code=rule.code, name=rule.name),
        outcome=[
            schemas.Fact(label=label, value=value) for label, value in outcome_words(by.outcome)
        ],
        others=[
            schemas.PassedRule(
                code=each.rule.code, name=each.rule.name, why_not=passed_words(each, now)
            )
            for each in near
        ],
        for_other_items=elsewhere,
    )


@router.get(
    "/{number}/duplicates",
    response=DuplicatesOut,
    auth=reads(Scope.READ, Scope.VERBS),
    summary="疑似重复 Open cases that may be the same matter, and closed ones that came again",
    operation_id="get_duplicates",
)
def get_duplicates(request: HttpRequest, number: str) -> DuplicatesOut:
    """As far as the caller may see them. Nothing is written; the desk decides and merges."""
    actor = actor_of(request)
    case = seen_by(actor, number)
    found = duplicates.likely_of(case, by=actor) if case.is_open else []
    return DuplicatesOut(
        likely=[
            schemas.DuplicateOut(
                number=other.number,
                state=other.state,
                received_at=other.received_at,
                metres=None if each.metres is None else round(each.metres),
                likeness=each.likeness,
                same_item=each.same_item,
                reason=duplicates.reason_words(each),
            )
            for other, each in found
        ],
        repeats=[
            schemas.RepeatOut(
                number=each.case.number, closed_at=each.case.ended_at, metres=round(each.metres)
            )
            for each in duplicates.repeats_of(case, by=actor)
        ],
    )


def _suggested(each: UnitSuggestion) -> schemas.SuggestedUnit:
    return schemas.SuggestedUnit(
        unit=schemas.UnitOut(id=each.unit.pk, name=each.unit.name),
        open_cases=each.load,
        reasons=list(each.reasons),
        due_at=each.due_at,
    )
