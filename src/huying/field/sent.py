"""What the phone's outbox sends: a JSON object under a key, done once however often it comes."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.cases.idempotency import digest_of, once
from huying.errors import BadInput, Missing
from huying.field.here import me

LONGEST_BODY: Final = 200_000


def once_sent(
    request: HttpRequest, verb: str, about: bytes, do: Callable[[dict[str, Any]], Any]
) -> HttpResponseBase:
    """Does what the phone's outbox sends, once under its key however often it is sent."""
    actor, now = me(request), timezone.now()
    raw = request.read(LONGEST_BODY + 1)
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 80:
        raise Missing(_("This is needed."), field="Idempotency-Key")
    with once(f"account:{actor.account_id}", verb, key, digest_of(about, raw), now) as slot:
        if not slot.replayed:
            slot.answer = do(sent_json(raw))
        return JsonResponse(slot.answer)


def sent_json(raw: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(raw) if len(raw) <= LONGEST_BODY else None
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise BadInput(_("A message is a JSON object."))
    return sent


def text(sent: dict[str, Any], name: str) -> str:
    said = sent.get(name, "")
    if not isinstance(said, str):
        raise BadInput(_("This must be text."), field=name)
    return said


def identifier(said: Any, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(str(said))
    except ValueError:
        raise BadInput(_("This is no identifier."), field=name) from None


def identifiers(sent: dict[str, Any], name: str) -> list[uuid.UUID]:
    said = sent.get(name, [])
    if not isinstance(said, list):
        raise BadInput(_("This is no identifier."), field=name)
    return [identifier(each, name) for each in said]


def degrees(sent: dict[str, Any], name: str, most: float) -> float | None:
    said = sent.get(name)
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        raise BadInput(_("This must be a number."), field=name)
    if abs(said) > most:
        raise BadInput(_("This is no position."), field=name)
    return float(said)
