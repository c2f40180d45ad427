"""处置: the unit arrives, does it, and shows that it is done. Or the grid worker, on the spot."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huying.audit.crypto import drawn
from huying.cases.accepting import item_at
from huying.cases.attaching import take_up
from huying.cases.closing import refuse_while_held
from huying.cases.models import Attachment, Case, CaseEvent, TextKind
from huying.cases.states import State
from huying.cases.subcases import SUB_CASE
from huying.cases.verbs import Act, verb
from huying.catalogue import evidence
from huying.catalogue.models import ItemVersion, Kind
from huying.dispatch.ordering import ARRIVED, HANDLED, end_orders, note
from huying.errors import Missing, NotAllowed
from huying.places.locating import locate
from huying.postgres.frozen import frozen


def evidence_so_far(case: Case) -> Counter[str]:
    """What the case has already: its photos by kind. Positions and forms come with the verb.

    After a failed check or a reopening the photos of the work done before show nothing: those
    that are to show the result must be new.
    """
    have = Counter(_kinds(case=case.pk))
    if case.reworks or case.reopened:
        undone = CaseEvent.objects.filter(case_id=case.pk, verb__in=("check_fail", "reopen"))
        since = undone.aggregate(last=Max("seq"))["last"] or 0
        have[Attachment.Kind.PHOTO_AFTER] = Attachment.objects.filter(
            case=case, kind=Attachment.Kind.PHOTO_AFTER, seq__gt=since
        ).count()
    return have


@frozen
def _kinds(case: Any) -> QuerySet[Attachment, str]:
    return Attachment.objects.filter(case=case).values_list("kind", flat=True)


def _take_evidence(
    act: Act,
    version: ItemVersion,
    *,
    photos: Sequence[uuid.UUID],
    lon: float | None,
    lat: float | None,
    form: str,
) -> None:
    """Takes up what was given, and refuses while something that the item asks for is missing."""
    case = act.case
    if photos:
        take_up(case, photos, by=act.by, seq=act.seq)
        act.data["photos"] = [str(photo) for photo in photos]
    asked = evidence.parse(version.evidence)
    have = evidence_so_far(case) if asked.photos else Counter[str]()
    if lon is not None and lat is not None:
        have["gps"] = 1
        act.data["position"] = _grid_of(lon, lat)
    if form.strip():
        have["form"] = 1
        act.text(TextKind.FORM, form)
    missing = asked.missing(have)
    if missing:
        raise Missing(
            format_lazy(_("Evidence is missing: {what}."), what=lazy(_say, str)(missing)),
            field="evidence",
            missing=[str(each.kind) for each in missing],
        )


def _say(missing: Sequence[evidence.Missing]) -> str:
    """What is missing, in the language of whoever reads."""
    if (get_language() or "").startswith("zh"):
        return "、".join(each.zh for each in missing)
    return ", ".join(each.en for each in missing)


def _grid_of(lon: float, lat: float) -> str:
    """The grid where somebody stood; the exact position of a worker is not kept."""
    return locate(lon, lat).grid_code or "outside"


@verb("arrive")
def arrive(act: Act, *, lon: float | None = None, lat: float | None = None) -> None:
    """到场: on the spot. The first arrival counts; of the position only the grid is kept."""
    if lon is not None and lat is not None:
        act.data["position"] = _grid_of(lon, lat)
    if act.case.arrived_at is None:
        act.case.arrived_at = act.now
        note(ARRIVED, act)


@verb("handle")
def handle(
    act: Act,
    *,
    result: str = "",
    photos: Sequence[uuid.UUID] = (),
    lon: float | None = None,
    lat: float | None = None,
    form: str = "",
) -> None:
    """处置完毕: says what was done, with the evidence that the item asks for.

    Raises:
        Missing: no words, or evidence is missing; names which.
    """
    case = act.case
    assert case.item_version is not None  # a constraint from acceptance on
    act.text(TextKind.RESULT, result, needed="result")
    _take_evidence(act, case.item_version, photos=photos, lon=lon, lat=lat, form=form)
    case.handled_at = act.now
    case.handler_id = act.by.account_id
    case.handled_by_unit_id = case.lead_unit_id
    note(HANDLED, act)
    act.goes_to(State.HANDLED)


@verb("settle")
def settle(
    act: Act,
    *,
    result: str = "",
    item: str = "",
    photos: Sequence[uuid.UUID] = (),
    lon: float | None = None,
    lat: float | None = None,
    form: str = "",
) -> None:
    """现场办结: the grid worker settles a minor matter on the spot, marked as self-handled.

    One in ten is drawn for checking by another; the rest is closed at once.

    Raises:
        NotAllowed: the item may not be settled on the spot, or is another than the desk accepted;
            or the case is an emergency, or may be one and the desk has not said.
        OnHold: a sub-case of this case is open.
        Missing: no item, no words, or evidence is missing.
    """
    case = act.case
    refuse_while_held(case, SUB_CASE)
    if act.from_state != State.REPORTED and item not in ("", case.item_code):
        raise NotAllowed(_("The desk has accepted this case under another item."))
    version = None if item else case.item_version
    if version is None:
        version = item_at(act, item or case.item_code)
    if not version.settle or case.emergency:
        raise NotAllowed(_("This item may not be settled on the spot."))
    if act.from_state == State.REPORTED and case.emergency_words:
        raise NotAllowed(_("This may be an emergency; the desk must look at it first."))
    act.text(TextKind.RESULT, result, needed="result")
    _take_evidence(act, version, photos=photos, lon=lon, lat=lat, form=form)
    case.item_version = version
    case.item_code = version.item_id
    case.kind = Kind(version.kind)
    case.accepted_at = case.accepted_at or act.now
    case.handled_at = act.now
    case.handler_id = act.by.account_id
    case.handled_by_unit_id = act.by.unit_id
    case.self_handled = True
    to_check = drawn(case.pk, settings.HUYING.settle_check_percent)
    case.check_asked = to_check
    act.data |= {"item": version.item_id, "version": version.version, "drawn": to_check}
    if act.from_state != State.REPORTED:  # what nobody has accepted was sent to no unit
        end_orders(act)
    act.goes_to(State.HANDLED if to_check else State.CLOSED)
