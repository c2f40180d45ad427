"""Cases as the phone keeps them: cards with all that one needs on the spot, without signal too."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, QuerySet

from huying.cases import finding, flow
from huying.cases.answers import CaseAnswers, owner_of, prefilled, softened
from huying.cases.deadlines import Past, pasts_of
from huying.cases.describing import explain
from huying.cases.models import Attachment, Case
from huying.cases.reading import CaseQuerySet, Seeing, who_sees
from huying.cases.states import State
from huying.catalogue import evidence
from huying.catalogue.versions import version_of
from huying.dispatch.awaiting import awaiting, awaiting_on_the_spot
from huying.dispatch.models import Order
from huying.dispatch.standing import part_standing, standing
from huying.field.forms import FORMS, offered
from huying.forms.rendering import sheet_of
from huying.forms.versions import all_in_force
from huying.people.acting import Actor
from huying.people.models import ON_FOOT
from huying.places import naming
from huying.postgres.frozen import frozen, frozen_unseen
from huying.response.handling import evidence_so_far

MOST_TASKS = 100
MOST_IN_GRID = 200
SHOWS_WORK = frozenset({"sign_for", "handle", "assist_sign", "assist_done"})
"""Verbs that end with evidence, or after which one may come to it without a connection."""


class Photo(NamedTuple):
    """What a card tells of a photo."""

    id: UUID
    kind: str
    width: int
    height: int


def both(actor: Actor, now: datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """`tasks` and `in_grid`; of who walks a grid both are open cases there: one question."""
    if actor.role not in ON_FOOT:
        return tasks(actor, now), []
    who, units = who_sees(actor), list(actor.units)
    shape = (Seeing.of(actor), bool(units), MOST_IN_GRID + 1)
    found = _with_items(_on_foot(*shape, units=units, **who))
    if len(found) > MOST_IN_GRID:
        # The first ones of all are not the first ones of each.
        return tasks(actor, now), in_grid(actor, now)
    drawn = list(zip(found, cards(found, actor, now), strict=True))
    return (
        [card for case, card in drawn if vars(case)["awaits"]][:MOST_TASKS],
        [card for case, card in drawn if actor.covers(case.area_code)],
    )


@frozen
def _on_foot(
    seeing: Seeing, of_units: bool, most: int, *, area: Any, account: Any, unit: Any, units: Any
) -> QuerySet[Case]:
    """The open cases of who walks a grid, with whether they await the post, as ``awaits``."""
    awaiting = awaiting_on_the_spot(area, account, units if of_units else None)
    seen = Case.objects.seen(seeing, area=area, account=account, unit=unit).open()
    awaits = ExpressionWrapper(awaiting, output_field=BooleanField())
    return seen.select_related("lead_unit").annotate(awaits=awaits).by_time_left()[:most]


def _with_items(cases: Iterable[Case]) -> list[Case]:
    """Each with its item's version, as the process keeps it."""
    found = list(cases)
    for case in found:
        if case.item_version_id is not None:
            case.item_version = version_of(case.item_version_id)
    return found


def _seen(actor: Actor) -> CaseQuerySet:
    return Case.objects.visible_to(actor).select_related("lead_unit")


def tasks(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What the post has to act on next, the least time left first."""
    found = _seen(actor).filter(awaiting(actor)).by_time_left()
    return cards(_with_items(found[:MOST_TASKS]), actor, now)


def in_grid(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The open cases of the grid that the post is for; none for those who have no grid."""
    if actor.role not in ON_FOOT:
        return []
    found = _seen(actor).open().by_time_left()
    mine = found.filter(area_code__startswith=actor.area_code)
    return cards(_with_items(mine[:MOST_IN_GRID]), actor, now)


def cards(cases: Sequence[Case], actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The cases with their words, photos and verbs; a handful of queries, however many."""
    if not cases:
        return []
    pks = [case.pk for case in cases]
    texts = finding.descriptions(pks)
    photos: dict[UUID, list[Photo]] = defaultdict(list)
    for pk, *photo in _photos(cases=pks):
        photos[pk].append(Photo(*photo))
    parts = _parts(cases, actor)
    asks, pasts = _asks(cases), pasts_of(cases)
    return [
        _card(
            case,
            actor,
            now,
            texts.get(case.pk, ""),
            photos[case.pk],
            parts.get(case.pk),
            asks.get(case.pk),
            pasts[case.pk],
        )
        for case in cases
    ]


@frozen_unseen
def _photos(cases: Any) -> QuerySet[Attachment, tuple[Any, ...]]:
    shown = Attachment.objects.filter(case__any_of=cases).exclude(kind=Attachment.Kind.DOCUMENT)
    return shown.order_by("id").values_list("case", *Photo._fields)


def _parts(cases: Sequence[Case], actor: Actor) -> dict[UUID, Order]:
    having = [case.pk for case in cases if str(actor.unit_id) in case.parts]
    if not having:
        return {}
    orders = Order.objects.filter(
        case__in=having, unit=actor.unit_id, part=Order.Part.ASSIST, ended_at=None
    )
    return {order.case_id: order for order in orders}


def _asks(cases: Sequence[Case]) -> dict[UUID, dict[str, Any]]:
    """What the items ask of these cases, with what was answered already; three queries.

    The sheet is the item's own, as it came with the catalogue, but where sealed answers stay.
    """
    forms = all_in_force(owner_of(""))
    asking = {case.pk: form for case in cases if (form := forms.get(owner_of(case.item_code)))}
    latest = {row.case_id: row for row in _answered(cases=list(asking))} if asking else {}
    found = {}
    for case in cases:
        if (form := asking.get(case.pk)) is None:
            continue
        row = latest.get(case.pk)
        kept = row.sealed_names if row is not None else ()
        found[case.pk] = {
            "asked": case.questions_asked,
            "given": prefilled(row),
            "sheet": sheet_of(softened(form.definition, kept)) if kept else None,
        }
    return found


@frozen_unseen
def _answered(cases: Any) -> QuerySet[CaseAnswers]:
    return CaseAnswers.objects.filter(case__any_of=cases).order_by("seq")


def _card(
    case: Case,
    actor: Actor,
    now: datetime,
    text: str,
    photos: Sequence[Photo],
    part: Order | None,
    asks: dict[str, Any] | None,
    past: Past,
) -> dict[str, Any]:
    stands = standing(case, now) if part is None else part_standing(part, case, now)
    version, unit = case.item_version, case.lead_unit
    verbs = offered(flow.allowed(actor, case, among=FORMS))
    if asks is None:
        verbs = [verb for verb in verbs if verb != "answer_questions"]
    named = naming.parts(case.area_code)
    return {
        "number": case.number,
        "seq": case.last_seq,
        "state": case.state,
        "state_word": str(State(case.state).label),
        "emergency": case.emergency or bool(case.emergency_words),
        "item": case.item_code or case.suggested_item,
        "item_name": version.name if version is not None else "",
        "text": text,
        "place": " ".join(named[1:] or named),
        "area": case.area_code,
        "address": case.address,
        "lon": case.lon,
        "lat": case.lat,
        "unit": unit.name if unit is not None else "",
        "received_at": case.received_at,
        "light": str(stands.light) if stands.light else "",
        "light_word": stands.word,
        "left": stands.left,
        "due_at": stands.due_at,
        "yellow_at": case.yellow_at if part is None else part.yellow_at,
        "why_due": explain(case, past) if case.is_open else [],
        "photos": [photo._asdict() for photo in photos],
        "verbs": verbs,
        "asks": asks,
        "demands": _demands(case, photos) if SHOWS_WORK & set(verbs) else [],
        "have": dict(Counter(photo.kind for photo in photos)),
    }


def _demands(case: Case, photos: Sequence[Photo]) -> list[dict[str, Any]]:
    """What the item asks for at the end of the work, and how much of it is there."""
    if case.item_version is None:
        return []
    again = case.reworks or case.reopened
    have = evidence_so_far(case) if again else Counter(photo.kind for photo in photos)
    return [
        {"kind": str(each.kind), "least": each.least, "have": have.get(each.kind, 0)}
        for each in evidence.parse(case.item_version.evidence).demands
    ]
