"""报警: what cameras and sensors send waits for a person; nothing becomes a case by itself.

The same device's alarm of the same kind, within the source's hours and metres of one that came
before, is folded into that one and counted; whatever has been decided on it holds. A picture is
read anew, so that nothing but its pixels is kept; nobody is looked for in it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from huying.audit.sm3 import sm3
from huying.cases.attaching import LARGEST_BYTES, LONGEST_SIDE, file_of, stage
from huying.cases.attaching import write as write_file
from huying.cases.idempotency import digest_of, once
from huying.cases.models import Attachment, Case, Channel
from huying.cases.pictures import read as read_picture
from huying.cases.reporting import Key
from huying.catalogue.versions import snapshot
from huying.errors import BadInput, Missing, NotAllowed, NotFound, TooLarge, WrongState
from huying.intake.hotline import degrees_of, moment_of, picture, text_of
from huying.intake.models import DeviceAlarm, Source
from huying.intake.reporting import Told, alarming_words, default_district, place_of, take
from huying.notices.kinds import kind
from huying.notices.signing import give_secret
from huying.notices.telling import Whom, tell
from huying.people.acting import Actor
from huying.people.models import Role
from huying.places import naming
from huying.places.measure import metres_between
from huying.places.models import CODE_LENGTH, Level

GRAVE = kind(
    "device_alarm",
    _("Alarm of a device"),
    _("{kind} at {place}: please look whether it is so."),
    alarm=True,
)
"""Told once: what is folded into an alarm later is counted on it."""

KEPT: Final = timedelta(days=90)
"""How long an alarm that was dismissed is kept, and its picture with it."""


def connect(code: str, name: str, *, now: datetime) -> tuple[Source, str]:
    """A source of alarms, and the secret of what it sends."""
    source = Source(code=code, name=name, kind=Source.Kind.ALARMS, created_at=now)
    secret = give_secret(source)
    source.save()
    return source, secret


def receive(source: Source, message: Any, body: bytes, now: datetime) -> dict[str, Any]:
    """Takes an alarm once; whether it was folded into one that came before.

    Raises:
        BadInput, Missing, TooLarge: something is wrong with it.
        KeyReused: its id came with other content before.
    """
    if not isinstance(message, dict):
        raise BadInput(_("A message is a JSON object."))
    name = text_of(message, "id", 60, needed=True)
    with once(f"alarms:{source.pk.hex}", "alarm", name, digest_of(body), now) as slot:
        if not slot.replayed:
            alarm, folded = _take(source, message, now)
            slot.answer = {"id": name, "alarm": str(alarm.pk), "folded": folded}
        answer: dict[str, Any] = slot.answer
        return answer


def _take(source: Source, message: Mapping[str, Any], now: datetime) -> tuple[DeviceAlarm, bool]:
    device, kind_ = (text_of(message, each, 60, needed=True) for each in ("device", "kind"))
    at = moment_of(message.get("time"))
    if at is None:
        raise Missing(_("This is needed."), field="time")
    position = message.get("position")
    if not isinstance(position, dict):
        raise Missing(_("This is needed."), field="position")
    told = Told(
        channel=Channel.API,
        text=kind_,
        lon=degrees_of(position.get("lon")),
        lat=degrees_of(position.get("lat")),
        datum=text_of(position, "datum", 10) or "wgs84",
    )
    if told.lon is None or told.lat is None:
        raise Missing(_("This is needed."), field="position")
    place = place_of(told, default_district())
    assert place.lon is not None
    assert place.lat is not None
    sure = message.get("confidence")
    if sure is not None and (
        isinstance(sure, bool) or not isinstance(sure, int | float) or not 0 <= sure <= 1
    ):
        raise BadInput(_("A confidence is a number from 0 to 1."), field="confidence")
    shot = message.get("image")
    # Two alarms of one device at the same moment: the second waits here, and folds.
    Source.objects.select_for_update().get(pk=source.pk)
    before = _before(source, device, kind_, at)
    for each in before:
        if metres_between(each.lon, each.lat, place.lon, place.lat) <= source.fold_metres:
            each.count += 1
            each.last_at = max(each.last_at, at)
            each.confidence = (
                max(each.confidence or 0, sure) if sure is not None else each.confidence
            )
            if shot and not each.has_picture:
                each.has_picture = keep_picture(each.pk, picture(shot))
            each.save()
            return each, True
    alarm = DeviceAlarm(
        source=source,
        device=device,
        kind=kind_,
        first_at=at,
        last_at=at,
        received_at=now,
        area_code=place.area_code,
        lon=place.lon,
        lat=place.lat,
        confidence=sure,
    )
    if shot:
        alarm.has_picture = keep_picture(alarm.pk, picture(shot))
    alarm.save(force_insert=True)
    if is_grave(source, kind_, now):
        _tell_desk(alarm, now)
    return alarm, False


def is_grave(source: Source, kind: str, now: datetime) -> bool:
    """Whether the desk is told at once: the source's list, or words that mean danger to life."""
    items = snapshot(now).active
    return source.finds_grave(kind) or any(alarming_words(kind, each) for each in items)


def _tell_desk(alarm: DeviceAlarm, now: datetime) -> None:
    """The town's desk, as of emergencies; the district's where no town is known."""
    tell(
        GRAVE,
        Whom(desks=(alarm.area_code[: CODE_LENGTH[Level.TOWN]],)),
        key=f"device-alarm:{alarm.pk}",
        district_code=alarm.area_code[: CODE_LENGTH[Level.DISTRICT]],
        now=now,
        path=reverse("device_alarm", args=[alarm.pk]),
        data={"kind": alarm.kind, "place": naming.own_name(alarm.area_code)},
    )


def _before(source: Source, device: str, kind: str, at: datetime) -> QuerySet[DeviceAlarm]:
    span = timedelta(hours=source.fold_hours)
    alarms = DeviceAlarm.objects.filter(source=source, device=device, kind=kind)
    return alarms.filter(first_at__gte=at - span, first_at__lte=at + span).order_by("-first_at")


def picture_file(alarm: UUID) -> Path:
    """Where an alarm's picture lies, apart from the attachments that a case takes up."""
    return file_of(alarm).with_suffix(".alarm.jpg")


def keep_picture(alarm: UUID, sent: io.BytesIO) -> bool:
    """Keeps a picture's pixels, and nothing else that came with them."""
    if sent.getbuffer().nbytes > LARGEST_BYTES:
        raise TooLarge(_("A photo may have 15 MB at most."), field="image")
    target = io.BytesIO()
    read_picture(sent, side=LONGEST_SIDE).save(target, "JPEG", quality=85)
    write_file({picture_file(alarm): target.getvalue()})
    return True


def may_see(actor: Actor) -> bool:
    """Desks decide on alarms, leaders look on."""
    return actor.role == Role.DISPATCHER or actor.is_leader


def seen_by(actor: Actor) -> QuerySet[DeviceAlarm]:
    """The alarms of the actor's area."""
    if not may_see(actor) or not actor.area_code:
        return DeviceAlarm.objects.none()
    return DeviceAlarm.objects.filter(area_code__startswith=actor.area_code)


def words_of(alarm: DeviceAlarm) -> str:
    """What the case will say."""
    said = now_("%(kind)s: alarm of the device %(device)s (%(source)s).") % {
        "kind": alarm.kind,
        "device": alarm.device,
        "source": alarm.source.name,
    }
    if alarm.confidence is not None:
        said += now_(" Confidence %s%%.") % math.floor(alarm.confidence * 100)
    if alarm.count > 1:
        said += now_(" It came %s times.") % alarm.count
    return said


@transaction.atomic
def confirm(pk: UUID, *, by: Actor, now: datetime, text: str = "", item: str = "") -> Case:
    """A person has looked: the alarm becomes a case, by the door that all reports take.

    Raises:
        NotAllowed: who acts is at no desk.
        NotFound: there is none in the actor's area.
        WrongState: somebody has decided already.
        HuyingError: as `intake.reporting.take`.
    """
    alarm = _locked(pk, by)
    photos = []
    if alarm.has_picture and picture_file(pk).is_file():
        with picture_file(pk).open("rb") as file:
            photos = [stage(file, kind=Attachment.Kind.OTHER, by=by, now=now).pk]
    told = Told(
        channel=Channel.API,
        text=text.strip() or words_of(alarm),
        lon=alarm.lon,
        lat=alarm.lat,
        item=item,
        occurred_at=min(alarm.first_at, now),
        photos=photos,
    )
    case = take(told, by=by, now=now, key=Key("device-alarm", pk.hex, sm3(pk.bytes)))
    alarm.state, alarm.case = DeviceAlarm.State.CONFIRMED, case
    alarm.decided_by_id, alarm.decided_at = by.account_id, now
    alarm.save()
    return case


@transaction.atomic
def dismiss(pk: UUID, *, by: Actor, now: datetime, reason: str) -> DeviceAlarm:
    """A person has looked, and it is nothing.

    Raises:
        BadInput: the reason is not on the list.
        NotAllowed, NotFound, WrongState: as `confirm`.
    """
    if reason not in DeviceAlarm.Reason.values:
        raise BadInput(_("This reason is not on the list."), field="reason")
    alarm = _locked(pk, by)
    alarm.state, alarm.reason = DeviceAlarm.State.DISMISSED, reason
    alarm.decided_by_id, alarm.decided_at = by.account_id, now
    alarm.save()
    return alarm


def _locked(pk: UUID, by: Actor) -> DeviceAlarm:
    alarm = (
        seen_by(by).select_for_update(of=("self",)).select_related("source").filter(pk=pk).first()
    )
    if alarm is None:
        raise NotFound
    if by.role != Role.DISPATCHER:
        raise NotAllowed
    if alarm.state != DeviceAlarm.State.WAITING:
        raise WrongState(_("Somebody has decided on this alarm already."))
    return alarm


def tidy(*, now: datetime) -> int:
    """Forgets what was decided long ago; how many went. The case keeps its own picture."""
    old = DeviceAlarm.objects.filter(decided_at__lt=now - KEPT)
    gone = list(old.values_list("pk", flat=True))
    old.delete()
    for pk in gone:
        picture_file(pk).unlink(missing_ok=True)
    return len(gone)
