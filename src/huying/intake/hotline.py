"""12345: work orders of a hotline become cases, each once; what it says later reaches its case.

Every message has an id of its own that stays the same however often it is sent: it is acted on
once and answered the same. An order is known by its number besides: two messages with one order
make one case. A message about an order that has not come yet is refused, and comes again.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.cases.attaching import MOST_AT_ONCE, stage
from huying.cases.idempotency import digest_of, once
from huying.cases.models import Attachment, Case, Channel
from huying.cases.reporting import Key
from huying.cases.states import OPEN_STATES
from huying.cases.verbs import keepable
from huying.errors import BadInput, HuyingError, KeyReused, Missing
from huying.intake.models import HotlineOrder, Source
from huying.intake.reporting import Told, take
from huying.intake.verbs import VERBS
from huying.notices import signing, webhooks
from huying.notices.models import Subscription
from huying.people.acting import RESIDENT, SYSTEM

NOT_OF_CASES: Final = "huying.hotline"
"""The type that its subscription names, so that it is sent no plain events of cases."""


class OrderUnknown(HuyingError):
    code = "order_unknown"
    status = 409
    sentence = _("This order has not come yet; send it first, then this again.")


@transaction.atomic
def connect(code: str, name: str, url: str, *, area: str, now: datetime) -> tuple[Source, str, str]:
    """A hotline, the secret of what it sends, and the secret of what it is sent.

    Raises:
        BadInput: not an address that webhooks may go to.
    """
    webhooks.check_url(url)
    told = Subscription(name=name, url=url, area_code=area, types=[NOT_OF_CASES])
    told.created_at = told.told_until = now
    ours = signing.give_secret(told)
    told.save()
    source = Source(
        code=code, name=name, kind=Source.Kind.HOTLINE, created_at=now, subscription=told
    )
    theirs = signing.give_secret(source)
    source.save()
    return source, theirs, ours


@transaction.atomic
def rotate(source: Source, *, grace_hours: int, now: datetime) -> tuple[str, str]:
    """New secrets of what a source sends and, of a hotline, of what it is sent.

    Both old ones hold for the hours of grace: we believe either, and sign with both.
    """
    theirs = signing.rotate(source, grace_hours=grace_hours, now=now)
    told = source.subscription
    ours = "" if told is None else signing.rotate(told, grace_hours=grace_hours, now=now)
    return theirs, ours


def receive(source: Source, message: Any, body: bytes, now: datetime) -> dict[str, Any]:
    """Acts on a message once; the answer, the same each time.

    Raises:
        BadInput, Missing: something is wrong with it.
        OrderUnknown: it is about an order that has not come.
        KeyReused: its id, or its order's number, came with other content before.
        HuyingError: the case does not allow it.
    """
    if not isinstance(message, dict):
        raise BadInput(_("A message is a JSON object."))
    name = text_of(message, "id", 60, needed=True)
    kind = text_of(message, "type", 20, needed=True)
    act = _ACTS.get(kind)
    if act is None:
        raise BadInput(_("There is no such type of message."), field="type")
    with once(f"hotline:{source.pk.hex}", "message", name, digest_of(body), now) as slot:
        if not slot.replayed:
            case = act(source, message, now)
            slot.answer = {"id": name, "order": message["order"], "case": case.number}
            slot.case_id = case.pk
        answer: dict[str, Any] = slot.answer
        return answer


def _order(source: Source, message: Mapping[str, Any], now: datetime) -> Case:
    """A new work order."""
    number = text_of(message, "order", 60, needed=True)
    digest = digest_of(*(repr((k, message[k])).encode() for k in sorted(message) if k != "id"))
    key = Key(f"orders:{source.pk.hex}", number, digest)
    known = HotlineOrder.objects.filter(source=source, number=number).select_related("case").first()
    if known is not None:
        if bytes(known.body_digest) != digest:
            raise KeyReused(_("This order's number came with other content before."))
        return known.case
    position = message.get("position") or {}
    if not isinstance(position, dict):
        raise BadInput(_("A position has a longitude and a latitude in degrees."), field="position")
    caller = message.get("caller") or {}
    if not isinstance(caller, dict):
        raise BadInput(_("A caller has a name and a phone."), field="caller")
    told = Told(
        channel=Channel.HOTLINE,
        text=text_of(message, "text", 20_000, needed=True),
        lon=degrees_of(position.get("lon")),
        lat=degrees_of(position.get("lat")),
        datum=text_of(position, "datum", 10) or "wgs84",
        address=text_of(message, "address", 200),
        area=text_of(message, "area", 15),
        item=text_of(message, "item", 4),
        occurred_at=moment_of(message.get("occurred_at")),
        contact_name=text_of(caller, "name", 40),
        contact_phone=text_of(caller, "phone", 30),
        photos=_pictures(message, now),
    )
    case = take(told, by=SYSTEM, now=now, key=key)
    HotlineOrder.objects.get_or_create(
        case=case,
        defaults={"source": source, "number": number, "body_digest": digest, "taken_at": now},
    )
    return case


def _supplement(source: Source, message: Mapping[str, Any], now: datetime) -> Case:
    """补充 and 催办: words, and pictures if there are any, for the case of an order."""
    case = _order_of(source, message).case
    words = text_of(message, "text", 20_000, needed=True)
    photos = _pictures(message, now)
    said = (
        now_("The hotline adds: %s")
        if message["type"] == "supplement"
        else now_("The hotline urges: %s")
    )
    if photos:
        return VERBS["attach"].do(case, by=SYSTEM, now=now, photos=photos, text=said % words)
    return VERBS["comment"].do(case, by=SYSTEM, now=now, text=said % words)


def _callback(source: Source, message: Mapping[str, Any], now: datetime) -> Case:
    """回访: what the caller said of it; with ``reopen`` the case begins again, once."""
    order = _order_of(source, message)
    for name in ("responded", "resolved", "satisfied", "reopen"):
        if message.get(name) not in (True, False, None):
            raise BadInput(_("This must be true or false."), field=name)
    words = text_of(message, "text", 20_000)
    case = order.case
    if message.get("reopen"):
        case = VERBS["reopen"].do(case, by=RESIDENT, now=now, reason=words)
    elif words and case.state in OPEN_STATES:
        case = VERBS["comment"].do(
            case, by=SYSTEM, now=now, text=now_("The hotline called back: %s") % words
        )
    order.called_back_at = now
    order.responded = message.get("responded")
    order.resolved = message.get("resolved")
    order.satisfied = message.get("satisfied")
    order.save(update_fields=["called_back_at", "responded", "resolved", "satisfied"])
    return case


def _withdraw(source: Source, message: Mapping[str, Any], now: datetime) -> Case:
    """撤单: the caller takes it back, as a resident may: until the unit has begun."""
    case = _order_of(source, message).case
    words = text_of(message, "text", 20_000, needed=True)
    return VERBS["resident_withdraw"].do(case, by=RESIDENT, now=now, reason=words)


def _extension_decision(source: Source, message: Mapping[str, Any], now: datetime) -> Case:
    """延期审批: of an order's deadline the hotline may decide, in place of the desk."""
    case = _order_of(source, message).case
    granted = message.get("granted")
    if granted not in (True, False):
        raise BadInput(_("This must be true or false."), field="granted")
    words = text_of(message, "text", 20_000, needed=not granted)
    if granted:
        said = now_("The hotline grants more time. %s") % words
        return VERBS["grant_extension"].do(case, by=SYSTEM, now=now, text=said.strip())
    said = now_("The hotline refuses more time: %s") % words
    return VERBS["refuse_extension"].do(case, by=SYSTEM, now=now, reason=said)


_ACTS: Final = {
    "order": _order,
    "supplement": _supplement,
    "urge": _supplement,
    "callback": _callback,
    "withdraw": _withdraw,
    "extension_decision": _extension_decision,
}


def _order_of(source: Source, message: Mapping[str, Any]) -> HotlineOrder:
    number = text_of(message, "order", 60, needed=True)
    orders = HotlineOrder.objects.filter(source=source, number=number)
    order = orders.select_related("case").select_for_update(of=("self",)).first()
    if order is None:
        raise OrderUnknown
    return order


def text_of(message: Mapping[str, Any], name: str, longest: int, *, needed: bool = False) -> str:
    value = message.get(name)
    if value in (None, ""):
        if needed:
            raise Missing(_("This is needed."), field=name)
        return ""
    if not isinstance(value, str) or len(value) > longest or not keepable(value):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field=name
        )
    if needed and not value.strip():
        raise Missing(_("This is needed."), field=name)
    return value.strip()


def degrees_of(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -180 <= value <= 180:
        raise BadInput(_("A position has a longitude and a latitude in degrees."), field="position")
    return float(value)


def moment_of(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadInput(
            _("This must be a time such as 2026-03-05T09:30:00+08:00."), field="occurred_at"
        )
    return found


def _pictures(message: Mapping[str, Any], now: datetime) -> tuple[UUID, ...]:
    """The pictures that came in the message itself; an address would be one to be led by."""
    sent = message.get("pictures") or []
    if not isinstance(sent, list) or len(sent) > MOST_AT_ONCE:
        raise BadInput(_("Nine photos at once at most."), field="pictures")
    return tuple(
        stage(picture(each), kind=Attachment.Kind.OTHER, by=SYSTEM, now=now).pk for each in sent
    )


def picture(value: Any) -> io.BytesIO:
    """A picture in Base64.

    Raises:
        BadInput: it is not.
    """
    try:
        return io.BytesIO(base64.b64decode(value, validate=True))
    except (binascii.Error, TypeError, ValueError):
        raise BadInput(_("A picture is sent in Base64."), field="pictures") from None
