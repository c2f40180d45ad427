"""上报: one report, or up to five hundred at once. Kept short: this is the busiest way in."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from huying.api.doors import actor_of, caller_of, count, writes
from huying.api.keyed import checked, digest_of
from huying.api.problems import Invalid, Malformed, plain, translated
from huying.api.schemas import Answers, Receipt, ReportIn
from huying.api.tokens import Scope
from huying.cases.models import Case, Channel
from huying.cases.reporting import Key, Reported
from huying.cases.states import State
from huying.errors import BadInput, HuyingError, TooLarge
from huying.intake.reporting import Told, take_many
from huying.people.acting import Actor, ActorKind
from huying.people.models import ON_FOOT
from huying.places.models import Level

router = Router(tags=["cases 案件"])
"""Shared with `api.cases`: what reads and what reports stand at the same addresses."""

MOST_AT_ONCE: Final = 500
LARGEST_BATCH: Final = 32 * 1024 * 1024


def receipt(case: Case) -> Receipt:
    """The case as it is now, without its words."""
    return Receipt(
        id=case.pk,
        number=case.number,
        state=State(case.state),
        level=Level(case.level),
        held_by=case.holder_code,
        area=case.area_code,
        item=case.item_code,
        suggested_item=case.suggested_item,
        emergency_words=case.emergency_words.split(";") if case.emergency_words else [],
        received_at=case.received_at,
        due_at=case.due_at,
        last_seq=case.last_seq,
    )


def channel_of(body: ReportIn, actor: Actor) -> Channel:
    """The door that the report is said to have come by.

    Raises:
        BadInput: a person claims to be a connected system, or a grid worker another door than
            the patrol, whose evidence rules would be passed by so.
    """
    if actor.kind is ActorKind.INTEGRATION:
        return body.channel or Channel.API
    usual = Channel.PATROL if actor.role in ON_FOOT else Channel.DESK
    if body.channel in (None, usual):
        return usual
    if usual is Channel.PATROL or body.channel in (Channel.API, Channel.PATROL, Channel.RESIDENT):
        raise BadInput(_("A report of yours cannot come by this channel."), field="channel")
    return Channel(body.channel)


def told(body: ReportIn, actor: Actor) -> Told:
    """The report in the words of the one function that every door calls.

    A connected system that names no place speaks of its own area.
    """
    area = body.area or ""
    position, contact = body.position, body.contact
    if not area and position is None and actor.kind is ActorKind.INTEGRATION:
        area = actor.area_code
    if position is None:
        lon = lat = accuracy = None
        datum = "wgs84"
    else:
        lon, lat, accuracy, datum = position.lon, position.lat, position.accuracy_m, position.datum
    return Told(
        channel=channel_of(body, actor),
        text=body.text,
        lon=lon,
        lat=lat,
        datum=datum,
        accuracy_m=accuracy,
        area=area,
        address=body.address,
        item=body.item or "",
        occurred_at=body.occurred_at,
        contact_name=contact.name if contact is not None else "",
        contact_phone=contact.phone if contact is not None else "",
        photos=tuple(body.photos),
        answers=body.answers,
    )


def keyed(body: ReportIn, key: object, actor: Actor) -> tuple[Told, Key]:
    """A report and its key, as the many-form of reporting takes them.

    Raises:
        KeyNeeded: the key is missing or of the wrong form.
        BadInput: as `channel_of`.
    """
    # Without answers the body is written as it was before there were any: keys are kept for long.
    unsaid = {"answers"} if body.answers is None else None
    digest = digest_of(body.model_dump_json(exclude=unsaid).encode())
    return told(body, actor), Key(caller_of(actor), checked(key), digest)


def receipt_of(made: Reported, body: ReportIn) -> dict[str, Any]:
    """A report's receipt; the same when the same report comes again."""
    words = made.emergency_words
    return {
        "id": made.id,
        "number": made.number,
        "state": made.state,
        "level": made.level,
        "held_by": made.holder_code,
        "area": made.area_code,
        "item": body.item or "",
        "suggested_item": made.suggested_item,
        "emergency_words": words.split(";") if words else [],
        "received_at": made.received_at,
        "due_at": made.due_at,
        "last_seq": 1,
    }


@router.post(
    "",
    response={201: Receipt},
    auth=writes(Scope.REPORT),
    summary="上报 Report a case",
    operation_id="report",
)
def report(request: HttpRequest, body: ReportIn) -> HttpResponse:
    """A matter becomes a case, located, with a suggested item, on the desk that it is for."""
    actor = actor_of(request)
    one = keyed(body, request.META.get("HTTP_IDEMPOTENCY_KEY"), actor)
    made = take_many([one], by=actor, now=timezone.now())[0]
    if isinstance(made, HuyingError):
        raise made
    response = HttpResponse(
        to_json(receipt_of(made, body)), status=201, content_type="application/json"
    )
    if made.replayed:
        response["Idempotency-Replayed"] = "true"
    return response


@router.post(
    "/batch",
    response=Answers,
    auth=writes(Scope.REPORT),
    summary="批量上报 Report up to 500 cases",
    operation_id="report_batch",
)
def report_batch(request: HttpRequest) -> HttpResponse:
    """Each report has its own key and gets its own answer, in the order sent.

    One that is refused does not touch the others. Sent again, the batch makes no case twice; a
    key that stands twice in one batch makes one case and has one answer.
    """
    actor = actor_of(request)
    sent = batch_of(request)
    count(actor, write=True, cost=len(sent) - 1)
    answers: list[dict[str, Any]] = [{}] * len(sent)
    good: list[tuple[int, ReportIn]] = []
    reports: list[tuple[Told, Key]] = []
    for position, each in enumerate(sent):
        try:
            body = ReportIn.model_validate(_without_key(each))
            reports.append(keyed(body, each.get("key"), actor))
            good.append((position, body))
        except (HuyingError, ValidationError) as error:
            answers[position] = _refused(each, error)
    made = take_many(reports, by=actor, now=timezone.now()) if reports else []
    for (position, body), what in zip(good, made, strict=True):
        if isinstance(what, HuyingError):
            answers[position] = _refused(sent[position], what)
            continue
        answers[position] = {
            "key": sent[position]["key"],
            "status": 201,
            "replayed": what.replayed,
            "body": receipt_of(what, body),
            "problem": None,
        }
    return HttpResponse(to_json({"answers": answers}), content_type="application/json")


def batch_of(request: HttpRequest) -> list[Any]:
    """The batch's reports, not yet looked at.

    Raises:
        TooLarge: over 32 MB.
        Malformed, Invalid: not an object with a list of 1 to 500 reports.
    """
    raw = request.read(LARGEST_BATCH + 1)
    if len(raw) > LARGEST_BATCH:
        raise TooLarge()
    try:
        sent = from_json(raw)
    except ValueError as error:
        raise Malformed() from error
    if not isinstance(sent, dict) or set(sent) != {"reports"}:
        raise Invalid([("reports", _("A batch is an object with a list of reports."))])
    reports = sent["reports"]
    if not isinstance(reports, list) or not 1 <= len(reports) <= MOST_AT_ONCE:
        raise Invalid([("reports", _("A batch has 1 to 500 reports."))])
    return reports


def _without_key(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise Invalid([("", _("This must be an object."))])
    return {name: value for name, value in sent.items() if name != "key"}


def _refused(sent: Any, error: Exception) -> dict[str, Any]:
    """What is wrong with one report of a batch, as its answer."""
    refusal = translated(error)
    key = sent.get("key") if isinstance(sent, dict) else None
    return {
        "key": key if isinstance(key, str) else None,
        "status": refusal.status,
        "replayed": False,
        "body": None,
        "problem": plain(refusal),
    }
